rule download_dataset:
    """Fetch a labelled image set and store it as one NetCDF file."""
    output:
        netcdf="resources/datasets/{dataset}.nc",
    log:
        "logs/download_dataset/{dataset}.log",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=3000,
    params:
        source=dataset_source,
        code=code_digest("download_dataset.py", "data.yaml"),
    script:
        "../scripts/download_dataset.py"

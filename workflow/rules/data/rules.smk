"""Data sets and pretrained networks, retrieved once for all studies."""


# Runs where Snakemake does: the nodes of a cluster seldom reach the network.
rule download_dataset:
    """Fetch a labelled image set and store it as one NetCDF file."""
    output:
        netcdf="resources/datasets/{dataset}.nc",
    log:
        "logs/download_dataset/{dataset}.log",
    localrule: True
    conda:
        "../../../envs/data.yaml"
    resources:
        mem_mb=growing(3000),
        runtime=growing(60),
    params:
        source=dataset_source,
        code=code_digest("download_dataset.py", "data.yaml"),
    script:
        "../../scripts/download_dataset.py"


rule convert_pretrained:
    """Convert pretrained weights into a network of this package."""
    output:
        netcdf="resources/pretrained/{pretrained}.nc",
    log:
        "logs/convert_pretrained/{pretrained}.log",
    localrule: True
    conda:
        "../../../envs/torch.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        source=lookup(dpath="pretrained/{pretrained}", within=config),
        code=code_digest("convert_pretrained.py", "torch.yaml"),
    script:
        "../../scripts/convert_pretrained.py"

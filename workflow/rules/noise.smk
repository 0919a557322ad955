rule noise_dataset:
    """Write the noise cube of one level and one chunk of realisations."""
    input:
        dataset=rules.download_dataset.output.netcdf,
    output:
        cube=temp("results/cubes/{schedule}/{dataset}/step{step}/seed{seed}.nc"),
    log:
        "logs/noise_dataset/{schedule}/{dataset}/step{step}/seed{seed}.log",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=3000,
    params:
        level=noise_level,
        realisations=job_realisations,
        code=code_digest("noise_dataset.py", "data.yaml"),
    script:
        "../scripts/noise_dataset.py"

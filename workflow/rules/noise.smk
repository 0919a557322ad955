rule noise_dataset:
    """Write the noise cube of one level and one chunk of realisations."""
    input:
        dataset=rules.download_dataset.output.netcdf,
    output:
        cube=temp("results/cubes/{schedule}/{dataset}/step{step}/seed{seed}.nc"),
    params:
        level=noise_level,
        realisations=job_realisations,
        code=code_digest("noise_dataset.py", "data.yaml"),
    log:
        "logs/noise_dataset/{schedule}/{dataset}/step{step}/seed{seed}.log",
    threads: 1
    resources:
        mem_mb=3000,
    conda:
        "../../envs/data.yaml"
    script:
        "../scripts/noise_dataset.py"

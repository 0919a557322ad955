# A cube serves one job alone: shared ones, made again for a new model or study, would make
# Snakemake repeat every finished job that had read them.
rule noise_dataset:
    """Write the noise cube of one level and one chunk of realisations."""
    input:
        dataset=rules.download_dataset.output.netcdf,
    output:
        cube=temp("results/{study}/cubes/{dataset}/{model}/step{step}/seed{seed}.nc"),
    log:
        "logs/{study}/noise_dataset/{dataset}/{model}/step{step}/seed{seed}.log",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        level=noise_level,
        realisations=job_realisations,
        code=code_digest("noise_dataset.py", "data.yaml"),
    script:
        "../scripts/noise_dataset.py"

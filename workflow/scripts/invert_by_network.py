"""Train networks on Green's functions of one noise level, and infer densities by them."""

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.spectral import network_inversions

with job(snakemake) as provenance:
    wildcards = snakemake.wildcards
    found, cost = network_inversions.run(
        snakemake.params.settings,
        int(wildcards.times),
        int(wildcards.level),
        int(wildcards.seed),
        name=wildcards.spectral_study,
    )
    netcdf.write(found, snakemake.output.found, provenance)
    netcdf.write(cost, snakemake.output.cost, provenance)

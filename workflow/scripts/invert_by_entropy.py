"""Find the densities of largest entropy from noisy Green's functions."""

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.spectral import entropy_inversions

with job(snakemake) as provenance:
    wildcards = snakemake.wildcards
    found, cost = entropy_inversions.run(
        snakemake.params.settings,
        int(wildcards.times),
        int(wildcards.level),
        int(wildcards.seed),
        name=wildcards.spectral_study,
    )
    netcdf.write(found, snakemake.output.found, provenance)
    netcdf.write(cost, snakemake.output.cost, provenance)

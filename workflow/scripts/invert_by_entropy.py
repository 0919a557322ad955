"""Find the densities of largest entropy behind noisy Green's functions."""

from netphase import entropy_inversions, netcdf
from netphase.job import job

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

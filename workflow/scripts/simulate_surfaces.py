"""Simulate all closed surfaces of a tiling at one temperature, all realisations of each."""

from netphase.files import netcdf
from netphase.hyperbolic.surface_ising import simulate_surfaces
from netphase.jobs.job import job

with job(snakemake) as provenance:
    runs, costs = simulate_surfaces(
        snakemake.params.level,
        name=snakemake.wildcards.tiling,
        **snakemake.params.tiling,
        realisations=snakemake.params.realisations,
    )
    netcdf.write(runs, snakemake.output.runs, provenance)
    netcdf.write(costs, snakemake.output.costs, provenance)

"""Simulate a ladder of Ising lattices at one temperature, all realisations of each."""

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.lattices.ising import simulate_ladder

with job(snakemake) as provenance:
    runs, costs = simulate_ladder(
        snakemake.params.level,
        name=snakemake.wildcards.lattices_study,
        lattices=snakemake.params.lattices,
        realisations=snakemake.params.realisations,
    )
    netcdf.write(runs, snakemake.output.runs, provenance)
    netcdf.write(costs, snakemake.output.costs, provenance)

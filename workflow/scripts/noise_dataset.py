"""Write the noise cube of one level and one chunk of realisations."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.noise import cubes, schedule

with job(snakemake) as provenance:
    level = snakemake.params.level
    with xr.open_dataset(snakemake.input.dataset) as dataset:
        noised = cubes.build(
            dataset,
            snakemake.wildcards.dataset,
            *schedule.levels([level["step"]], **level["schedule"]),
            snakemake.params.realisations,
            **level["noise"],
        )
    netcdf.write(noised, snakemake.output.cube, provenance, cubes.encoding(noised))

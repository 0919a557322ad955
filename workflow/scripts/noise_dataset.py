"""Write the noise cube of one level and one chunk of realisations."""

import xarray as xr

from netphase import cube, netcdf, schedule
from netphase.job import job

with job(snakemake) as provenance:
    level = snakemake.params.level
    with xr.open_dataset(snakemake.input.dataset) as dataset:
        noised = cube.build(
            dataset,
            snakemake.wildcards.dataset,
            *schedule.levels([level["step"]], **level["schedule"]),
            snakemake.params.realisations,
            **level["noise"],
        )
    netcdf.write(noised, snakemake.output.cube, provenance, cube.encoding(noised))

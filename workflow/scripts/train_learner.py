"""Train and score a ladder of learners at one noise level, for a chunk of realisations."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.imports import load
from netphase.jobs.job import job
from netphase.learners.training import train_ladder
from netphase.noise import cubes, schedule

with job(snakemake) as provenance:
    level, realisations = snakemake.params.level, snakemake.params.realisations
    name, learner = snakemake.wildcards.dataset, snakemake.params.learner
    with xr.open_dataset(snakemake.input.data, mask_and_scale=False) as data:
        if "kappa" not in data.coords:
            level_of_noise = schedule.levels([level["step"]], **level["schedule"])
            data = cubes.build(data, name, *level_of_noise, realisations, **level["noise"])
        run, cost = train_ladder(
            data,
            dataset=name,
            name=snakemake.wildcards.model,
            model=snakemake.params.model,
            make=load(learner["path"]),
            size_name=learner["size_name"],
            realisations=realisations,
        )
    netcdf.write(run, snakemake.output.run, provenance)
    netcdf.write(cost, snakemake.output.cost, provenance)

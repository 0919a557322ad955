"""Score one network on the test images of a data set, at all noise levels of a study."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.learners import weight_files
from netphase.learners.evaluation import evaluate
from netphase.noise import schedule

with job(snakemake) as provenance:
    noising = snakemake.params.noising
    with xr.open_dataset(snakemake.input.weights) as saved:
        network = weight_files.load(saved, snakemake.input.weights)
    with xr.open_dataset(snakemake.input.dataset) as dataset:
        run, cost = evaluate(
            dataset,
            network,
            schedule.levels(noising["steps"], **noising["schedule"]),
            name=snakemake.wildcards.dataset,
            model=snakemake.wildcards.model,
            realisation=int(snakemake.wildcards.seed),
            settings=snakemake.params.settings,
            noise=noising["noise"],
        )
    netcdf.write(run, snakemake.output.run, provenance)
    netcdf.write(cost, snakemake.output.cost, provenance)

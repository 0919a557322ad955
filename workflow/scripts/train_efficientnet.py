"""Train one EfficientNet on the clean images of a data set."""

from pathlib import Path

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.learners.efficientnet_training import cost_of, train

with job(snakemake) as provenance:
    place = {name: snakemake.wildcards[name] for name in ("dataset", "model")}
    place |= {"realisation": int(snakemake.wildcards.seed)}
    checkpoint = Path(snakemake.params.checkpoint)
    with xr.open_dataset(snakemake.input.dataset) as dataset:
        weights, seconds = train(
            dataset,
            model=snakemake.params.model,
            key=place,
            checkpoint=checkpoint,
            provenance=provenance,
        )
    netcdf.write(weights, snakemake.output.weights, provenance)
    netcdf.write(cost_of(weights, seconds, **place), snakemake.output.cost, provenance)
    checkpoint.unlink(missing_ok=True)

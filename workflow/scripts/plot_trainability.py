"""Draw the accuracy at all depths and variances, and the predicted depth."""

import xarray as xr

from netphase.figures import style, trainability
from netphase.jobs.job import job

with job(snakemake):
    names = ("signals", "cascade", "prediction")
    beside = {
        name: xr.load_dataset(path) for name, path in snakemake.input.items() if name in names
    }
    trained = xr.load_dataset(snakemake.input.trained)
    figure = trainability.trainability(trained, **beside)
    style.save(figure, snakemake.output.svg, snakemake.output.png)

"""Draw the accuracy at all depths and variances, and the depth that is foretold."""

import xarray as xr

from netphase import figures, trainability_figures
from netphase.job import job

with job(snakemake):
    names = ("signals", "cascade", "prediction")
    beside = {
        name: xr.load_dataset(path) for name, path in snakemake.input.items() if name in names
    }
    trained = xr.load_dataset(snakemake.input.trained)
    figure = trainability_figures.trainability(trained, **beside)
    figures.save(figure, snakemake.output.svg, snakemake.output.png)

"""Draw signals in convolutional networks, compared with mean-field theory."""

import xarray as xr

from netphase.figures import style, trainability
from netphase.jobs.job import job

with job(snakemake):
    figure = trainability.convolutions(xr.load_dataset(snakemake.input.spectra))
    style.save(figure, snakemake.output.svg, snakemake.output.png)

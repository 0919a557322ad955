"""Draw how signals fare in networks of convolutions beside mean-field theory."""

import xarray as xr

from netphase import figures, trainability_figures
from netphase.job import job

with job(snakemake):
    figure = trainability_figures.convolutions(xr.load_dataset(snakemake.input.spectra))
    figures.save(figure, snakemake.output.svg, snakemake.output.png)

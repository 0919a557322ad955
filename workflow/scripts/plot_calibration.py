"""Draw the estimates of the analysis for Ising lattices beside the exact values."""

import xarray as xr

from netphase.figures import lattices, style
from netphase.jobs.job import job

with job(snakemake):
    figure = lattices.calibration(xr.load_dataset(snakemake.input.calibration))
    style.save(figure, snakemake.output.svg, snakemake.output.png)

"""Draw what the analysis finds for Ising lattices beside the exact values."""

import xarray as xr

from netphase import figures, lattice_figures
from netphase.job import job

with job(snakemake):
    figure = lattice_figures.calibration(xr.load_dataset(snakemake.input.calibration))
    figures.save(figure, snakemake.output.svg, snakemake.output.png)

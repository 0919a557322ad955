"""Draw the curves of all sizes against the scaled control, and the quality of their collapse."""

import xarray as xr

from netphase import figures, scaling_figures
from netphase.job import job

with job(snakemake):
    collapse = xr.load_dataset(snakemake.input.collapse)
    figure = scaling_figures.collapse_map(collapse.sel(dataset=snakemake.wildcards.dataset))
    figures.save(figure, snakemake.output.svg, snakemake.output.png)

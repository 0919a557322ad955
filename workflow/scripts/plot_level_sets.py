"""Draw how level sets of the normalised curves give the width."""

import xarray as xr

from netphase import figures, network_figures
from netphase.job import job

with job(snakemake):
    runs = xr.load_dataset(snakemake.input.runs).sel(dataset=snakemake.wildcards.dataset)
    figure = network_figures.level_sets(runs)
    figures.save(figure, snakemake.output.svg, snakemake.output.png)

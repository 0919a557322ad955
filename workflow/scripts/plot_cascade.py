"""Draw how well the images of a data set are reconstructed from each layer."""

import xarray as xr

from netphase import figures, signal_figures
from netphase.job import job

with job(snakemake):
    cascade, signals = (
        xr.load_dataset(snakemake.input[kind]).sel(dataset=snakemake.wildcards.dataset)
        for kind in ("cascade", "signals")
    )
    figure = signal_figures.cascade(cascade, signals)
    figures.save(figure, snakemake.output.svg, snakemake.output.png)

"""Draw the reconstruction errors of the images of a data set from each layer."""

import xarray as xr

from netphase.figures import criticality, style
from netphase.jobs.job import job

with job(snakemake):
    cascade, signals = (
        xr.load_dataset(snakemake.input[kind]).sel(dataset=snakemake.wildcards.dataset)
        for kind in ("cascade", "signals")
    )
    figure = criticality.cascade(cascade, signals)
    style.save(figure, snakemake.output.svg, snakemake.output.png)

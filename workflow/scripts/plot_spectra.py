"""Draw the entropy and the gap of the Gram spectra of a data set across the layers."""

import xarray as xr

from netphase import figures, signal_figures
from netphase.job import job

with job(snakemake):
    signals = xr.load_dataset(snakemake.input.signals)
    figure = signal_figures.spectra(signals.sel(dataset=snakemake.wildcards.dataset))
    figures.save(figure, snakemake.output.svg, snakemake.output.png)

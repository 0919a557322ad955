"""Draw the widths of all level sets against size in every coordinate."""

import pandas as pd
import xarray as xr

from netphase import figures, network_figures
from netphase.job import job

with job(snakemake):
    table = pd.read_csv(snakemake.input.widths).fillna({"ladder": ""})
    with xr.open_dataset(snakemake.input.runs) as runs:
        name = figures.size_name(runs)
    figure = network_figures.widths(table[table.dataset == snakemake.wildcards.dataset], name)
    figures.save(figure, snakemake.output.svg, snakemake.output.png)

"""Draw the widths of all level sets against size in every coordinate."""

import pandas as pd
import xarray as xr

from netphase.figures import efficientnets, style
from netphase.jobs.job import job

with job(snakemake):
    table = pd.read_csv(snakemake.input.widths).fillna({"ladder": ""})
    with xr.open_dataset(snakemake.input.runs) as runs:
        name = style.size_name(runs)
    figure = efficientnets.widths(table[table.dataset == snakemake.wildcards.dataset], name)
    style.save(figure, snakemake.output.svg, snakemake.output.png)

"""Draw the widths of all level sets against size in every coordinate."""

import pandas as pd
import xarray as xr

from netphase.figures import efficientnets, noise
from netphase.jobs.job import job

with job(snakemake):
    table = pd.read_csv(snakemake.input.widths).fillna({"ladder": ""})
    with xr.open_dataset(snakemake.input.runs) as runs:
        name = noise.size_name(runs)
    figure = efficientnets.widths(table[table.dataset == snakemake.wildcards.dataset], name)
    noise.save(figure, snakemake.output.svg, snakemake.output.png)

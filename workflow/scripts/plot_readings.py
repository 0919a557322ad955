"""Draw transition point and width under every reading of the papers."""

import pandas as pd

from netphase.figures import readings, style
from netphase.jobs.job import job

with job(snakemake):
    table = pd.read_csv(snakemake.input.csv)
    figure = readings.readings(table[table.dataset == snakemake.wildcards.dataset])
    style.save(figure, snakemake.output.svg, snakemake.output.png)

"""Draw transition point and width under every reading of the papers."""

import pandas as pd

from netphase.figures import noise, readings
from netphase.jobs.job import job

with job(snakemake):
    table = pd.read_csv(snakemake.input.csv)
    figure = readings.readings(table[table.dataset == snakemake.wildcards.dataset])
    noise.save(figure, snakemake.output.svg, snakemake.output.png)

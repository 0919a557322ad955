"""Draw one image of a data set."""

import xarray as xr

from netphase import figures
from netphase.job import job

with job(snakemake), xr.open_dataset(snakemake.input.dataset) as dataset:
    place, class_name = figures.example_of(dataset, snakemake.params.example_class)
    figure = figures.example_image(dataset.image[place].values, class_name)
    figures.save(figure, snakemake.output.svg, snakemake.output.png)

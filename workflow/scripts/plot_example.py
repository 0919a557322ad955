"""Draw one image of a data set."""

import xarray as xr

from netphase.figures import noise, style
from netphase.jobs.job import job

with job(snakemake), xr.open_dataset(snakemake.input.dataset) as dataset:
    place, class_name = noise.example_of(dataset, snakemake.params.example_class)
    figure = noise.example_image(dataset.image[place].values, class_name)
    style.save(figure, snakemake.output.svg, snakemake.output.png)

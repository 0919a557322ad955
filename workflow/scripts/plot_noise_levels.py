"""Draw one image at several noise levels."""

import xarray as xr

from netphase import figures
from netphase.examples import noised_example
from netphase.job import job

with job(snakemake), xr.open_dataset(snakemake.input.dataset) as dataset:
    place, class_name = figures.example_of(dataset, snakemake.params.example_class)
    panels = noised_example(
        dataset,
        snakemake.wildcards.dataset,
        place,
        snakemake.params.steps,
        snakemake.params.noising,
    )
    figure = figures.noise_levels(panels, class_name)
    figures.save(figure, snakemake.output.svg, snakemake.output.png)

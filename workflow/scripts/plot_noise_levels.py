"""Draw one image at several noise levels."""

import xarray as xr

from netphase.figures import noise, style
from netphase.jobs.job import job
from netphase.noise.examples import noised_example

with job(snakemake), xr.open_dataset(snakemake.input.dataset) as dataset:
    place, class_name = noise.example_of(dataset, snakemake.params.example_class)
    panels = noised_example(
        dataset,
        snakemake.wildcards.dataset,
        place,
        snakemake.params.steps,
        snakemake.params.noising,
    )
    figure = noise.noise_levels(panels, class_name)
    style.save(figure, snakemake.output.svg, snakemake.output.png)

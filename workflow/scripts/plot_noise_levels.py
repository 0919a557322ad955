"""Draw one image at several noise levels."""

import numpy as np
import xarray as xr

from netphase import cube, figures, schedule
from netphase.job import job

with job(snakemake), xr.open_dataset(snakemake.input.dataset) as dataset:
    noise, steps = snakemake.params.noising["noise"], snakemake.params.steps
    image, split = dataset["image"].values, dataset["split"].values
    scaling = cube.standardisation(image, split, noise["standardise"], noise["fit_on"])
    shown = int(np.argmax(dataset["label"].values == snakemake.params.example_class))
    panels = [
        (
            level.kappa,
            cube.noised(
                image, snakemake.wildcards.dataset, level, 0, scaling,
                share_levels=noise["share_levels"], rows=slice(shown, shown + 1),
                dtype=np.dtype(np.float32), step=np.float32(1),
            )[0],
        )
        for level in schedule.levels(steps, **snakemake.params.noising["schedule"])
    ]  # fmt: skip
    _, class_name = figures.example_of(dataset, snakemake.params.example_class)
    figure = figures.noise_levels(panels, class_name)
    figures.save(figure, snakemake.output.svg, snakemake.output.png)

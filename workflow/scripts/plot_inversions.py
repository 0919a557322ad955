"""Draw recovered spectral densities: examples, errors, the end of recovery, exact systems."""

import xarray as xr

from netphase.figures import spectral, style
from netphase.jobs.job import job

with job(snakemake):
    inversions = xr.load_dataset(snakemake.input.inversions)
    found = xr.load_dataset(snakemake.input.transition)
    drawn = {
        "examples": spectral.examples(inversions, found),
        "exact_systems": spectral.exact_systems(inversions, found),
        "comparison": spectral.comparison(found),
        "recoverability": spectral.recoverability(found),
    }
    for name, figure in drawn.items():
        style.save(figure, snakemake.output[f"{name}_svg"], snakemake.output[f"{name}_png"])

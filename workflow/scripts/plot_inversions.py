"""Draw what is recovered of spectral densities: examples, errors, the end of it, exact systems."""

import xarray as xr

from netphase import figures, spectral_figures
from netphase.job import job

with job(snakemake):
    inversions = xr.load_dataset(snakemake.input.inversions)
    found = xr.load_dataset(snakemake.input.transition)
    drawn = {
        "examples": spectral_figures.examples(inversions, found),
        "exact_systems": spectral_figures.exact_systems(inversions, found),
        "comparison": spectral_figures.comparison(found),
        "recoverability": spectral_figures.recoverability(found),
    }
    for name, figure in drawn.items():
        figures.save(figure, snakemake.output[f"{name}_svg"], snakemake.output[f"{name}_png"])

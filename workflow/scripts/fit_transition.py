"""Fit the sigmoid to every curve of a study."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.transitions.sigmoid import fit_transition

with job(snakemake) as provenance:
    transition = fit_transition(xr.load_dataset(snakemake.input.runs))
    netcdf.write(transition, snakemake.output.netcdf, provenance)
    table = transition.to_dataframe(dim_order=["dataset", "size", "model", "split", "curve"])
    with netcdf.whole_or_nothing(snakemake.output.csv) as temporary:
        # No model has all sizes where each has its own.
        table[table.n_parameters >= 0].to_csv(temporary)

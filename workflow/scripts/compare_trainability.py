"""Compare the depth to which perceptrons can be trained with its predictors."""

import xarray as xr

from netphase.criticality.trainability import compare, predictions
from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.streams import stream

with job(snakemake) as provenance:
    trained, signals, cascade = (
        xr.load_dataset(snakemake.input[name]) for name in ("trained", "signals", "cascade")
    )
    rng = stream("predictions of depth", network=snakemake.wildcards.network)
    found = compare(trained, predictions(signals, cascade), rng)
    netcdf.write(found, snakemake.output.prediction, provenance)

"""Recommend the size of network for every noise level of a study."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.scaling.recommendation import recommend
from netphase.streams import stream

with job(snakemake) as provenance:
    rng = stream("recommendation", study=snakemake.wildcards.noise_study)
    recommendation = recommend(xr.load_dataset(snakemake.input.runs), rng)
    netcdf.write(recommendation, snakemake.output.netcdf, provenance)
    table = recommendation.drop_dims(["draw", "size", "wanted"])
    with netcdf.whole_or_nothing(snakemake.output.csv) as temporary:
        table.to_dataframe().to_csv(temporary)

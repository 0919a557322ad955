"""Join the cascades of all networks, and find their cutoffs and optimal weight variances."""

import xarray as xr

from netphase.criticality.cascades import join
from netphase.criticality.summaries import with_last_errors
from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.streams import stream

with job(snakemake) as provenance:
    rng = stream("best variance", study=snakemake.wildcards.criticality_study)
    cascades = [xr.load_dataset(path) for path in snakemake.input.cascades]
    joined = with_last_errors(join(cascades, snakemake.params.tolerance, rng))
    netcdf.write(joined, snakemake.output.cascade, provenance)

"""Join all layer widths, and find the least at which deep networks surpass the shallow one."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.streams import stream
from netphase.weights.depth_crossing import compare
from netphase.weights.repeats import with_means

with job(snakemake) as provenance:
    networks = [xr.load_dataset(path) for path in snakemake.input.accuracies]
    rng = stream("crossing of depths", dataset=snakemake.params.dataset)
    compared = with_means(compare(networks, rng), ["mean_accuracy"])
    netcdf.write(compared, snakemake.output.netcdf, provenance)

"""Join all widths, and find the one from which deep networks surpass the shallow one."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.streams import stream
from netphase.weights.depth_crossing import compare

with job(snakemake) as provenance:
    networks = [xr.load_dataset(path) for path in snakemake.input.accuracies]
    rng = stream("crossing of depths", dataset=snakemake.params.dataset)
    netcdf.write(compare(networks, rng), snakemake.output.netcdf, provenance)

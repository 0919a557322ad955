"""Join all widths, and find the one from which deep networks surpass the shallow one."""

import xarray as xr

from netphase import depth, netcdf
from netphase.job import job
from netphase.streams import stream

with job(snakemake) as provenance:
    networks = [xr.load_dataset(path) for path in snakemake.input.accuracies]
    rng = stream("crossing of depths", dataset=snakemake.params.dataset)
    netcdf.write(depth.compare(networks, rng), snakemake.output.netcdf, provenance)

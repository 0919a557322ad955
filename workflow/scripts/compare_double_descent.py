"""Join all networks, and describe how the test cross-entropy of each kind goes with the width."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.weights.loss_peak import compare

with job(snakemake) as provenance:
    networks = [xr.load_dataset(path) for path in snakemake.input.networks]
    netcdf.write(compare(networks), snakemake.output.netcdf, provenance)

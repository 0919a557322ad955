"""Join all networks, and describe the test cross-entropy of each kind against layer width."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.weights.double_descent import QUANTITIES
from netphase.weights.loss_peak import compare
from netphase.weights.repeats import with_means

with job(snakemake) as provenance:
    networks = [xr.load_dataset(path) for path in snakemake.input.networks]
    compared = with_means(compare(networks), QUANTITIES)
    netcdf.write(compared, snakemake.output.netcdf, provenance)

"""Join the spectra of all random convolutional networks, and find their decay lengths."""

import xarray as xr

from netphase.criticality.convolution_phases import compare
from netphase.files import netcdf
from netphase.jobs.job import job

with job(snakemake) as provenance:
    spectra = [xr.load_dataset(path) for path in snakemake.input.spectra]
    limits = {name: snakemake.params.spectra[name] for name in ("flat", "least")}
    netcdf.write(compare(spectra, **limits), snakemake.output.spectra, provenance)

"""Join the Gram spectra of all networks, and find the critical weight variance."""

import xarray as xr

from netphase.criticality.signals import join
from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.streams import stream

with job(snakemake) as provenance:
    rng = stream("critical variance", study=snakemake.wildcards.criticality_study)
    spectra = [xr.load_dataset(path) for path in snakemake.input.spectra]
    signals = join(spectra, snakemake.params.bias_variance, rng)
    netcdf.write(signals, snakemake.output.signals, provenance)

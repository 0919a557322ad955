"""Calibrate the analysis by the exactly known transition of Ising lattices."""

import xarray as xr

from netphase.files import json_files, netcdf
from netphase.findings.lattices import answer, judge
from netphase.jobs.job import job
from netphase.lattices.calibration import calibrate, table
from netphase.streams import stream

with job(snakemake) as provenance:
    rng = stream("calibration", study=snakemake.wildcards.lattices_study)
    runs, costs = (xr.load_dataset(snakemake.input[kind]) for kind in ("runs", "costs"))
    calibration = calibrate(runs, costs, snakemake.params.smallest, rng)
    netcdf.write(calibration, snakemake.output.netcdf, provenance)
    with netcdf.whole_or_nothing(snakemake.output.csv) as temporary:
        table(calibration).to_csv(temporary, index=False)
    json_files.write(answer(calibration), snakemake.output.findings)
    json_files.write(judge(calibration), snakemake.output.verdicts)

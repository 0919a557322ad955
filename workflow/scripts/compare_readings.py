"""Compare the transitions of a study with those under other readings of the papers."""

import xarray as xr

from netphase.files import json_files, netcdf
from netphase.findings.readings import answer
from netphase.jobs.job import job
from netphase.scaling.readings import compare_readings

with job(snakemake):
    readings = snakemake.params.readings
    table = compare_readings(
        {name: xr.load_dataset(path) for name, path in zip(readings, snakemake.input, strict=True)},
        {name: reading["schedule"] for name, reading in readings.items()},
        {name: reading["words"] for name, reading in readings.items()},
        snakemake.wildcards.noise_study,
    )
    with netcdf.whole_or_nothing(snakemake.output.csv) as temporary:
        table.to_csv(temporary, index=False)
    json_files.write(answer(table), snakemake.output.json)

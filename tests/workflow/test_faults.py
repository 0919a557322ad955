"""Faults in the middle of a run: no partial or damaged file is ever taken for a result."""

import hashlib
import re
import subprocess
import threading
import time

import numpy as np
import psutil
import pytest

from netphase.files import netcdf

KILLS = 20
RUN = "results/tiny/runs/digits/mlp/step1000/seed0.nc"
CUBE = "results/tiny/cubes/digits/mlp/step1000/seed0.nc"
AGGREGATE = "results/tiny/statistics.nc"


def digests(workflow):
    files = [*sorted((workflow / "results/tiny/runs").rglob("*.nc")), workflow / AGGREGATE]
    return {
        path.relative_to(workflow.folder): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def jobs_of(workflow):
    """The processes that run a script of this workflow."""
    script = re.compile(re.escape(f"{workflow.folder}/.snakemake/scripts/"))
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if script.search(" ".join(process.info["cmdline"] or ()))
    ]


class Killer(threading.Thread):
    """Kills jobs of a workflow, each at a random moment of its life, until it has killed enough."""

    def __init__(self, workflow, rng):
        super().__init__()
        self.workflow, self.rng = workflow, rng
        self.kills, self.over = 0, False
        self.longest = 2.5

    def run(self):
        while self.kills < KILLS and not self.over:
            jobs = jobs_of(self.workflow)
            if not jobs:
                time.sleep(0.02)
                continue
            delay = self.rng.uniform(0, self.longest)
            time.sleep(delay)
            try:
                jobs[0].kill()
                jobs[0].wait()
                self.kills += 1
            except psutil.NoSuchProcess:
                # So long a job does not live on this machine.
                self.longest = delay


@pytest.mark.slow
def test_jobs_killed_at_random_moments_leave_nothing(workflow, new_workflow):
    config = workflow.config
    config["studies"]["noise"]["tiny"]["models"]["mlp"]["max_iter"] = 200
    undisturbed = new_workflow("undisturbed")
    workflow.config = undisturbed.config = config
    undisturbed.snakemake("--cores", "2", AGGREGATE)
    killer = Killer(workflow, np.random.default_rng(20))
    killer.start()
    done = workflow.snakemake("--retries", str(KILLS), AGGREGATE)
    killer.over = True
    killer.join()
    # A job may have ended between the look at it and the kill.
    killed = done.stdout.count("died with <Signals.SIGKILL: 9>")
    assert KILLS // 2 <= killed <= killer.kills
    assert digests(workflow) == digests(undisturbed)
    assert not list(workflow.folder.rglob("*.part"))


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize("damage", [flip_a_bit, truncate])
@pytest.mark.parametrize("damaged", [RUN, CUBE, "resources/datasets/digits.nc"])
def test_a_damaged_file_is_named_and_made_again(finished, damaged, damage):
    undisturbed = digests(finished)
    if damaged == CUBE:
        (finished / RUN).unlink()
        finished.snakemake("--notemp", CUBE)
    damage(finished / damaged)
    refused = finished.snakemake(RUN, AGGREGATE, succeeds=False)
    assert f"netphase: {damaged}: damaged" in refused.stdout
    (finished / damaged).unlink()
    finished.snakemake(RUN, AGGREGATE)
    assert digests(finished) == undisturbed


def test_a_damaged_file_that_nothing_reads_is_found_by_a_check(finished):
    flip_a_bit(finished / AGGREGATE)
    with pytest.raises(Exception, match=r"statistics\.nc: damaged"):
        netcdf.check(finished / AGGREGATE)


def test_of_two_runs_at_once_the_second_is_refused(workflow, first_run):
    first = subprocess.Popen(**workflow.command(AGGREGATE))
    while not (workflow / ".snakemake/locks").exists():
        assert first.poll() is None
        time.sleep(0.05)
    second = workflow.snakemake(AGGREGATE, succeeds=False)
    assert "LockException" in second.stdout or "cannot be locked" in second.stdout
    output, _ = first.communicate()
    assert first.returncode == 0, output
    assert digests(workflow) == digests(first_run)

"""The workflow on a real Slurm: the same bits as at home, whatever happens on the way."""

import hashlib
import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
PROFILE = ("--profile", "slurm", "--slurm-init-seconds-before-status-checks", "5")
# Costs are times, which no two runs share; what is made of them is not compared.
COMPARED = ("runs/**/*.nc", "runs.nc", "statistics.nc", "transition.nc", "transition.csv")
TRAINING = "train_mlp"
AGGREGATE = "results/tiny/statistics.nc"
# Long enough that something can happen to it in the middle.
LONG = {"hidden": [64], "max_iter": 1500, "tol": 0, "n_iter_no_change": 1500}


def digests(workflow, study):
    """File -> sha256 of all run files and aggregates of a study."""
    folder = workflow / f"results/{study}"
    files = [path for pattern in COMPARED for path in sorted(folder.glob(pattern))]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def submissions(output):
    return re.findall(r"has been submitted with SLURM jobid (\d+)", output)


@pytest.fixture(scope="module")
def new_long(new_workflow):
    """Make the tiny study with one model that trains for some seconds."""

    def make(name):
        workflow = new_workflow(name)
        config = workflow.config
        config["studies"]["tiny"] |= {"steps": [1000], "realisations": 1, "models": {"long": LONG}}
        workflow.config = config
        return workflow

    return make


@pytest.fixture
def long(new_long):
    return new_long("slurm")


@pytest.fixture(scope="module")
def undisturbed(new_long):
    """Digests of the same study, run at home."""
    workflow = new_long("undisturbed")
    workflow.snakemake(AGGREGATE)
    return digests(workflow, "tiny")


class Running:
    """Snakemake on the cluster, in a process of its own."""

    def __init__(self, workflow, *args):
        command = workflow.command(*PROFILE, *args, "--", AGGREGATE)
        self.process = subprocess.Popen(**command, start_new_session=True)
        self.output = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.output += line

    def finish(self):
        """Its exit status, once it has ended."""
        status = self.process.wait(timeout=600)
        self._reader.join()
        return status

    def kill(self):
        """End Snakemake itself without notice; its jobs on the cluster live on."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.finish()


def training_job(slurm, workflow):
    """(id, node, process) of the training job of a workflow, once it trains."""
    script = re.compile(
        re.escape(f"{workflow.folder}/.snakemake/scripts/") + rf"\w+\.{TRAINING}\.py"
    )

    def found():
        jobs = [job[:2] for job in slurm.jobs("running") if TRAINING in job[2]]
        processes = [
            process
            for process in psutil.process_iter(["cmdline"])
            if script.search(" ".join(process.info["cmdline"] or ()))
        ]
        return jobs and processes and (*jobs[0], processes[0])

    return slurm.wait_for(found, "training", 120)


def test_digits_give_the_same_bits_as_at_home(slurm, new_workflow):
    """The full default study, verbatim as a user types it."""
    at_home, on_cluster = new_workflow("home"), new_workflow("cluster")
    for workflow in (at_home, on_cluster):
        (workflow / "config/config.yaml").write_text((ROOT / "config/config.yaml").read_text())
    at_home.snakemake("--cores", "2", "mlp_digits")
    done = on_cluster.snakemake("--profile", "slurm", "mlp_digits")
    assert len(submissions(done.stdout)) <= 40
    expected = digests(at_home, "mlp_digits")
    assert len(expected) == 11 + 4
    assert digests(on_cluster, "mlp_digits") == expected
    assert on_cluster.plan("mlp_digits") == {}
    assert on_cluster.plan("--profile", "slurm", "mlp_digits") == {}


def test_a_cancelled_job_is_submitted_again(slurm, long, undisturbed):
    run = Running(long)
    job, _, _ = training_job(slurm, long)
    slurm.run("scancel", job)
    assert run.finish() == 0, run.output
    assert digests(long, "tiny") == undisturbed


def test_a_killed_training_process_is_started_again(slurm, long, undisturbed):
    run = Running(long)
    _, _, process = training_job(slurm, long)
    process.kill()
    assert run.finish() == 0, run.output
    assert digests(long, "tiny") == undisturbed


def test_a_lost_node_is_left_out(slurm, long, undisturbed):
    run = Running(long)
    _, node, _ = training_job(slurm, long)
    slurm.run("scontrol", "update", f"nodename={node}", "state=down", "reason=test")
    assert run.finish() == 0, run.output
    assert digests(long, "tiny") == undisturbed
    # A node whose daemon still answers comes back by itself.
    slurm.wait_for(lambda: slurm.states()[node] == "idle", f"{node} idle")


def test_a_job_that_ran_out_of_time_gets_more(slurm, long, undisturbed):
    run = Running(long, "--set-resources", f"{TRAINING}:runtime=attempt")
    _, _, process = training_job(slurm, long)
    process.suspend()
    assert run.finish() == 0, run.output
    assert "TIMEOUT" in run.output
    assert digests(long, "tiny") == undisturbed


def test_a_job_that_ran_out_of_memory_gets_more(slurm, long, undisturbed):
    few = f"{TRAINING}:mem_mb=300*attempt"
    done = long.snakemake(*PROFILE, "--set-resources", few, "--", AGGREGATE)
    assert re.search("OUT_OF_MEMORY|CANCELLED|FAILED", done.stdout)
    assert digests(long, "tiny") == undisturbed


def test_snakemake_may_be_killed_and_started_again(slurm, long, undisturbed):
    run = Running(long)
    training_job(slurm, long)
    run.kill()
    assert slurm.jobs("running")
    long.snakemake("--unlock")
    long.snakemake(*PROFILE, AGGREGATE)
    assert digests(long, "tiny") == undisturbed
    slurm.wait_for(lambda: not slurm.jobs("running", "pending"), "the first job's end", 120)
    time.sleep(1)
    assert digests(long, "tiny") == undisturbed
    assert not list((long / "results").rglob("*.part"))

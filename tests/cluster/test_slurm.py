"""The workflow on a real Slurm: the same bits as at home, whatever happens on the way."""

import hashlib
import os
import re
import signal
import subprocess
import threading
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
PROFILE = ("--profile", "slurm", "--slurm-init-seconds-before-status-checks", "5")
# Costs are times, which no two runs share; what is made of them is not compared.
COMPARED = ("runs/**/*.nc", "runs.nc", "statistics.nc", "transition.nc", "transition.csv")
TRAINING = "train_learner"
AGGREGATE = "results/tiny/statistics.nc"
STEPS = (0, 300, 1000, 3000)
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
def new_study(new_workflow):
    """Make the tiny study with one model that trains for some seconds, at the given steps."""

    def make(name, *steps):
        workflow = new_workflow(name)
        config = workflow.config
        config["studies"]["noise"]["tiny"] |= {
            "steps": list(steps),
            "realisations": 1,
            "models": {"long": LONG},
        }
        workflow.config = config
        return workflow

    return make


@pytest.fixture(scope="module")
def undisturbed(new_study):
    """Digests of the run files of all steps, made at home."""
    workflow = new_study("undisturbed", *STEPS)
    workflow.snakemake("--cores", "2", AGGREGATE)
    return digests(workflow, "tiny")


def same_runs(workflow, undisturbed):
    """Whether all run files of a workflow are the undisturbed ones, and no part of one is left."""
    found = digests(workflow, "tiny")
    runs = [path for path in found if path.startswith("runs/")]
    assert len(runs) == len(workflow.config["studies"]["noise"]["tiny"]["steps"])
    assert not list((workflow / "results").rglob("*.part"))
    return all(found[path] == undisturbed[path] for path in runs)


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


def training_jobs(slurm):
    """Step -> (id, node, process) of the jobs that train at this moment."""
    processes = {}
    for process in psutil.process_iter(["cmdline"]):
        if re.search(rf"\.{TRAINING}\.py$", " ".join(process.info["cmdline"] or ())):
            try:
                processes[process.environ().get("SLURM_JOB_ID")] = process
            except psutil.NoSuchProcess:
                continue
    return {
        int(comment.split("_")[-2]): (job, node, processes[job])
        for job, node, comment in slurm.jobs("running")
        if TRAINING in comment and job in processes
    }


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
    reruns_are_those_of_a_local_run(on_cluster)


def reruns_are_those_of_a_local_run(finished):
    """Nothing, then what new code and one more realisation ask for."""

    def plan():
        on_cluster, at_home = (
            {rule: sorted(outputs) for rule, outputs in finished.plan(*args, "mlp_digits").items()}
            for args in (("--profile", "slurm"), ())
        )
        assert on_cluster == at_home
        return {rule: len(outputs) for rule, outputs in on_cluster.items()}

    assert plan() == {}
    figures = finished / "workflow/scripts/netphase/figures/style.py"
    figures.write_text(figures.read_text() + "CHANGED = 1\n")
    drawn = plan()
    assert len(drawn) == 9 and all(rule.startswith("plot_") for rule in drawn)
    config = finished.config
    config["studies"]["noise"]["mlp_digits"]["realisations"] += 1
    finished.config = config
    assert plan().items() >= {"noise_dataset": 11, TRAINING: 11, "aggregate_runs": 1}.items()


def test_jobs_that_are_cancelled_killed_lost_or_late_are_done_again(slurm, new_study, undisturbed):
    workflow = new_study("faults", *STEPS)
    lost_node = None
    run = Running(workflow, "--set-resources", f"{TRAINING}:runtime=attempt")
    faults = dict(zip(STEPS, ("cancel", "kill", "lose the node", "hang"), strict=True))
    while faults:
        hit = slurm.wait_for(lambda: faults.keys() & training_jobs(slurm), "training", 180)
        for step in hit:
            job, node, process = training_jobs(slurm)[step]
            match faults.pop(step):
                case "cancel":
                    slurm.run("scancel", job)
                case "kill":
                    process.kill()
                case "lose the node":
                    lost_node = node
                    slurm.run("scontrol", "update", f"nodename={node}", "state=down", "reason=test")
                case "hang":
                    process.suspend()
    assert run.finish() == 0, run.output
    for state in ("CANCELLED", "FAILED", "NODE_FAIL", "TIMEOUT"):
        assert f"SLURM status is: '{state}'" in run.output
    assert same_runs(workflow, undisturbed)
    # A node whose daemon still answers comes back by itself.
    slurm.wait_for(lambda: slurm.states()[lost_node] == "idle", f"{lost_node} idle")
    # The lost node was never told to end its job.
    for process in psutil.process_iter(["cmdline"]):
        if any(str(workflow.folder) in word for word in process.info["cmdline"] or ()):
            process.kill()


def test_a_job_that_ran_out_of_memory_gets_more(slurm, new_study, undisturbed):
    workflow = new_study("memory", STEPS[0])
    few = f"{TRAINING}:mem_mb=300*attempt"
    done = workflow.snakemake(*PROFILE, "--set-resources", few, "--", AGGREGATE)
    assert "Exceeded job memory limit" in log_of_failed_training(workflow)
    assert "Trying to restart" in done.stdout
    assert same_runs(workflow, undisturbed)


def log_of_failed_training(workflow):
    """What Slurm wrote of the training jobs that failed."""
    logs = (workflow / "logs/slurm").glob(f"rule_{TRAINING}/*/*.log")
    return "".join(path.read_text() for path in logs)


def test_snakemake_may_be_killed_and_started_again(slurm, new_study, undisturbed):
    workflow = new_study("restart", STEPS[0])
    run = Running(workflow)
    slurm.wait_for(lambda: training_jobs(slurm), "training", 180)
    run.kill()
    assert slurm.jobs("running")
    workflow.snakemake("--unlock")
    workflow.snakemake(*PROFILE, AGGREGATE)
    assert same_runs(workflow, undisturbed)
    # The first job lives on beside the second, and ends in the same bits.
    slurm.wait_for(lambda: not slurm.jobs("running", "pending"), "the first job's end", 120)
    assert same_runs(workflow, undisturbed)

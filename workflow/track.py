"""Export a finished study to MLflow, one run for each network (`make track STUDY=study`).

Runs go to MLFLOW_TRACKING_URI, or else to the folder mlruns/, into the experiment of the study's
name. Networks that are there already, with the same numbers, are not added again.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr

# MLflow keeps folders as they are but wants to be asked for them; it reads this when imported.
os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

METRICS = ("accuracy", "precision", "recall", "f1")
PROVENANCE = ("netphase_version", "git_commit", "code_sha256", "parameters_sha256")
DIGEST = "netphase.digest"
# The most metrics that MLflow takes at once.
BATCH = 1000


class Network(NamedTuple):
    """One trained network as it is exported to MLflow; losses are those of its epochs."""

    name: str
    params: dict[str, str]
    metrics: dict[str, float]
    losses: list[float]
    tags: dict[str, str]

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self, sort_keys=True).encode()).hexdigest()


def networks(study: str) -> Iterator[Network]:
    """The networks of the run files that a study's run cube was joined from."""
    with xr.open_dataset(Path("results") / study / "runs.nc") as cube:
        if cube.attrs.get("protocol") == "trained_once":
            sys.exit(f"netphase: {study}: only networks trained at each noise level are exported")
        files = json.loads(cube.attrs["input_sha256"])
    for path in sorted(files):
        run = xr.load_dataset(path).squeeze(["dataset", "model", "step"])
        for size in run["size"].values:
            for realisation in run["realisation"].values:
                yield describe(run.sel(size=size, realisation=realisation))


def describe(network: xr.Dataset) -> Network:
    """Parameters, metrics, learning curve and provenance of one network of a run file."""
    place = {name: network[name].item() for name in ("dataset", "model", "size", "step")}
    seed = network["realisation"].item()
    hyperparameters = json.loads(network.attrs["parameters"])["model"]
    sizes = "hidden" if "hidden" in hyperparameters else "sizes"
    hyperparameters |= {sizes: place["size"], "seed": seed}
    coordinates = {name: network[name].item() for name in ("kappa", "alpha_bar", "n_parameters")}
    params = {key: place[key] for key in ("dataset", "model", "step")}
    params |= coordinates | hyperparameters
    metrics = {
        f"{split}_{name}": network[name].sel(split=split).item()
        for split in network["split"].values
        for name in METRICS
    }
    # Not every learner goes by epochs.
    history = [name for name in ("epochs", "final_loss") if name in network]
    metrics |= {name: network[name].item() for name in history}
    losses = network["loss_curve"].values if history else np.empty(0)
    return Network(
        "{dataset} {model} {size} step {step}".format(**place) + f" seed {seed}",
        {key: str(value) for key, value in params.items()},
        {key: float(value) for key, value in metrics.items()},
        losses[np.isfinite(losses)].tolist(),
        {key: network.attrs[key] for key in PROVENANCE},
    )


def known_digests(client: MlflowClient, experiment: str) -> set[str]:
    """Digests of the networks that an earlier export has finished."""
    digests, token = set(), None
    while True:
        page = client.search_runs(
            [experiment], "attributes.status = 'FINISHED'", max_results=1000, page_token=token
        )
        digests |= {run.data.tags.get(DIGEST) for run in page}
        token = page.token
        if not token:
            return digests


def log(client: MlflowClient, experiment: str, network: Network) -> None:
    """Add one network as a finished run."""
    now = int(1000 * time.time())
    tags = network.tags | {DIGEST: network.digest}
    run = client.create_run(experiment, start_time=now, run_name=network.name).info.run_id
    metrics = [Metric(key, value, now, 0) for key, value in network.metrics.items()]
    metrics += [Metric("loss", loss, now, epoch) for epoch, loss in enumerate(network.losses, 1)]
    client.log_batch(
        run,
        params=[Param(key, value) for key, value in network.params.items()],
        tags=[RunTag(key, value) for key, value in tags.items()],
    )
    for first in range(0, len(metrics), BATCH):
        client.log_batch(run, metrics=metrics[first : first + BATCH])
    client.set_terminated(run, end_time=now)


def main(study: str) -> None:
    """Export one study, and print how many networks were new."""
    client = MlflowClient(os.environ.get("MLFLOW_TRACKING_URI", Path("mlruns").resolve().as_uri()))
    try:
        found = list(networks(study))
    except FileNotFoundError as error:
        sys.exit(f"netphase: {error.filename} is missing; compute it: make run TARGET={study}")
    experiment = client.get_experiment_by_name(study)
    experiment = experiment.experiment_id if experiment else client.create_experiment(study)
    known = known_digests(client, experiment)
    new = [network for network in found if network.digest not in known]
    for network in new:
        log(client, experiment, network)
    print(f"{study}: {len(new)} of {len(found)} networks added")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("netphase: name one finished study: make track STUDY=mlp_digits")
    main(sys.argv[1])

"""MLflow returns the values that the run files of a study hold.

Needs MLflow, which only the optional environment of this folder has.
"""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

pytest.importorskip("mlflow")

SCRIPT = Path(__file__).parents[2] / "workflow" / "track.py"
DIMS = ("dataset", "model", "size", "step", "realisation")
EPOCHS = 5


def run_file(step: int, rng: np.random.Generator) -> xr.Dataset:
    """Two sizes and three realisations of one step, as training writes them."""
    shape = (1, 1, 2, 1, 3)
    epochs = rng.integers(2, EPOCHS + 1, shape).astype(np.int32)
    done = np.arange(EPOCHS) < epochs[..., None]
    scores = {
        name: ((*DIMS, "split"), rng.random((*shape, 2)))
        for name in ("accuracy", "precision", "recall", "f1")
    }
    return xr.Dataset(
        scores
        | {
            "epochs": (DIMS, epochs),
            "final_loss": (DIMS, rng.random(shape)),
            "loss_curve": ((*DIMS, "epoch"), np.where(done, rng.random((*shape, EPOCHS)), np.nan)),
        },
        coords={
            "dataset": ["digits"],
            "model": ["mlp"],
            "size": [2, 4],
            "step": [step],
            "realisation": [0, 1, 2],
            "split": ["train", "test"],
            "kappa": ("step", [step / 7]),
            "alpha_bar": ("step", [0.5]),
            "n_parameters": (("dataset", "model", "size"), [[[10, 20]]]),
        },
        attrs={
            "netphase_version": "0.1.0",
            "git_commit": "0123abcd",
            "code_sha256": "c" * 64,
            "parameters_sha256": "p" * 64,
            "parameters": json.dumps({"model": {"hidden": [2, 4], "alpha": 1e-4}}),
        },
    )


def store(steps: list[int], seed: int = 0) -> xr.Dataset:
    """Write the files of a study with these steps; returns its run cube."""
    rng = np.random.default_rng(seed)
    paths = {step: Path(f"results/tiny/runs/digits/mlp/step{step}/seed0.nc") for step in steps}
    runs = [run_file(step, rng) for step in steps]
    for path, run in zip(paths.values(), runs, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        run.to_netcdf(path)
    cube = xr.concat(runs, "step", data_vars="minimal", coords="minimal", compat="override")
    cube.attrs = {"input_sha256": json.dumps({str(path): "" for path in paths.values()})}
    cube.to_netcdf("results/tiny/runs.nc")
    return cube


@pytest.fixture
def track(tmp_path, monkeypatch):
    """The script as a module, in an empty folder."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    return runpy.run_path(str(SCRIPT), run_name="track")


def stored_runs(uri="mlruns"):
    from mlflow import MlflowClient

    client = MlflowClient(uri)
    (experiment,) = [e for e in client.search_experiments() if e.name == "tiny"]
    return client, client.search_runs([experiment.experiment_id], max_results=1000)


def test_every_network_of_the_run_cube_comes_back(track, capsys):
    cube = store([0, 300])
    track["main"]("tiny")
    assert capsys.readouterr().out == "tiny: 12 of 12 networks added\n"
    client, runs = stored_runs()
    seen = set()
    for run in runs:
        params = run.data.params
        key = {"step": int(params["step"]), "size": int(params["hidden"])}
        network = cube.sel(key | {"realisation": int(params["seed"])}).squeeze()
        seen.add((*key.values(), params["seed"]))
        assert (params["dataset"], params["model"], params["alpha"]) == ("digits", "mlp", "0.0001")
        assert float(params["kappa"]) == network.kappa
        for split in ("train", "test"):
            for name in ("accuracy", "precision", "recall", "f1"):
                expected = network[name].sel(split=split)
                assert run.data.metrics[f"{split}_{name}"] == expected
        assert run.data.metrics["epochs"] == network.epochs
        curve = client.get_metric_history(run.info.run_id, "loss")
        curve = [point.value for point in sorted(curve, key=lambda point: point.step)]
        np.testing.assert_array_equal(curve, network.loss_curve[: int(network.epochs)])
        assert run.info.status == "FINISHED" and run.data.tags["git_commit"] == "0123abcd"
        assert run.data.tags["code_sha256"] == "c" * 64
        assert run.data.tags["netphase_version"] == "0.1.0"
    assert len(seen) == len(runs) == 12


def test_second_export_adds_only_what_is_new(track, capsys):
    store([0])
    track["main"]("tiny")
    track["main"]("tiny")
    store([0, 300])
    track["main"]("tiny")
    said = capsys.readouterr().out.splitlines()
    assert said == [f"tiny: {n} of {m} networks added" for n, m in ((6, 6), (0, 6), (6, 12))]
    store([0, 300], seed=1)
    track["main"]("tiny")
    assert len(stored_runs()[1]) == 24


def test_other_store(track, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "elsewhere").as_uri())
    store([0])
    track["main"]("tiny")
    assert len(stored_runs((tmp_path / "elsewhere").as_uri())[1]) == 6
    assert not (tmp_path / "mlruns").exists()


def test_study_that_is_not_finished_is_refused_in_one_line(track):
    with pytest.raises(SystemExit, match=r"^netphase: .*tiny/runs\.nc is missing; .* TARGET=tiny$"):
        track["main"]("tiny")

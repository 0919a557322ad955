"""From photographs to a figure in seconds: one network, three noise levels, no workflow."""

import numpy as np
import pytest
from mirror import mirror_with
from run_cubes import SCHEDULE_2025 as SCHEDULE

from netphase.data import datasets
from netphase.figures import efficientnets, noise
from netphase.learners.efficientnet_training import IDENTITY, train
from netphase.learners.evaluation import evaluate
from netphase.learners.weight_files import load
from netphase.noise import schedule
from netphase.runs.aggregation import aggregate

MIRROR = mirror_with("cifar-100-binary/train.bin")
MODEL = {
    "width": 0.0266, "depth": 0.25, "divisor": 4, "stem_stride": 2, "dropout": 0.2,
    "drop_connect": 0.2, "epochs": 2, "warmup_epochs": 1, "batch_size": 128,
    "learning_rate": 0.1, "momentum": 0.9, "weight_decay": 5e-4, "label_smoothing": 0,
    "padding": 4, "precision": "float32", "device": "cpu",
}  # fmt: skip
NOISE = {"family": "gaussian", "x0_scale": "uint8_255", "renormalise": "none"}
NOISE |= {"shared_batch": False}


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """The first 2,000 training and 500 test images of CIFAR-100."""
    folder = tmp_path_factory.mktemp("cifar")
    for name, n in (("train", 2000), ("test", 500)):
        raw = (MIRROR / f"cifar-100-binary/{name}.bin").read_bytes()
        (folder / f"{name}.bin").write_bytes(raw[: n * 3074])
    spec = {"source": "cifar", "train": ["train.bin"], "test": ["test.bin"], "labels": 2}
    return datasets.read("cifar", spec, [folder], folder)


@pytest.mark.skipif(MIRROR is None, reason="NETPHASE_MIRROR holds no cifar-100-binary")
def test_photographs_to_a_figure(photographs, tmp_path):
    key = {"dataset": "cifar", "model": "small", "realisation": 0}
    weights, _ = train(
        photographs,
        model=MODEL,
        key=key,
        checkpoint=tmp_path / "checkpoint.nc",
        provenance=dict.fromkeys(IDENTITY, ""),
    )
    assert weights.attrs["n_parameters"] == 10_088
    assert float(weights.loss[-1]) < np.log(100) + 0.2
    run, _ = evaluate(
        photographs,
        load(weights, "weights"),
        schedule.levels([7, 1000, 2500], **SCHEDULE),
        name="cifar",
        model="small",
        realisation=0,
        settings={"resolution": None, "head": "open", "precision": "float32", "device": "cpu"},
        noise=NOISE,
    )
    assert run.accuracy.notnull().all() and (run.nll > 0).all()
    figure = efficientnets.steps(aggregate([run]).sel(dataset="cifar"))
    noise.save(figure, tmp_path / "steps.svg", tmp_path / "steps.png")
    assert (tmp_path / "steps.png").stat().st_size > 5000

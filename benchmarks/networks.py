"""Race the networks against other implementations, on one core, and add that to summary.json.

The contenders of a race take turns of about a second each, whatever else the machine does then
slows all alike, and a ratio is the median of those of the rounds. Times are process CPU seconds.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from efficientnet_lite_pytorch import EfficientNet as LitePyTorch
from efficientnet_pytorch import EfficientNet as PyTorch
from efficientnet_pytorch.utils import get_model_params
from summary import SUMMARY, cpu_seconds, entry, publish
from torch.nn import functional as F

from netphase.learners.efficientnet_training import train
from netphase.learners.efficientnets import PUBLISHED, EfficientNet, logits_of
from netphase.learners.evaluation import BATCH_PIXELS
from netphase.streams import stream

os.environ["KERAS_BACKEND"] = "torch"
import keras
from keras.src.applications.efficientnet import EfficientNet as KerasEfficientNet

ROUNDS = 5
# Images of a turn of evaluation, at the resolution of the published networks.
IMAGES, SIDE = 20, 224
# Images of a batch of the others, which are fastest so.
OTHER_BATCH = 5
# Parameters: width, and steps of a turn of training.
SIZES = {"1e4": (0.0266, 16), "1e5": (0.1965, 8), "1e6": (0.75, 4)}
FAMILY = {"depth": 0.25, "divisor": 4, "stem_stride": 2, "dropout": 0.2, "drop_connect": 0.2}
CLASSES, BATCH = 100, 128
SGD = {"learning_rate": 0.1, "momentum": 0.9, "weight_decay": 5e-4}


def race(name: str, contenders: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """CPU seconds of every contender in every round, after a turn that does not count."""
    seconds = {contender: [] for contender in contenders}
    for number in range(1 + ROUNDS):
        for contender, turn in contenders.items():
            seconds[contender].append(turn())
        print(f"{name}, round {number} of {ROUNDS}", file=sys.stderr)
    return {contender: values[1:] for contender, values in seconds.items()}


def lead(seconds: Mapping[str, list[float]], other: str) -> float:
    """How many times faster than another we are, median of the rounds."""
    return statistics.median(b / a for a, b in zip(seconds["ours"], seconds[other], strict=True))


def evaluation() -> dict:
    """Images per CPU second at the published resolution."""
    images = stream("photographs").uniform(0, 255, (IMAGES, SIDE, SIDE, 3)).astype(np.float32)
    planes = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
    n = BATCH_PIXELS // SIDE**2

    def ours(name):
        network = EfficientNet(PUBLISHED[name], (127.0,) * 3, (128.0,) * 3).folded()
        batches = [images[start : start + n] for start in range(0, IMAGES, n)]
        return lambda: cpu_seconds(lambda: [logits_of(network, batch, False) for batch in batches])

    def pytorch(network):
        network.eval()
        batches = ((planes - 127) / 128).split(OTHER_BATCH)

        def turn():
            with torch.inference_mode():
                return [network(batch) for batch in batches]

        return lambda: cpu_seconds(turn)

    def in_keras():
        network = keras.applications.EfficientNetB0(weights=None)
        batches = np.split(images, IMAGES // OTHER_BATCH)
        return lambda: cpu_seconds(lambda: [network.predict_on_batch(batch) for batch in batches])

    lite0 = race(
        "evaluation of Lite0",
        {"ours": ours("lite0"), "other": pytorch(LitePyTorch.from_name("efficientnet-lite0"))},
    )
    b0 = race(
        "evaluation of B0",
        {
            "ours": ours("b0"),
            "other": pytorch(PyTorch.from_name("efficientnet-b0")),
            "keras": in_keras(),
        },
    )
    what = f"{SIDE} x {SIDE} pixels, one thread"
    claims = {}
    for name, seconds, other in (
        ("lite0", lite0, "efficientnet_lite_pytorch"),
        ("b0", b0, "efficientnet_pytorch"),
    ):
        rate = IMAGES / statistics.median(seconds["ours"])
        claims[f"{name}_evaluation"] = entry(rate, "images/CPU s", None, what)
        claims[f"{name}_evaluation_over_{other}"] = entry(
            lead(seconds, "other"), "ratio", 1.4, what
        )
    claims["b0_evaluation_over_keras"] = entry(
        lead(b0, "keras"), "ratio", 2, f"{what}; keras {keras.__version__} on torch"
    )
    return claims


def training() -> dict:
    """Steps of training, of images of CIFAR's shape."""
    claims = {}
    for size, (width, n_steps) in SIZES.items():
        n = BATCH * n_steps
        images = stream("images").integers(0, 256, (n, 32, 32, 3), np.uint8)
        labels = stream("labels").integers(0, CLASSES, n)
        seconds = race(
            f"training of {size} parameters",
            {
                "ours": our_training(width, images, labels),
                "other": pytorch_training(width, images, labels),
                "keras": keras_training(width, images, labels),
            },
        )
        what = f"width {width}, batches of {BATCH} images of 32 x 32 pixels, one thread"
        rate = n / statistics.median(seconds["ours"])
        claims |= {
            f"training_{size}": entry(rate, "images/CPU s", None, what),
            f"training_{size}_over_efficientnet_pytorch": entry(
                lead(seconds, "other"), "ratio", 1.4, what
            ),
            f"training_{size}_over_keras": entry(
                lead(seconds, "keras"), "ratio", 2, f"{what}; keras {keras.__version__} on torch"
            ),
        }
    return claims


def our_training(width, images, labels) -> Callable[[], float]:
    """One epoch as a job trains it, augmentation included."""
    dataset = xr.Dataset(
        {
            "image": (("sample", "y", "x", "channel"), images),
            "label": ("sample", labels, {"flag_values": np.arange(CLASSES)}),
            "split": ("sample", np.zeros(len(images), np.int8)),
        }
    )
    model = FAMILY | SGD | {"width": width, "batch_size": BATCH, "epochs": 1, "warmup_epochs": 0}
    model |= {"padding": 4, "label_smoothing": 0.0, "precision": "float32", "device": "cpu"}
    key = {"dataset": "bench", "model": "ours", "realisation": 0}

    def turn():
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = Path(folder) / "checkpoint.nc"
            _, seconds = train(dataset, model=model, key=key, checkpoint=checkpoint, provenance={})
        return seconds

    return turn


def pytorch_training(width, images, labels) -> Callable[[], float]:
    """The same steps with efficientnet-pytorch, in the layout that it comes in."""
    blocks, parameters = get_model_params(
        "efficientnet-b0", {"num_classes": CLASSES, "image_size": 32}
    )
    parameters = parameters._replace(
        width_coefficient=width,
        depth_coefficient=FAMILY["depth"],
        depth_divisor=FAMILY["divisor"],
        dropout_rate=FAMILY["dropout"],
        drop_connect_rate=FAMILY["drop_connect"],
    )
    network = PyTorch(blocks, parameters).train()
    optimiser = torch.optim.SGD(
        network.parameters(), SGD["learning_rate"], SGD["momentum"], nesterov=True,
        weight_decay=SGD["weight_decay"],
    )  # fmt: skip
    planes = torch.from_numpy(images / np.float32(255)).permute(0, 3, 1, 2).contiguous()
    batches = list(zip(planes.split(BATCH), torch.from_numpy(labels).split(BATCH), strict=True))

    def epoch():
        for x, y in batches:
            loss = F.cross_entropy(network(x), y)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()

    return lambda: cpu_seconds(epoch)


def keras_training(width, images, labels) -> Callable[[], float]:
    """The same steps with keras."""
    network = KerasEfficientNet(
        width,
        FAMILY["depth"],
        32,
        FAMILY["dropout"],
        FAMILY["drop_connect"],
        FAMILY["divisor"],
        weights=None,
        classes=CLASSES,
        classifier_activation=None,
    )
    optimiser = keras.optimizers.SGD(
        SGD["learning_rate"], SGD["momentum"], nesterov=True, weight_decay=SGD["weight_decay"]
    )
    network.compile(optimiser, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    n_batches = len(labels) // BATCH
    x, y = np.split(images.astype(np.float32), n_batches), np.split(labels, n_batches)

    def epoch():
        for batch, truth in zip(x, y, strict=True):
            network.train_on_batch(batch, truth)

    return lambda: cpu_seconds(epoch)


def memory() -> dict:
    """Peak memory of an evaluation, in a process of its own."""
    script = Path(__file__).with_name("evaluation_memory.py")
    peak = int(subprocess.check_output([sys.executable, script]))
    what = "1000 photographs of 299 x 299 pixels, two noise levels, Lite0"
    return {"evaluation_memory": entry(peak / 1e9, "GB", -2, what)}


def main() -> None:
    """Run all races."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=SUMMARY, help="file of claims to add to")
    output = parser.parse_args().output
    torch.set_num_threads(1)
    # A process starts with the peak of the one that starts it, so this comes first.
    claims = memory() | evaluation() | training()
    kept = json.loads(output.read_text()) if output.exists() else {}
    publish(claims, output, kept)


if __name__ == "__main__":
    main()

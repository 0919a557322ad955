"""One training job: an EfficientNet on clean images, epoch by epoch, to be taken up where it fell.

Stochastic gradient descent with Nesterov's momentum; the learning rate rises over the warm-up and
falls to zero with the last epoch as a cosine (Loshchilov and Hutter 2017). It never stops early:
before its last epoch such a schedule has no network that is worth keeping.
"""

import itertools
import logging
import math
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from torch.nn import functional as F

from netphase.errors import InputError
from netphase.files import netcdf
from netphase.jobs.costs import cpu_model
from netphase.jobs.progress import Progress
from netphase.learners import weight_files
from netphase.learners.efficientnets import Architecture, EfficientNet
from netphase.streams import stream

ARCHITECTURE = ("width", "depth", "divisor", "stem_stride", "dropout", "drop_connect")
# A checkpoint that differs in one of these belongs to another training.
IDENTITY = ("code_sha256", "parameters_sha256", "input_sha256", "library_versions")

log = logging.getLogger(__name__)


def choose_device(wanted: str) -> torch.device:
    """The device of a job: cpu (one thread), cuda, or auto, which is cuda where there is one.

    Raises
    ------
    InputError
        cuda is wanted where there is none.
    """
    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise InputError("device: there is no CUDA device here; choose auto or cpu")
    torch.set_num_threads(1)
    torch.backends.cudnn.deterministic = True
    return torch.device("cuda" if there and wanted != "cpu" else "cpu")


def colour(image: np.ndarray, name: str) -> np.ndarray:
    """Images (sample, y, x, 3) of a data set of this name; grey ones get three equal channels.

    Raises
    ------
    InputError
        Pixels are no bytes, or have neither one channel nor three.
    """
    image = image if image.ndim == 4 else image[..., np.newaxis]
    if image.dtype != np.uint8 or image.shape[-1] not in (1, 3):
        raise InputError(
            f"datasets.{name}: EfficientNets take 8-bit images of one channel or three, not "
            f"{image.dtype} of {image.shape[-1]}"
        )
    return image if image.shape[-1] == 3 else np.repeat(image, 3, axis=-1)


class Augmentation:
    """Random crops of the images within a black frame, and random left-right flips.

    Parameters
    ----------
    images : (sample, y, x, channel)
    padding : width of the frame in pixels
    """

    def __init__(self, images: np.ndarray, padding: int):
        sides = ((padding, padding), (padding, padding))
        framed = np.pad(images, ((0, 0), *sides, (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(framed, images.shape[1:3], (1, 2))
        self._windows = np.moveaxis(windows, 3, -1)
        self._n_places = 2 * padding + 1

    def epoch(self, order: np.ndarray, batch_size: int, rng: np.random.Generator):
        """Batches of an epoch: (rows, images), the images contiguous; none has a single one."""
        places = rng.integers(self._n_places, size=(2, order.size))
        flips = rng.integers(2, size=order.size, dtype=bool)
        # Normalisation over a single image is undefined: one that is left over joins the others.
        bounds = [*range(0, max(1, order.size - 1), batch_size), order.size]
        for part in itertools.starmap(slice, itertools.pairwise(bounds)):
            batch = self._windows[order[part], places[0, part], places[1, part]]
            flipped = flips[part]
            batch[flipped] = batch[flipped, :, ::-1]
            yield order[part], batch


def learning_rate(step: int, n_steps: int, n_warm: int, highest: float) -> float:
    """Rate of a step: linear to the highest over n_warm steps, then half a cosine to zero."""
    if step < n_warm:
        return highest * (step + 1) / n_warm
    return highest * (1 + math.cos(math.pi * (step - n_warm) / (n_steps - n_warm))) / 2


def train(
    dataset: xr.Dataset,
    *,
    model: Mapping,
    key: Mapping[str, int | str],
    checkpoint: Path,
    provenance: Mapping[str, str],
) -> tuple[xr.Dataset, float]:
    """Train one network, from its checkpoint where there is one.

    Every random draw of an epoch comes from a stream of its own, so that a job which was killed
    ends in the same bits as one that was not.

    Parameters
    ----------
    dataset : as `netphase.data.datasets.read` returns it
    model : its entry in the configuration
    key : coordinates of the job (dataset, model, realisation) and of its random streams
    checkpoint : file that holds the training after each epoch
    provenance : of the job; it tells whether a checkpoint is its own

    Returns
    -------
    weights : of `netphase.learners.weight_files.save`, with loss(epoch) and accuracy(epoch) of the
        training
    seconds : CPU time spent, that of earlier attempts included

    Raises
    ------
    InputError
        A damaged checkpoint; training has diverged.
    """
    device = choose_device(model["device"])
    rows = np.flatnonzero(dataset.split.values == 0)
    images = colour(dataset.image.values[rows], key["dataset"])
    labels = torch.from_numpy(dataset.label.values[rows].astype(np.int64))
    n_classes = len(dataset.label.attrs["flag_values"])
    chosen = {name: model[name] for name in ARCHITECTURE}
    mean, square = (
        part.sum((0, 1, 2), dtype=np.int64) / part[..., 0].size
        for part in (images, np.square(images, dtype=np.uint16))
    )
    deviation = np.sqrt(square - mean**2)
    deviation[deviation == 0] = 1
    architecture = Architecture(**chosen, n_classes=n_classes)
    network = EfficientNet(architecture, mean.tolist(), deviation.tolist())
    network.initialise(stream("init", **key))
    network.to(device)
    optimiser = torch.optim.SGD(
        network.parameters(), momentum=model["momentum"], nesterov=True,
        weight_decay=model["weight_decay"], fused=True,
    )  # fmt: skip
    augmentation = Augmentation(images, model["padding"])
    n_batches = max(1, -(-(len(images) - 1) // model["batch_size"]))
    n_steps, n_warm = (n_batches * model[part] for part in ("epochs", "warmup_epochs"))
    curves = np.full((2, model["epochs"]), np.nan)
    first, seconds = _resume(checkpoint, provenance, network, optimiser, curves)
    half = model["precision"] == "bfloat16"
    log.info("%d parameters, %s", network.n_parameters, device)

    network.train()
    for epoch in range(first, model["epochs"]):
        start, progress, done = time.process_time(), Progress(log), 0
        torch.manual_seed(int(stream("dropout", epoch=epoch, **key).integers(2**62)))
        order = stream("shuffle", epoch=epoch, **key).permutation(len(images))
        batches = augmentation.epoch(
            order, model["batch_size"], stream("augment", epoch=epoch, **key)
        )
        total, correct = (torch.zeros((), device=device, dtype=torch.float64) for _ in range(2))
        for i, (picked, batch) in enumerate(batches):
            rate = learning_rate(epoch * n_batches + i, n_steps, n_warm, model["learning_rate"])
            for group in optimiser.param_groups:
                group["lr"] = rate
            x = torch.from_numpy(batch).to(device).permute(0, 3, 1, 2).float()
            y = labels[torch.from_numpy(picked)].to(device)
            with torch.autocast(device.type, torch.bfloat16, enabled=half):
                logits = network(x)
            loss = F.cross_entropy(logits.float(), y, label_smoothing=model["label_smoothing"])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            total += loss.detach() * len(y)
            correct += (logits.argmax(1) == y).sum()
            done += len(y)
            progress.info("epoch %d: %d %% of the images", epoch + 1, 100 * done // len(images))
        curves[:, epoch] = float(total) / done, float(correct) / done
        log.info("epoch %d: loss %.4f, training accuracy %.4f", epoch + 1, *curves[:, epoch])
        if not np.isfinite(curves[0, epoch]):
            raise InputError(
                f"{key['model']}: training has diverged; choose a smaller learning_rate"
            )
        seconds += time.process_time() - start
        state = _state(network, optimiser, curves)
        state = state.assign_attrs(epochs=epoch + 1, cpu_seconds=seconds)
        netcdf.write(state, checkpoint, provenance)
    return weight_files.save(network).merge(_described(curves)), seconds


def cost_of(
    network: xr.Dataset, seconds: float, *, dataset: str, model: str, realisation: int
) -> xr.Dataset:
    """CPU time of one training over (dataset, model, size, realisation).

    Parameters
    ----------
    network : the weights of `train`; seconds : their cost
    """
    words = {"long_name": "process CPU time of training", "units": "s"}
    dims = ("dataset", "model", "size", "realisation")
    return xr.Dataset(
        {"training_seconds": (dims, [[[[seconds]]]], words)},
        {
            "dataset": [dataset],
            "model": [model],
            "size": ("size", [network.attrs["n_parameters"]], weight_files.SIZE),
            "realisation": ("realisation", [realisation], weight_files.REALISATION),
        },
        {"title": f"cost of training {model} on {dataset}", "cpu_model": cpu_model()},
    )


def _described(curves):
    epoch = np.arange(1, curves.shape[1] + 1, dtype=np.int32)
    words = {"loss": "mean training loss of the epoch", "accuracy": "training accuracy, on the way"}
    return xr.Dataset(
        {
            name: ("epoch", curve, {"long_name": meaning, "units": "1"})
            for (name, meaning), curve in zip(words.items(), curves, strict=True)
        },
        {"epoch": ("epoch", epoch, {"long_name": "training epoch", "units": "1"})},
    )


def _state(network, optimiser, curves):
    parameters = dict(network.named_parameters())
    momentum = {
        f"momentum.{name}": optimiser.state[parameter]["momentum_buffer"]
        for name, parameter in parameters.items()
    }
    return weight_files.save(network).merge(weight_files.pack(momentum)).merge(_described(curves))


def _resume(checkpoint, provenance, network, optimiser, curves):
    """Set network, optimiser and curves to the checkpoint: epochs done, and seconds spent."""
    if not checkpoint.exists():
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        return 0, 0.0
    netcdf.check(checkpoint)
    with xr.open_dataset(checkpoint) as state:
        if any(state.attrs.get(name) != provenance[name] for name in IDENTITY):
            log.info("%s is of another training; starting anew", checkpoint)
            return 0, 0.0
        network.load_state_dict(
            weight_files.unpack({name: state.variables[name] for name in network.state_dict()})
        )
        for name, parameter in network.named_parameters():
            buffer = weight_files.unpack({name: state.variables[f"momentum.{name}"]})[name]
            # In the layout of the parameter, or sums would be rounded in another order.
            buffer = torch.empty_like(parameter).copy_(buffer)
            optimiser.state[parameter]["momentum_buffer"] = buffer
        curves[:] = state.loss, state.accuracy
        done, seconds = int(state.attrs["epochs"]), float(state.attrs["cpu_seconds"])
    log.info("taken up after epoch %d", done)
    return done, seconds

"""One training job: an EfficientNet on clean images, epoch by epoch, resumed where it was killed.

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
from netphase.learners.contract import Streams
from netphase.learners.efficientnets import Architecture, EfficientNet, logits_of
from netphase.runs.run_files import PARAMETERS, Axes, cost_file

ARCHITECTURE = ("width", "depth", "divisor", "stem_stride", "dropout", "drop_connect")
# A checkpoint that differs in one of these belongs to another training.
IDENTITY = ("code_sha256", "parameters_sha256", "input_sha256", "library_versions")
MOMENT_IMAGES, PREDICT_IMAGES = 1024, 256

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
    channels = image.shape[3] if image.ndim == 4 else 1
    if image.dtype != np.uint8 or channels not in (1, 3):
        raise InputError(
            f"datasets.{name}: EfficientNets take 8-bit images of one channel or three, not "
            f"{image.dtype} of {channels}"
        )
    return three_channels(image)


def three_channels(image: np.ndarray) -> np.ndarray:
    """Images (sample, y, x, 3) of such, or of grey ones (sample, y, x) or (sample, y, x, 1)."""
    image = image if image.ndim == 4 else image[..., np.newaxis]
    return image if image.shape[-1] == 3 else np.repeat(image, 3, axis=-1)


def channel_moments(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (3,) of the channels; a constant channel has deviation 1.

    Sums of bytes are exact, so that no order of summation can change a bit of them.
    """
    n, sums = images[..., 0].size, np.zeros((2, 3))
    for first in range(0, len(images), MOMENT_IMAGES):
        block = images[first : first + MOMENT_IMAGES].astype(np.float64)
        sums += block.sum((0, 1, 2)), np.square(block).sum((0, 1, 2))
    mean, square = sums / n
    deviation = np.sqrt(np.maximum(square - mean**2, 0))
    return mean, np.where(deviation == 0, 1, deviation)


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
    """Learning rate of a training step: linear over n_warm steps, then half a cosine to zero."""
    if step < n_warm:
        return highest * (step + 1) / n_warm
    return highest * (1 + math.cos(math.pi * (step - n_warm) / (n_steps - n_warm))) / 2


class Checkpoint:
    """File that holds a training after each of its epochs, so that it may be resumed.

    Parameters
    ----------
    path : of the file
    provenance : of the job, by which a checkpoint is recognised as its own
    """

    def __init__(self, path: Path, provenance: Mapping[str, str]):
        self.path, self.provenance = path, provenance

    def resume(self, network: EfficientNet, optimiser, curves: np.ndarray) -> tuple[int, float]:
        """Set network, optimiser and curves to what was stored: epochs done, and CPU seconds.

        Raises
        ------
        InputError
            The file is damaged.
        """
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return 0, 0.0
        netcdf.check(self.path)
        with xr.open_dataset(self.path) as state:
            if any(state.attrs.get(name) != self.provenance[name] for name in IDENTITY):
                log.info("%s is of another training; starting anew", self.path)
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
        log.info("resumed after epoch %d", done)
        return done, seconds

    def store(self, network, optimiser, curves: np.ndarray, done: int, seconds: float) -> None:
        """Write the training after so many epochs and CPU seconds."""
        momentum = {
            f"momentum.{name}": optimiser.state[parameter]["momentum_buffer"]
            for name, parameter in network.named_parameters()
        }
        state = weight_files.save(network).merge(weight_files.pack(momentum))
        state = state.merge(_described(curves)).assign_attrs(epochs=done, cpu_seconds=seconds)
        netcdf.write(state, self.path, self.provenance)


class EfficientNetClassifier:
    """An EfficientNet under the contract `netphase.learners.contract.Learner`.

    It takes images (sample, y, x) or (sample, y, x, channel) of one channel or three, in whatever
    units: it divides by the deviation of each channel itself.

    Parameters
    ----------
    n_classes : classes of the outputs
    model : width, depth, divisor, stem_stride, dropout, drop_connect, epochs, warmup_epochs,
        batch_size, learning_rate, momentum, weight_decay, label_smoothing, padding, precision and
        device, as in the configuration

    Attributes
    ----------
    network : the trained one
    curves_ : (2, epochs) mean training loss and training accuracy, on the way, of each epoch
    cpu_seconds_ : CPU time spent, that of earlier attempts included
    """

    def __init__(self, n_classes: int, **model: float | str):
        self.n_classes, self.model = n_classes, model
        self.max_iter = model["epochs"]

    def fit(
        self, X: np.ndarray, y: np.ndarray, rng: Streams, checkpoint: Checkpoint | None = None
    ) -> "EfficientNetClassifier":
        """Train, from a checkpoint where there is one.

        Every random draw of an epoch comes from a stream of its own, so that a training which was
        killed and resumed ends in the same bits as one that was not.

        Raises
        ------
        InputError
            A damaged checkpoint; training has diverged.
        """
        images, model = three_channels(X), self.model
        device = choose_device(model["device"])
        network = EfficientNet(
            Architecture(**{name: model[name] for name in ARCHITECTURE}, n_classes=self.n_classes),
            *(moment.tolist() for moment in channel_moments(images)),
        )
        network.initialise(rng("init"))
        self.network = network.to(device)
        self._optimiser = torch.optim.SGD(
            network.parameters(), momentum=model["momentum"], nesterov=True,
            weight_decay=model["weight_decay"], fused=True,
        )  # fmt: skip
        self.curves_ = np.full((2, model["epochs"]), np.nan)
        first, self.cpu_seconds_ = 0, 0.0
        if checkpoint is not None:
            first, self.cpu_seconds_ = checkpoint.resume(network, self._optimiser, self.curves_)
        log.info("%d parameters, %s", network.n_parameters, device)

        augmentation = Augmentation(images, model["padding"])
        labels = torch.from_numpy(y.astype(np.int64))
        network.train()
        for epoch in range(first, model["epochs"]):
            start = time.process_time()
            self.curves_[:, epoch] = self._epoch(epoch, augmentation, labels, rng)
            log.info(
                "epoch %d: loss %.4f, training accuracy %.4f", epoch + 1, *self.curves_[:, epoch]
            )
            if not np.isfinite(self.curves_[0, epoch]):
                name = rng.key.get("model", "EfficientNet")
                raise InputError(f"{name}: training has diverged; choose a smaller learning_rate")
            self.cpu_seconds_ += time.process_time() - start
            if checkpoint is not None:
                checkpoint.store(
                    network, self._optimiser, self.curves_, epoch + 1, self.cpu_seconds_
                )
        self.loss_curve_ = self.curves_[0].tolist()
        return self

    def _epoch(self, epoch, augmentation, labels, rng):
        """Mean loss and accuracy over the batches of an epoch, each before its own update."""
        model, device, n = self.model, self.network.mean.device, len(labels)
        n_batches = max(1, -(-(n - 1) // model["batch_size"]))
        n_steps, n_warm = (n_batches * model[part] for part in ("epochs", "warmup_epochs"))
        torch.manual_seed(int(rng("dropout", epoch=epoch).integers(2**62)))
        order = rng("shuffle", epoch=epoch).permutation(n)
        batches = augmentation.epoch(order, model["batch_size"], rng("augment", epoch=epoch))
        total, correct = (torch.zeros((), device=device, dtype=torch.float64) for _ in range(2))
        progress, done = Progress(log), 0
        for i, (picked, batch) in enumerate(batches):
            rate = learning_rate(epoch * n_batches + i, n_steps, n_warm, model["learning_rate"])
            for group in self._optimiser.param_groups:
                group["lr"] = rate
            x = torch.from_numpy(batch).to(device).permute(0, 3, 1, 2).float()
            y = labels[torch.from_numpy(picked)].to(device)
            half = model["precision"] == "bfloat16"
            with torch.autocast(device.type, torch.bfloat16, enabled=half):
                logits = self.network(x)
            loss = F.cross_entropy(logits.float(), y, label_smoothing=model["label_smoothing"])
            self._optimiser.zero_grad(set_to_none=True)
            loss.backward()
            self._optimiser.step()
            total += loss.detach() * len(y)
            correct += (logits.argmax(1) == y).sum()
            done += len(y)
            progress.info("epoch %d: %d %% of the images", epoch + 1, 100 * done // n)
        return float(total) / done, float(correct) / done

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Most likely class (samples,)."""
        network, half = self.network.folded(), self.model["precision"] == "bfloat16"
        images = three_channels(X)
        parts = [
            logits_of(network, images[first : first + PREDICT_IMAGES].astype(np.float32), half)
            for first in range(0, len(images), PREDICT_IMAGES)
        ]
        return torch.cat(parts).argmax(1).numpy()

    @property
    def n_parameters(self) -> int:
        return self.network.n_parameters


def train(
    dataset: xr.Dataset,
    *,
    model: Mapping,
    key: Mapping[str, int | str],
    checkpoint: Path,
    provenance: Mapping[str, str],
) -> tuple[xr.Dataset, float]:
    """Train one network on the clean images of a data set.

    Parameters
    ----------
    dataset : as `netphase.data.datasets.read` returns it
    model : its entry in the configuration
    key : coordinates of the job (dataset, model, realisation) and of its random streams
    checkpoint, provenance : of `Checkpoint`

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
    rows = np.flatnonzero(dataset.split.values == 0)
    images = colour(dataset.image.values[rows], key["dataset"])
    learner = EfficientNetClassifier(len(dataset.label.attrs["flag_values"]), **model)
    labels = dataset.label.values[rows]
    learner.fit(images, labels, Streams(**key), Checkpoint(checkpoint, provenance))
    weights = weight_files.save(learner.network).merge(_described(learner.curves_))
    return weights, learner.cpu_seconds_


def cost_of(
    network: xr.Dataset, seconds: float, *, dataset: str, model: str, realisation: int
) -> xr.Dataset:
    """CPU cost of one training over (dataset, model, size, realisation).

    Parameters
    ----------
    network : the weights of `train`; seconds : their cost
    """
    axes = Axes(
        dataset,
        model,
        np.array([network.attrs["n_parameters"]]),
        PARAMETERS,
        np.array([realisation]),
    )
    return cost_file(
        axes,
        np.array([[seconds]]),
        of="training",
        title=f"cost of training {model} on {dataset}",
        cpu_model=cpu_model(),
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

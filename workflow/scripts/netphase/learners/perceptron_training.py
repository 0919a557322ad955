"""One training job: a ladder of perceptrons on some realisations of one noise level."""

import logging
import time
import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from netphase.jobs.costs import cpu_model
from netphase.jobs.progress import Progress
from netphase.learners.perceptrons import STOP_REASONS, MLPLadder
from netphase.learners.scores import METRICS, confusion, scores
from netphase.streams import stream

log = logging.getLogger(__name__)


def train_wide(X, y, n_classes, scale, model, key):
    """The ladder engine: all hidden sizes side by side (netphase.learners.perceptrons)."""
    names = ("max_iter", "batch_size", "learning_rate", "alpha", "tol", "n_iter_no_change", "dtype")
    messages = Progress(log)

    def progress(epoch, losses):
        messages.info("epoch %d: %d sizes running, loss %s", epoch, len(losses), losses.round(4))

    ladder = MLPLadder(model["hidden"], **{name: model[name] for name in names})
    return ladder.fit(
        X,
        y,
        init=[stream("init", realisation=key["realisation"], hidden=h) for h in model["hidden"]],
        order=stream("shuffle", **key),
        scale=scale,
        n_classes=n_classes,
        progress=progress,
    )


class SklearnLadder:
    """The reference engine: sklearn.neural_network.MLPClassifier, one hidden size after another."""

    def __init__(self, X, y, n_classes, scale, model, key):
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier

        self.dtype, self.scale = np.dtype(model["dtype"]), scale
        self.networks, self.cpu_seconds_ = [], np.zeros(len(model["hidden"]))
        decoded = self._decode(X)
        for k, h in enumerate(model["hidden"]):
            network = MLPClassifier(
                (h,),
                max_iter=model["max_iter"],
                batch_size=model["batch_size"],
                learning_rate_init=model["learning_rate"],
                alpha=model["alpha"],
                tol=model["tol"],
                n_iter_no_change=model["n_iter_no_change"],
                random_state=int(stream("sklearn", hidden=h, **key).integers(2**32)),
            )
            start = time.process_time()
            with warnings.catch_warnings():
                # Reaching max_iter is recorded as the stop reason.
                warnings.simplefilter("ignore", ConvergenceWarning)
                self.networks.append(network.fit(decoded, y))
            self.cpu_seconds_[k] = time.process_time() - start
            log.info("hidden %d: %d epochs, loss %.4f", h, network.n_iter_, network.loss_)
        self.loss_curve_ = [network.loss_curve_ for network in self.networks]
        self.n_iter_ = [network.n_iter_ for network in self.networks]
        patience = model["n_iter_no_change"]
        self.stop_reason_ = [
            STOP_REASONS.index("tol" if n._no_improvement_count > patience else "max_iter")
            for n in self.networks
        ]

    def _decode(self, X):
        return X.astype(self.dtype) * self.dtype.type(self.scale)

    def predict(self, X):
        return np.stack([network.predict(self._decode(X)) for network in self.networks])


ENGINES = {"wide": train_wide, "sklearn": SklearnLadder}


def n_parameters(hidden: np.ndarray, n_features: int, n_classes: int) -> np.ndarray:
    """Trainable parameters of a D-h-C perceptron, weights and biases."""
    return hidden * (n_features + 1) + n_classes * (hidden + 1)


def train_ladder(
    cube: xr.Dataset,
    *,
    dataset: str,
    name: str,
    model: Mapping,
    realisations: Sequence[int],
) -> tuple[xr.Dataset, xr.Dataset]:
    """Train and score one ladder on each realisation of a cube.

    Parameters
    ----------
    cube : as netphase.noise.cubes.build returns it, not decoded; of the CF flags of its variable
        split, the first one marks the rows to train on
    dataset, name : names of the data set and of the model in the configuration
    model : hidden, engine, dtype, max_iter, batch_size, learning_rate, alpha, tol, n_iter_no_change

    Returns
    -------
    run : scores of every (size, split), learning curves, epochs and stop reasons
    cost : process CPU seconds of every size; apart, since no two runs cost the same to the bit
    """
    hidden = np.asarray(model["hidden"])
    label, split = cube["label"].values.astype(np.int64), cube["split"]
    n_classes = int(label.max()) + 1
    parts = [np.flatnonzero(split == code) for code in split.attrs["flag_values"]]
    step = int(cube["diffusion_step"])
    shape = (1, 1, len(hidden), 1, len(realisations))
    measured = {name: np.zeros((*shape, len(parts))) for name in METRICS}
    epochs, stop = np.zeros(shape, np.int32), np.zeros(shape, np.int8)
    curves = np.full((*shape, model["max_iter"]), np.nan)
    cpu = np.zeros(shape)
    for r, realisation in enumerate(realisations):
        image = cube["image"].sel(realisation=realisation)
        scale = image.attrs.get("scale_factor", np.float32(1))
        X = [image.values.reshape(len(label), -1)[rows] for rows in parts]
        key = {"dataset": dataset, "step": step, "realisation": int(realisation)}
        ladder = ENGINES[model["engine"]](X[0], label[parts[0]], n_classes, scale, model, key)
        for s, rows in enumerate(parts):
            for k, predicted in enumerate(ladder.predict(X[s])):
                counts = confusion(label[rows], predicted, n_classes)
                for metric, value in scores(counts).items():
                    measured[metric][0, 0, k, 0, r, s] = value
        for k, curve in enumerate(ladder.loss_curve_):
            curves[0, 0, k, 0, r, : len(curve)] = curve
        epochs[0, 0, :, 0, r], stop[0, 0, :, 0, r] = ladder.n_iter_, ladder.stop_reason_
        cpu[0, 0, :, 0, r] = ladder.cpu_seconds_
        log.info(
            "realisation %d: test accuracy %s", realisation, measured["accuracy"][0, 0, :, 0, r, 1]
        )

    dims = ("dataset", "model", "size", "step", "realisation")
    coordinates = {
        "dataset": [dataset],
        "model": [name],
        "size": ("size", hidden.astype(np.int32), {"long_name": "hidden units", "units": "1"}),
        "step": ("step", np.array([step], np.int32), {"long_name": "diffusion step", "units": "1"}),
        "realisation": (
            "realisation",
            np.asarray(realisations, np.int32),
            {"long_name": "realisation, index of the noise and of the network", "units": "1"},
        ),
        "kappa": ("step", [float(cube["kappa"])], cube["kappa"].attrs),
        "alpha_bar": ("step", [float(cube["alpha_bar"])], cube["alpha_bar"].attrs),
    }
    run = xr.Dataset(
        {
            metric: ((*dims, "split"), values, {"long_name": METRICS[metric], "units": "1"})
            for metric, values in measured.items()
        },
        coords=coordinates
        | {
            "split": split.attrs["flag_meanings"].split(),
            "n_samples": (
                ("dataset", "split"),
                [[len(rows) for rows in parts]],
                {"long_name": "number of samples", "units": "1"},
            ),
            "n_classes": (
                "dataset",
                [n_classes],
                {"long_name": "number of classes", "units": "1"},
            ),
            "n_parameters": (
                ("dataset", "model", "size"),
                n_parameters(hidden, X[0].shape[1], n_classes)[None, None],
                {"long_name": "trainable parameters", "units": "1"},
            ),
        },
        attrs={"title": f"{name} on {dataset} at diffusion step {step}"}
        | {key: value for key, value in model.items() if key != "hidden"},
    )
    run["n_correct"] = run["n_correct"].astype(np.int64).assign_attrs(run["n_correct"].attrs)
    run["epochs"] = (dims, epochs, {"long_name": "training epochs", "units": "1"})
    run["stop_reason"] = (
        dims,
        stop,
        {
            "long_name": "why training stopped",
            "flag_values": np.arange(len(STOP_REASONS), dtype=np.int8),
            "flag_meanings": " ".join(STOP_REASONS),
        },
    )
    run["loss_curve"] = (
        (*dims, "epoch"),
        curves,
        {"long_name": "mean training loss of each epoch", "units": "1"},
    )
    last = np.take_along_axis(curves, epochs[..., None] - 1, axis=-1)[..., 0]
    run["final_loss"] = (dims, last, {"long_name": "training loss of the last epoch", "units": "1"})
    epoch = np.arange(1, model["max_iter"] + 1, dtype=np.int32)
    run = run.assign_coords(epoch=("epoch", epoch, {"long_name": "training epoch", "units": "1"}))
    seconds = {"long_name": "process CPU time of training", "units": "s"}
    cost = xr.Dataset(
        {"cpu_seconds": (dims, cpu, seconds)},
        coords=coordinates,
        attrs={
            "title": f"cost of {name} on {dataset} at diffusion step {step}",
            "cpu_model": cpu_model(),
        },
    )
    return run, cost

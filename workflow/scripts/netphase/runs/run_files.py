"""Run and cost files: what one job measured or spent, over the axes that all jobs share.

A run file holds the scores of one data set and one model over (dataset, model, size, step,
realisation, split), whether its learners were trained at each noise level, or clean and tested
noisy. `netphase.runs.aggregation` joins such files; every analysis reads the joined ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

TRAINED_AT_EACH_LEVEL, TRAINED_ONCE = "trained_at_each_level", "trained_once"
DIMENSIONS = ("dataset", "model", "size", "step", "realisation")
PARAMETERS = "trainable parameters"


@dataclass(frozen=True)
class Axes:
    """Coordinates of the results of a job.

    Attributes
    ----------
    dataset, model : their names in the configuration
    sizes : (sizes,) integers, in the type that the file gets
    size_name : what a size counts
    realisations : indices of the noise and of the networks, in the type that the file gets
    steps, kappa, alpha_bar : (levels,) diffusion steps, their noise-to-signal ratios and the share
        of the signal power that they keep; none of a training on clean data
    """

    dataset: str
    model: str
    sizes: np.ndarray
    size_name: str
    realisations: np.ndarray
    steps: Sequence[int] = ()
    kappa: Sequence[float] = ()
    alpha_bar: Sequence[float] = ()

    @property
    def coordinates(self) -> dict[str, object]:
        """Coordinate variables with their long names and units."""
        found = {
            "dataset": [self.dataset],
            "model": [self.model],
            "size": ("size", self.sizes, described(self.size_name)),
            "realisation": (
                "realisation",
                self.realisations,
                described("realisation, index of the noise and of the network"),
            ),
        }
        if len(self.steps):
            found |= {
                "step": ("step", np.asarray(self.steps, np.int32), described("diffusion step")),
                "kappa": ("step", self.kappa, described("noise-to-signal ratio")),
                "alpha_bar": ("step", self.alpha_bar, described("signal power kept")),
            }
        return found


def described(long_name: str, units: str = "1") -> dict[str, str]:
    """Attributes of a variable: its long name and its unit."""
    return {"long_name": long_name, "units": units}


def run_file(
    axes: Axes,
    scores: Mapping[str, np.ndarray],
    long_names: Mapping[str, str],
    *,
    protocol: str,
    n_samples: Mapping[str, int],
    n_classes: int,
    n_parameters: np.ndarray,
    attributes: Mapping[str, object],
) -> xr.Dataset:
    """Scores over (dataset, model, size, step, realisation, split).

    Parameters
    ----------
    scores : (sizes, levels, realisations, splits) of every metric; n_correct becomes an integer
    long_names : of the metrics
    protocol : TRAINED_AT_EACH_LEVEL or TRAINED_ONCE
    n_samples : samples of every split, in the order of the scores
    n_parameters : (sizes,) trainable parameters
    attributes : title, and what else holds for the whole file
    """
    run = xr.Dataset(
        {
            metric: ((*DIMENSIONS, "split"), values[None, None], described(long_names[metric]))
            for metric, values in scores.items()
        },
        coords=axes.coordinates
        | {
            "split": list(n_samples),
            "n_samples": (
                ("dataset", "split"),
                [list(n_samples.values())],
                described("number of samples"),
            ),
            "n_classes": ("dataset", [n_classes], described("number of classes")),
            "n_parameters": (
                ("dataset", "model", "size"),
                np.asarray(n_parameters)[None, None],
                described(PARAMETERS),
            ),
        },
        attrs={**attributes, "protocol": protocol},
    )
    run["n_correct"] = run.n_correct.astype(np.int64).assign_attrs(run.n_correct.attrs)
    return run


def with_learning_curves(run: xr.Dataset, curves: np.ndarray, epochs: np.ndarray) -> xr.Dataset:
    """A run with its learning curves, their lengths and their ends.

    Parameters
    ----------
    curves : (sizes, levels, realisations, epochs) mean training loss, NaN after the last epoch
    epochs : (sizes, levels, realisations) epochs of each training, at least one
    """
    curves, epochs = curves[None, None], epochs.astype(np.int32)[None, None]
    last = np.take_along_axis(curves, epochs[..., None] - 1, axis=-1)[..., 0]
    epoch = np.arange(1, curves.shape[-1] + 1, dtype=np.int32)
    return run.assign(
        epochs=(DIMENSIONS, epochs, described("training epochs")),
        loss_curve=(
            (*DIMENSIONS, "epoch"),
            curves,
            described("mean training loss of each epoch"),
        ),
        final_loss=(DIMENSIONS, last, described("training loss of the last epoch")),
    ).assign_coords(epoch=("epoch", epoch, described("training epoch")))


def with_stop_reasons(run: xr.Dataset, reasons: np.ndarray, words: Sequence[str]) -> xr.Dataset:
    """A run with the reason why each training stopped.

    Parameters
    ----------
    reasons : (sizes, levels, realisations) indices into the words
    """
    attributes = {
        "long_name": "why training stopped",
        "flag_values": np.arange(len(words), dtype=np.int8),
        "flag_meanings": " ".join(words),
    }
    return run.assign(stop_reason=(DIMENSIONS, reasons.astype(np.int8)[None, None], attributes))


def cost_file(
    axes: Axes, seconds: np.ndarray, *, of: str, title: str, cpu_model: str
) -> xr.Dataset:
    """CPU seconds that a job spent on every (size, level, realisation).

    Of a training on clean data, which has no levels, it is training_seconds over (size,
    realisation): a study counts them once.

    Parameters
    ----------
    seconds : (sizes, levels, realisations), or (sizes, realisations) without levels
    of : work that is measured
    """
    name = "cpu_seconds" if len(axes.steps) else "training_seconds"
    dims = DIMENSIONS if len(axes.steps) else [dim for dim in DIMENSIONS if dim != "step"]
    words = described(f"process CPU time of {of}", "s")
    return xr.Dataset(
        {name: (dims, seconds[None, None], words)},
        axes.coordinates,
        {"title": title, "cpu_model": cpu_model},
    )

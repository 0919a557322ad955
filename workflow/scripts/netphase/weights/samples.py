"""Parts of a data set and scores of draws, common to the studies of small networks."""

from typing import NamedTuple

import numpy as np
import xarray as xr

from netphase.errors import InputError
from netphase.weights.ensembles import VALIDATION
from netphase.weights.networks import Engine, draw


class Part(NamedTuple):
    """Inputs (samples, inputs) and labels (samples,)."""

    inputs: np.ndarray
    labels: np.ndarray


class Parts(NamedTuple):
    """Training, validation and test samples."""

    train: Part
    validation: Part
    test: Part

    @property
    def n_inputs(self) -> int:
        return self.train.inputs.shape[1]

    @property
    def n_classes(self) -> int:
        return int(self.train.labels.max()) + 1


def parts(inputs: xr.Dataset, samples: int | None, scored: int | None) -> Parts:
    """Parts of a data set; the last tenth of its training samples is for validation.

    Parameters
    ----------
    inputs : ``input(sample, component)``, ``label`` and ``split``, as of
        `netphase.data.principal_components.project`
    samples : number of training samples; None for all
    scored : largest number of validation and of test samples; None for all

    Raises
    ------
    InputError : the data set has fewer training samples
    """
    split, x = inputs["split"].values, inputs["input"].values
    y = inputs["label"].values.astype(np.int64)
    known, test = np.flatnonzero(split == 0), np.flatnonzero(split == 1)
    n_kept = round(len(known) * (1 - VALIDATION))
    if samples is not None and samples > n_kept:
        raise InputError(
            f"samples: {samples} are asked for, but {n_kept} are there to train on; ask for fewer"
        )
    chosen = known[:n_kept][:samples], known[n_kept:][:scored], test[:scored]
    return Parts(*(Part(x[rows], y[rows]) for rows in chosen))


def score(
    engine: Engine, theta: np.ndarray, known: Parts, n_draws: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Test accuracy of binary weights drawn from theta (n,): mean of all, and of the best.

    The best are chosen by the validation part.
    """
    draws = draw(theta, n_draws, rng)
    best = engine.accuracy(draws, *known.validation).argmax()
    accuracy = engine.accuracy(draws, *known.test)
    return float(accuracy.mean()), float(accuracy[best])

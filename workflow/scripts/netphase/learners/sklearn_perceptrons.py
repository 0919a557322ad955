"""scikit-learn's own perceptrons, the reference of `netphase.learners.perceptrons`."""

import logging
import warnings
from collections.abc import Sequence

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from netphase.learners.contract import STOP_REASONS, OneByOne, Streams

log = logging.getLogger(__name__)


class SklearnPerceptron:
    """sklearn.neural_network.MLPClassifier as a learner of one size.

    Parameters
    ----------
    hidden : hidden units
    options : of MLPClassifier, but for its random_state
    """

    def __init__(self, hidden: int, **options: float):
        self.hidden, self.options = hidden, options
        self.max_iter = options["max_iter"]

    def fit(self, X: np.ndarray, y: np.ndarray, rng: Streams) -> "SklearnPerceptron":
        seed = int(rng("sklearn", hidden=self.hidden).integers(2**32))
        self.network = MLPClassifier((self.hidden,), random_state=seed, **self.options)
        with warnings.catch_warnings():
            # Reaching max_iter is recorded as the stop reason.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.network.fit(X.reshape(len(X), -1), y)
        log.info(
            "hidden %d: %d epochs, loss %.4f", self.hidden, self.network.n_iter_, self.network.loss_
        )
        self.loss_curve_ = self.network.loss_curve_
        stalled = self.network._no_improvement_count > self.network.n_iter_no_change
        self.stop_reason_ = STOP_REASONS.index("tol" if stalled else "max_iter")
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        return self.network.predict(X.reshape(len(X), -1))

    @property
    def n_parameters(self) -> int:
        return sum(part.size for part in self.network.coefs_ + self.network.intercepts_)


def sklearn_perceptrons(
    n_classes: int, *, hidden: Sequence[int], dtype: str, learning_rate: float, **options: float
) -> OneByOne:
    """The ladder of them, with the options of `netphase.learners.perceptrons.Perceptrons`."""
    options |= {"learning_rate_init": learning_rate}
    learners = {size: SklearnPerceptron(size, **options) for size in hidden}
    return OneByOne(learners, dtype)

"""Scores against scikit-learn's, on any confusion."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from netphase.learners.scores import confusion, scores

pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@given(pairs)
def test_scores_are_those_of_scikit_learn(pairs):
    truth, predicted = np.array(pairs).T
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        precision, recall, f1, _ = precision_recall_fscore_support(
            truth, predicted, average="macro", zero_division=0
        )
    found = scores(confusion(truth, predicted, 5))
    assert found["accuracy"] == pytest.approx(accuracy_score(truth, predicted))
    assert found["n_correct"] == (truth == predicted).sum()
    for name, expected in (("precision", precision), ("recall", recall), ("f1", f1)):
        assert found[name] == pytest.approx(expected, abs=1e-15)

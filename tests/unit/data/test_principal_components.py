"""Principal components: those of a well-kept library, each part about its own mean."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from netphase.data import datasets
from netphase.data.principal_components import project


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    return datasets.read("digits", {"source": "digits", "test_samples": 360}, [folder], folder)


def test_components_are_those_of_scikit_learn(digits):
    found = project(digits, 20)
    train = (digits.split == 0).values
    pixels = digits.image.values.reshape(len(train), -1) / 16
    machine = PCA(20, svd_solver="full").fit(pixels[train])
    assert float(found.explained.sum()) == pytest.approx(0.895, abs=5e-4)
    np.testing.assert_allclose(found.explained, machine.explained_variance_ratio_, rtol=1e-9)
    ours, theirs = found.input.values[train], machine.transform(pixels[train])
    signs = np.sign((ours * theirs).sum(axis=0))
    np.testing.assert_allclose(ours, theirs * signs, atol=1e-5)
    # The others are about their own mean.
    shifted = (pixels[~train] - pixels[~train].mean(axis=0)) @ machine.components_.T * signs
    np.testing.assert_allclose(found.input.values[~train], shifted, atol=1e-5)


def test_same_images_same_bits(digits):
    assert project(digits, 5).identical(project(digits, 20).isel(component=slice(5)))

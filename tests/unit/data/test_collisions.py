"""Collisions: kinematics that is conserved, a resonance that shows, a table that is read."""

import gzip
import itertools

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from netphase.data import datasets
from netphase.data.collisions import MASS, N_FEATURES, boost, features, read_higgs, synthetic
from netphase.errors import InputError
from netphase.streams import stream


def test_boosts_keep_masses_and_bring_what_rests_to_its_frame():
    rng = stream("boosts")
    mass, momentum = rng.uniform(1, 9, 50), rng.standard_normal((50, 3))
    frame = np.column_stack([np.sqrt(mass**2 + (momentum**2).sum(axis=1)), momentum])
    np.testing.assert_allclose(boost(mass, np.zeros((50, 3)), frame, mass), frame)
    own = rng.standard_normal((50, 3))
    light = np.linalg.norm(own, axis=1)
    for sign in (1, -1):
        moved = boost(light, sign * own, frame, mass)
        np.testing.assert_allclose(moved[:, 0] ** 2, (moved[:, 1:] ** 2).sum(axis=1))
    both = boost(mass / 2, own, frame, mass) + boost(mass / 2, -own, frame, mass)
    np.testing.assert_allclose(both, frame)


def test_features_of_two_particles_back_to_back():
    transverse = np.array([[100.0, 100.0, 20.0, 20.0]])
    phi = np.array([[0.3, 0.3 + np.pi, 1.0, 1.0 + np.pi]])
    momenta = np.stack([transverse, transverse * np.cos(phi), transverse * np.sin(phi),
                        0 * transverse], axis=-1)  # fmt: skip
    found = features(momenta)[0]
    assert found.shape == (N_FEATURES,)
    np.testing.assert_allclose(found[:8], [*np.log1p(transverse[0]), 0, 0, 0, 0], atol=1e-12)
    assert found[20] == pytest.approx(0, abs=1e-9)  # nothing is missing
    mass, pair, rapidity, apart, turned, distance, total = found[21:]
    assert mass == pytest.approx(np.log1p(200)) and total == pytest.approx(np.log1p(240))
    np.testing.assert_allclose([pair, rapidity, apart], 0, atol=1e-9)
    assert turned == distance == pytest.approx(np.pi)


def test_the_resonance_shows_in_the_mass_and_can_be_learnt():
    data = synthetic("hep", 4000, 1000, stream("collisions"))
    images, labels, _ = data.train
    assert images.shape == (4000, 1, N_FEATURES) and images.dtype == np.float32
    mass = np.expm1(images[:, 0, 21])
    assert np.median(mass[labels == 1]) == pytest.approx(MASS, rel=0.05)
    assert labels.mean() == pytest.approx(0.5, abs=0.05)
    model = LogisticRegression(max_iter=2000).fit(images[:, 0], labels)
    assert model.score(data.test.images[:, 0], data.test.labels) > 0.7


def test_synthetic_sets_are_described_as_such_and_repeat(tmp_path):
    spec = {"source": "synthetic_hep", "samples": 300, "test_samples": 100, "seed": 3}
    one, two = (datasets.read("hep", spec, [tmp_path], tmp_path) for _ in range(2))
    assert one.identical(two)
    other = datasets.read("hep", spec | {"seed": 4}, [tmp_path], tmp_path)
    assert not one.image.equals(other.image)
    for key in ("title", "source"):
        assert "not LHC data" in one.attrs[key]
    assert one.label.attrs["flag_meanings"] == "background signal"
    assert one.sizes["sample"] == 400 and (one.split.values == 1).sum() == 100


def written(path, n_rows, n_columns=29):
    rng = stream("table")
    with gzip.open(path, "wt") as lines:
        for row in range(n_rows):
            values = itertools.chain([row % 2], rng.standard_normal(n_columns - 1))
            lines.write(",".join(f"{value:.6e}" for value in values) + "\n")
    return path


def test_the_first_rows_of_the_published_table_are_read(tmp_path):
    path = written(tmp_path / "HIGGS.csv.gz", 12)
    data = read_higgs("higgs", path, 6, 4)
    assert data.train.images.shape == (6, 1, 28) and data.test.images.shape == (4, 1, 28)
    assert data.test.labels.tolist() == [0, 1, 0, 1] and data.classes == ("background", "signal")
    with gzip.open(path, "rt") as lines:
        first = np.array(lines.readline().split(","), np.float32)
    np.testing.assert_array_equal(data.test.images[0, 0], first[1:])


@pytest.mark.parametrize(("rows", "columns"), [(5, 29), (12, 20)])
def test_short_tables_are_refused(tmp_path, rows, columns):
    path = written(tmp_path / "HIGGS.csv.gz", rows, columns)
    with pytest.raises(InputError, match=r"datasets\.higgs\.samples: 10 rows of 29 numbers"):
        read_higgs("higgs", path, 6, 4)


def test_damaged_tables_are_refused(tmp_path):
    path = tmp_path / "HIGGS.csv.gz"
    path.write_bytes(gzip.compress(b"one,two\n"))
    with pytest.raises(InputError, match=r"datasets\.higgs: .* is no table of numbers"):
        read_higgs("higgs", path, 6, 4)

"""Information limit: closed forms, limits, symmetries, and the digits of the specification."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, norm
from sklearn.datasets import load_digits
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier

from netphase.files import netcdf
from netphase.information import posteriors
from netphase.information.posteriors import (
    REFERENCES,
    bound,
    lda_scores,
    moments,
    ncm_scores,
    principal_axes,
    qda_scores,
    template_scores,
)
from netphase.noise import cubes, schedule
from netphase.noise.schedule import Level
from netphase.streams import stream

KAPPA = st.floats(0.05, 100)


def level_of(kappa, step=0):
    alpha_bar = 1 / (1 + kappa**2)
    return Level(step, alpha_bar, kappa, np.sqrt(alpha_bar), kappa * np.sqrt(alpha_bar))


def clouds(seed, sizes=(7, 4, 9), d=5):
    """Correlated templates, one array for each class, and noised images about them."""
    rng = stream("clouds of this test", seed=seed)
    shape = rng.standard_normal((d, d))
    classes = [rng.standard_normal((n, d)) @ shape + rng.standard_normal(d) for n in sizes]
    return classes, np.concatenate(classes), rng


def relative(scores):
    """Scores without the term common to all classes."""
    return scores - scores.max(axis=1, keepdims=True)


def scores_of_all(z, kappa, classes):
    means, covariance = moments(classes)
    return {
        "template": template_scores(z, kappa, classes),
        "qda": qda_scores(z, kappa, means, principal_axes(classes)),
        "lda": lda_scores(z, kappa, means, covariance),
        "ncm": ncm_scores(z, means) / kappa**2,
    }


def assert_same_posterior(a, b, tolerance=1e-6):
    np.testing.assert_allclose(relative(a), relative(b), rtol=tolerance, atol=tolerance)


# --- closed forms


@pytest.mark.parametrize("kappa", [0.2, 0.7, 2.0, 15.0])
def test_two_templates_are_confused_as_often_as_the_error_function_says(kappa):
    n, d = 100_000, 3
    rng = stream("two templates", kappa=str(kappa))
    templates = rng.standard_normal((2, d))
    label = np.arange(n) % 2
    z = templates[label] + kappa * rng.standard_normal((n, d))
    classes = [templates[:1], templates[1:]]
    expected = norm.cdf(-np.linalg.norm(templates[1] - templates[0]) / (2 * kappa))
    for scores in scores_of_all(z, kappa, classes).values():
        error = np.mean(scores.argmax(axis=1) != label)
        assert error == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / n))


@pytest.mark.parametrize("kappa", [0.3, 0.6, 2.0])
def test_orthogonal_templates_reach_the_accuracy_of_orthogonal_signalling(kappa):
    # M signals of unit length: the right one's component must exceed M - 1 independent others.
    n, m = 40_000, 8
    expected, _ = quad(lambda t: norm.pdf(t - 1 / kappa) * norm.cdf(t) ** (m - 1), -12, 20)
    label = np.arange(n) % m
    noise = stream("orthogonal templates", kappa=str(kappa)).standard_normal((n, m))
    z = np.eye(m)[label] + kappa * noise
    accuracy = np.mean(template_scores(z, kappa, np.eye(m)[:, None]).argmax(axis=1) == label)
    assert accuracy == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / n))


@given(st.floats(-5, 5), st.floats(0.1, 3), st.floats(0.05, 50))
def test_a_class_of_two_templates_about_another_has_a_hyperbolic_cosine(z, a, kappa):
    classes = [np.array([[-a], [a]]), np.array([[0.0]])]
    difference = -np.diff(template_scores(np.array([[z]]), kappa, classes)).item()
    expected = np.logaddexp(z * a / kappa**2, -z * a / kappa**2) - a**2 / (2 * kappa**2)
    assert difference == pytest.approx(expected, rel=1e-9, abs=1e-9)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000), KAPPA)
def test_posterior_is_that_of_the_sum_over_all_distances(seed, kappa):
    classes, x, rng = clouds(seed)
    z = x + kappa * rng.standard_normal(x.shape)
    exponents = [-cdist(z, c, "sqeuclidean") / (2 * kappa**2) for c in classes]
    expected = np.stack([logsumexp(e, axis=1) for e in exponents], axis=1)
    assert_same_posterior(template_scores(z, kappa, classes), expected)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000), st.floats(0.15, 100))
def test_discriminants_are_the_densities_of_normal_distributions(seed, kappa):
    classes, x, rng = clouds(seed)
    z = x + kappa * rng.standard_normal(x.shape)
    noise = kappa**2 * np.eye(x.shape[1])
    covariances = [np.cov(c.T, ddof=0) for c in classes]
    pooled = np.average(covariances, axis=0, weights=[len(c) for c in classes])
    scores = scores_of_all(z, kappa, classes)
    for name, sigmas in (("qda", covariances), ("lda", [pooled] * len(classes))):
        expected = [
            multivariate_normal.logpdf(z, c.mean(axis=0), sigma + noise)
            for c, sigma in zip(classes, sigmas, strict=True)
        ]
        assert_same_posterior(scores[name], np.stack(expected, axis=1))
    squared = cdist(z, np.stack([c.mean(axis=0) for c in classes]), "sqeuclidean")
    assert_same_posterior(scores["ncm"], -squared / (2 * kappa**2))


# --- limits: each reference turns into another


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), KAPPA)
def test_with_one_template_for_each_class_all_references_agree(seed, kappa):
    classes, x, rng = clouds(seed, sizes=(1, 1, 1, 1))
    z = x + kappa * rng.standard_normal(x.shape)
    scores = scores_of_all(z, max(kappa, 0.15), classes)
    for name in ("qda", "lda", "ncm"):
        assert_same_posterior(scores[name], scores["template"])


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), st.floats(0.15, 100))
def test_quadratic_discriminant_is_linear_where_classes_differ_by_a_shift(seed, kappa):
    (cloud,), _, rng = clouds(seed, sizes=(12,))
    classes = [cloud + shift for shift in rng.standard_normal((3, cloud.shape[1]))]
    z = np.concatenate(classes)
    scores = scores_of_all(z + kappa * rng.standard_normal(z.shape), kappa, classes)
    assert_same_posterior(scores["qda"], scores["lda"])


def test_posterior_turns_from_the_nearest_template_into_the_nearest_mean():
    classes, x, rng = clouds(1, sizes=(30, 30, 30), d=8)
    noise = rng.standard_normal((200, 8))
    origin = x[rng.integers(0, len(x), 200)]
    label = np.repeat(np.arange(3), 30)
    nearby = origin + 0.5 * noise
    nearest = label[cdist(nearby, x).argmin(axis=1)]
    np.testing.assert_array_equal(template_scores(nearby, 0.02, classes).argmax(axis=1), nearest)
    agreement = []
    for kappa in (1.0, 10.0, 1e2, 1e3, 1e4):
        scores = scores_of_all(origin + kappa * noise, kappa, classes)
        means = scores["ncm"].argmax(axis=1)
        agreement.append([np.mean(scores[k].argmax(axis=1) == means) for k in ("template", "lda")])
    assert (np.array(agreement[-1]) == 1).all() and agreement[0][0] < 0.9


def test_in_pure_noise_the_posterior_is_the_share_of_the_templates():
    sizes = (7, 4, 9)
    classes, x, rng = clouds(2, sizes=sizes)
    z = x + 1e7 * rng.standard_normal(x.shape)
    share = np.exp(template_scores(z, 1e7, classes)) / sum(sizes)
    np.testing.assert_allclose(share, np.tile(np.array(sizes) / sum(sizes), (len(z), 1)), rtol=1e-5)


@pytest.mark.parametrize("kappa", [0.0, 1e-9, 1e-2])
def test_clean_images_are_recognised_without_dividing_by_zero(kappa):
    classes, x, _ = clouds(3)
    label = np.repeat(np.arange(3), [len(c) for c in classes])
    z = x.astype(np.float32)
    with np.errstate(all="raise", under="ignore"):
        scores = template_scores(z, kappa, [c.astype(np.float32) for c in classes])
        means, covariance = moments(classes)
        assert np.isfinite(lda_scores(z, kappa, means, covariance)).all()
        assert np.isfinite(qda_scores(z, kappa, means, principal_axes(classes))).all()
    assert np.isfinite(scores).all()
    np.testing.assert_array_equal(scores.argmax(axis=1), label)


# --- symmetries


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), st.floats(0.15, 50), st.floats(0.2, 5))
def test_rotation_shift_and_common_scale_change_nothing(seed, kappa, scale):
    classes, x, rng = clouds(seed)
    z = x + kappa * rng.standard_normal(x.shape)
    rotation, _ = np.linalg.qr(rng.standard_normal((x.shape[1], x.shape[1])))
    shift = rng.standard_normal(x.shape[1])
    kappa_there = max(scale, 0.15 / kappa) * kappa

    def moved(points):
        return kappa_there / kappa * (points @ rotation + shift)

    here = scores_of_all(z, kappa, classes)
    there = scores_of_all(moved(z), kappa_there, [moved(c) for c in classes])
    for name, scores in here.items():
        assert_same_posterior(scores, there[name])


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), KAPPA)
def test_order_of_templates_and_of_classes_is_free(seed, kappa):
    classes, x, rng = clouds(seed)
    z = x + kappa * rng.standard_normal(x.shape)
    order = rng.permutation(len(classes))
    shuffled = [rng.permutation(classes[c]) for c in order]
    here, there = scores_of_all(z, kappa, classes), scores_of_all(z, kappa, shuffled)
    for name, scores in here.items():
        np.testing.assert_allclose(there[name], scores[:, order], rtol=1e-9, atol=1e-9)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), KAPPA, st.integers(1, 4))
def test_repeating_every_template_changes_no_decision(seed, kappa, times):
    classes, x, rng = clouds(seed)
    z = x + kappa * rng.standard_normal(x.shape)
    repeated = template_scores(z, kappa, [np.repeat(c, times, axis=0) for c in classes])
    np.testing.assert_allclose(repeated, template_scores(z, kappa, classes) + np.log(times))


@pytest.mark.slow
@pytest.mark.parametrize("block", [1, 100, 1000, 10**9])
def test_size_of_the_blocks_changes_rounding_only(monkeypatch, block):
    classes, x, rng = clouds(4, sizes=(40, 3, 25), d=20)
    z = (x + 0.8 * rng.standard_normal(x.shape)).astype(np.float32)
    classes = [c.astype(np.float32) for c in classes]
    whole = template_scores(z, 0.8, classes)
    monkeypatch.setattr(posteriors, "BLOCK_BYTES", block)
    np.testing.assert_allclose(template_scores(z, 0.8, classes), whole, rtol=1e-5, atol=1e-4)


def test_single_precision_agrees_with_double_precision():
    classes, x, rng = clouds(5, sizes=(60, 60, 60), d=300)
    for kappa in (0.1, 1.0, 10.0, 1e3):
        z = x + kappa * rng.standard_normal(x.shape)
        exact = scores_of_all(z, max(kappa, 0.15), classes)
        single = [c.astype(np.float32) for c in classes]
        for name, scores in scores_of_all(z.astype(np.float32), max(kappa, 0.15), single).items():
            margin = np.abs(np.diff(np.sort(exact[name])[:, -2:])[:, 0])
            same = scores.argmax(axis=1) == exact[name].argmax(axis=1)
            assert same[margin > 1e-4 * np.abs(exact[name]).max(axis=1)].all()


def test_a_class_without_images_is_never_chosen():
    classes, x, _ = clouds(6)
    scores = template_scores(x, 1e6, [*classes, classes[0][:0]])
    assert (scores[:, -1] == -np.inf).all() and np.isfinite(scores[:, :-1]).all()


# --- digits, in the protocol of the specification


@pytest.fixture(scope="module")
def digits():
    raw = load_digits()
    parts = train_test_split(
        raw.images, raw.target, test_size=0.4, stratify=raw.target, random_state=0
    )
    return xr.Dataset(
        {
            "image": (("sample", "y", "x"), np.concatenate(parts[:2]).astype(np.uint8)),
            "label": ("sample", np.concatenate(parts[2:]).astype(np.int16)),
            "split": ("sample", np.repeat(np.array([0, 1], np.int8), [1078, 719])),
        }
    )


@pytest.fixture(scope="module")
def clean(digits):
    """Standardised pixels and labels of the training and of the test images."""
    image, split = digits["image"].values, digits["split"].values
    mean, deviation = cubes.standardisation(image, split)
    x, y = (image.reshape(len(image), -1) - mean) / deviation, digits["label"].values
    return x[split == 0], y[split == 0], x[split == 1], y[split == 1]


@pytest.mark.slow
def test_reference_accuracies_of_the_digits(digits):
    # kappa: oracle, KDE, QDA, LDA, NCM, measured with two noise fields
    measured = {
        0.66: (1.000, 0.967, 0.961, 0.898, 0.865),
        1.09: (0.955, 0.864, 0.870, 0.782, 0.783),
        2.13: (0.583, 0.544, 0.546, 0.519, 0.521),
        4.39: (0.299, 0.291, 0.293, 0.283, 0.284),
        14.0: (0.145, 0.141, 0.142, 0.143, 0.143),
    }
    levels = [level_of(kappa, step) for step, kappa in enumerate(measured)]
    limit = bound(digits, "digits", levels, range(100))
    expected = np.array(list(measured.values())).T
    np.testing.assert_allclose(limit.accuracy.isel(dataset=0), expected, atol=0.04)
    assert limit.n_samples.item() == 719 * 100


def test_transition_of_the_references_of_the_digits(digits):
    # .1/.9 width and half point in ln kappa, normalised between floor and clean plateau
    measured = {
        "oracle": (1.95, 0.841),
        "kde": (2.10, 0.761),
        "qda": (2.15, 0.764),
        "lda": (2.36, 0.748),
        "ncm": (2.31, 0.881),
    }
    steps = [-1, *range(0, 376, 25), *range(400, 2751, 50)]
    levels = schedule.levels(steps, beta_first=1e-4, beta_last=0.0201, n_steps=5000)
    limit = bound(digits, "digits", levels, range(2)).isel(dataset=0)
    kappa, found = limit.kappa.values, {}
    for reference in measured:
        accuracy = limit.accuracy.sel(reference=reference).values
        floor = accuracy[kappa > 100].mean()
        normalised = (accuracy[1:] - floor) / (accuracy[0] - floor)
        u = np.log(kappa[1:])
        falling = IsotonicRegression(increasing=False).fit_transform(u, normalised)
        crossing = {}
        for at in (0.1, 0.5, 0.9):
            i = np.flatnonzero(falling >= at)[-1]
            crossing[at] = np.interp(-at, -falling[i : i + 2], u[i : i + 2])
        found[reference] = (crossing[0.1] - crossing[0.9], crossing[0.5])
    for reference, (width, half) in measured.items():
        assert found[reference][0] == pytest.approx(width, abs=0.15)
        assert found[reference][1] == pytest.approx(half, abs=0.1)
    assert found["oracle"][0] < min(width for name, (width, _) in found.items() if name != "oracle")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kappa", [0.66, 1.09, 2.13, 4.39])
def test_no_classifier_beats_the_oracle(clean, kappa):
    x, y, x_test, y_test = clean
    rng = stream("classifiers against the oracle", kappa=str(kappa))
    test_classes = [x_test[y_test == c] for c in range(10)]
    x_noised = np.tile(x, (3, 1)) + kappa * rng.standard_normal((3 * len(x), 64))
    y_noised = np.tile(y, 3)
    learners = [
        LogisticRegression(max_iter=60).fit(x_noised[: len(x)], y),
        MLPClassifier((64,), max_iter=8, random_state=0).fit(x_noised, y_noised),
        KNeighborsClassifier(1).fit(x, y),
        KNeighborsClassifier(1).fit(x_test, y_test),
    ]
    z = np.tile(x_test, (8, 1)) + kappa * rng.standard_normal((8 * len(x_test), 64))
    truth = np.tile(y_test, 8)
    train_classes = [x[y == c] for c in range(10)]
    predicted = [learner.predict(z) for learner in learners]
    predicted += [s.argmax(axis=1) for s in scores_of_all(z, kappa, train_classes).values()]
    # The test images known, but not the noise: still no better than the oracle.
    predicted += [template_scores(z, f * kappa, test_classes).argmax(axis=1) for f in (0.5, 2)]
    oracle = template_scores(z, kappa, test_classes)
    right = oracle.argmax(axis=1) == truth
    for other in predicted:
        gain = right.astype(float) - (other == truth)
        assert gain.mean() >= -2 * gain.std() / np.sqrt(gain.size)


@pytest.mark.parametrize("kappa", [0.66, 1.09, 2.13, 4.39, 14.0])
def test_accuracy_of_the_oracle_is_the_mean_of_its_own_confidence(clean, kappa):
    # E[right | z] = max_c p(c | z): two estimates of the Bayes accuracy from the same noise.
    _, _, x_test, y_test = clean
    rng = stream("confidence of the oracle", kappa=str(kappa))
    z = np.tile(x_test, (10, 1)) + kappa * rng.standard_normal((10 * len(x_test), 64))
    scores = template_scores(z, kappa, [x_test[y_test == c] for c in range(10)])
    confidence = np.exp(scores.max(axis=1) - logsumexp(scores, axis=1))
    excess = (scores.argmax(axis=1) == np.tile(y_test, 10)) - confidence
    assert abs(excess.mean()) < 3 * excess.std() / np.sqrt(excess.size)


@pytest.mark.parametrize("kappa", [0.02, 0.3])
def test_weakly_noised_digits_have_the_class_of_their_nearest_neighbour(clean, kappa):
    x, y, x_test, _ = clean
    z = x_test + kappa * stream("nearest neighbours").standard_normal(x_test.shape)
    neighbour = KNeighborsClassifier(1).fit(x, y).predict(z)
    predicted = template_scores(z, kappa, [x[y == c] for c in range(10)]).argmax(axis=1)
    difference = (predicted != neighbour).mean()
    assert difference <= (0 if kappa == 0.02 else 0.005)


# --- the data set made of it


@pytest.fixture(scope="module")
def toy():
    rng = stream("toy images of the information limit")
    label = rng.permutation(np.repeat(np.arange(3), 20)).astype(np.int16)
    pattern = rng.integers(0, 200, (3, 4, 5))
    image = (pattern[label] + rng.integers(0, 50, (60, 4, 5))).astype(np.uint8)
    return xr.Dataset(
        {
            "image": (("sample", "y", "x"), image),
            "label": ("sample", label),
            "split": ("sample", (np.arange(60) >= 40).astype(np.int8)),
        }
    )


@pytest.mark.parametrize("standardise", ["global", "per_pixel"])
def test_bound_counts_on_the_noise_that_the_networks_see(toy, standardise):
    level = level_of(4.0, step=7)
    image, split, label = (toy[name].values for name in ("image", "split", "label"))
    mean, deviation = scaling = cubes.standardisation(image, split, standardise)
    x_0 = ((image - mean) / deviation).reshape(60, -1)
    correct = dict.fromkeys(("oracle", "kde"), 0)
    for realisation in (2, 3):
        x_t = cubes.noised(
            image, "toy", level, realisation, scaling,
            dtype=np.dtype(np.float32), step=np.float32(1),
        )  # fmt: skip
        z = x_t.reshape(60, -1)[40:] / level.signal
        for name, templates in (("oracle", slice(40, 60)), ("kde", slice(40))):
            weight = -cdist(z, x_0[templates], "sqeuclidean") / (2 * level.kappa**2)
            classes = [logsumexp(weight[:, label[templates] == c], axis=1) for c in range(3)]
            correct[name] += np.sum(np.argmax(classes, axis=0) == label[40:])
    limit = bound(toy, "toy", [level], [2, 3], standardise=standardise)
    for name, count in correct.items():
        assert limit.n_correct.sel(reference=name).item() == count
        assert 12 < count < 40


def test_levels_and_realisations_may_be_measured_apart(toy):
    levels = [level_of(kappa, step) for step, kappa in enumerate((0.0, 2.0, 6.0))]
    together = bound(toy, "toy", levels, [0, 1, 2])
    apart = sum(bound(toy, "toy", levels, [r]).n_correct.values for r in range(3))
    np.testing.assert_array_equal(together.n_correct, apart)
    last = bound(toy, "toy", levels[2:], [0, 1, 2], references=["ncm", "oracle"])
    xr.testing.assert_equal(last, together.sel(reference=["ncm", "oracle"]).isel(step=[2]))


def test_bound_describes_itself_and_is_written_as_netcdf(toy, tmp_path):
    levels = [level_of(kappa, step) for step, kappa in ((-1, 0.0), (0, 0.01), (9, 3e6))]
    limit = bound(toy, "toy", levels, [0, 1])
    assert limit.accuracy.dims == ("dataset", "reference", "step")
    assert list(limit.reference.values) == list(REFERENCES)
    np.testing.assert_array_equal(limit.accuracy, limit.n_correct / limit.n_samples)
    assert (limit.accuracy.sel(reference="oracle", step=[-1, 0]) == 1).all()
    netcdf.write(limit, tmp_path / "limit.nc", {"history": "test"})
    netcdf.check(tmp_path / "limit.nc")
    with xr.open_dataset(tmp_path / "limit.nc") as read:
        xr.testing.assert_equal(read.load(), limit)
        for name in read.variables.keys() - {"dataset"}:
            assert read[name].attrs["long_name"]
        assert read.reference.attrs["oracle"] == REFERENCES["oracle"]


def test_interval_is_that_of_wilson(toy):
    limit = bound(toy, "toy", [level_of(5.0)], [0, 1])
    n, z = limit.n_samples.item(), norm.ppf(0.975)
    p = limit.accuracy
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    np.testing.assert_allclose(limit.accuracy_low, centre - half)
    np.testing.assert_allclose(limit.accuracy_high, centre + half)

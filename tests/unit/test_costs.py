"""Declared costs of jobs: their proportions, and the measured costs of real studies."""

import json
from pathlib import Path

import numpy as np
import pytest

from netphase.criticality import costs as criticality
from netphase.hyperbolic import costs as hyperbolic
from netphase.hyperbolic.surfaces import surface
from netphase.information import costs as information
from netphase.information.probes import n_probes
from netphase.inverse_ising import costs as inverse_ising
from netphase.jobs.estimates import Shape
from netphase.lattices import costs as lattices
from netphase.learners import costs as learners
from netphase.noise import costs as noise
from netphase.spectral import costs as spectral
from netphase.transitions import costs as transitions
from netphase.weights import costs as weights

SUMMARY = Path(__file__).parents[2] / "benchmarks/summary.json"
BENCHMARKS = {name: entry["value"] for name, entry in json.loads(SUMMARY.read_text()).items()}
FASHION = Shape(60_000, 70_000, 784, 10)
LADDER = {
    "hidden": [2, 4, 8, 16, 32, 64, 128], "batch_size": 200, "max_iter": 200,
    "n_iter_no_change": 10, "learner": "perceptron", "dtype": "float32",
}  # fmt: skip


def within(factor, seconds, measured):
    return measured / factor <= seconds <= measured * factor


def test_benchmarks_cost_what_they_measured():
    epoch = learners.ladder_seconds(
        learners.LADDER, LADDER | {"max_iter": 1, "n_iter_no_change": 0}, BENCHMARKS
    )
    np.testing.assert_allclose(epoch, BENCHMARKS["ladder_epoch_of_emnist"])
    cube = Shape(0, noise.IMAGES, noise.VALUES, 47)
    assert noise.cube_seconds(cube, 1, BENCHMARKS) == pytest.approx(BENCHMARKS["cube_cpu"])
    settings = {"steps": 3000, "batch_size": 64, "draws": 50, "scored": 2000}
    one = weights.ensemble_seconds(FASHION, (20, 15, 15, 10), settings, 1, BENCHMARKS)
    assert one == pytest.approx(1e-3 * BENCHMARKS["binary_network"])
    for name, width in learners.MEASURED_WIDTHS.items():
        clean = Shape(50_000, 60_000, 3072, 100)
        image = learners.image_seconds(clean, width, 0.25, BENCHMARKS) / learners.STUDY
        assert image == pytest.approx(1 / BENCHMARKS[name], rel=0.1)


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [
        # Of the README: networks on Fashion-MNIST, one realisation at 11 levels
        (11 * learners.ladder_seconds(FASHION, LADDER, BENCHMARKS)[1], 30),
        # Networks on EMNIST's 47 classes, two realisations
        (22 * learners.ladder_seconds(learners.LADDER, LADDER, BENCHMARKS)[1], 144),
        # Square lattices, ten realisations at 13 temperatures
        (130 * lattices.simulation_seconds(95e6, 4, BENCHMARKS), 5.1),
        # {5, 4}, four realisations at 15 temperatures
        (
            60
            * hyperbolic.surfaces_seconds(
                5, 4, {11: 32000, 19: 16000, 31: 12000, 29: 8000, 61: 3000}, BENCHMARKS
            ),
            3.8,
        ),
        # Spectral densities: 22 jobs of each number of times
        (
            22
            * sum(
                spectral.network_seconds(30_000, 20, 201, n) + spectral.entropy_seconds(120, 201)
                for n in (17, 33, 65)
            ),
            40,
        ),
    ],
)
def test_studies_are_estimated_within_a_factor_of_two(seconds, minutes):
    assert within(2, seconds / 60, minutes)


@pytest.mark.parametrize(("p", "q", "prime"), [(5, 4, 11), (5, 4, 31), (7, 3, 13), (3, 7, 13)])
def test_spins_of_surfaces_are_exact(p, q, prime):
    assert hyperbolic.surface_spins(p, q, prime) == len(surface(p, q, prime).neighbours)


def test_noisy_images_of_the_limit():
    limits = [
        information.limit_seconds(FASHION, 1, 10, trained_once=once, operation=1e-11)
        for once in (False, True)
    ]
    assert limits[0] / limits[1] == pytest.approx(10 * FASHION.test / n_probes(FASHION.test, 784))


def test_images_are_pooled_to_the_side():
    sizes = {(784, 14): 196, (784, 28): 784, (64, 14): 64, (3072, 14): 100}
    assert {key: criticality.n_pixels(Shape(1, 2, key[0], 10), key[1]) for key in sizes} == sizes


def test_work_goes_with_what_is_counted():
    training = {"kind": "perceptron", "width": 64, "side": 14, "steps": 900, "batch_size": 32,
                "marks": 20, "scored": 2000}  # fmt: skip
    one = criticality.training_seconds(FASHION, 10, training, 14, 1e-11)
    assert criticality.training_seconds(FASHION, 80, training, 28, 1e-11) == pytest.approx(16 * one)
    assert transitions.families_seconds(14, 11, BENCHMARKS) == pytest.approx(
        2 * transitions.families_seconds(7, 11, BENCHMARKS)
    )
    for seconds in (inverse_ising.sweep_seconds, lambda n, *_: inverse_ising.states_seconds(n, 9)):
        assert seconds(600, 200, BENCHMARKS) == pytest.approx(4 * seconds(300, 200, BENCHMARKS))


def test_methods_of_inference_cost_more_with_more_work():
    few, many = (
        {
            method: inverse_ising.inference_seconds(n, 11_000, method, options, BENCHMARKS)
            for method, options in {
                "closed_form": {},
                "propagation": {"steps": 100},
                "pseudolikelihood": {},
                "persistent_chains": {"updates": 1600, "sweeps": 2, "n_chains": 200},
            }.items()
        }
        for n in (150, 675)
    )
    assert min(few, key=few.get) == min(many, key=many.get) == "closed_form"
    assert all(many[method] > 9 * few[method] for method in few)

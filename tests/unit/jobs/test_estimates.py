"""Estimated costs of jobs: declared work, corrected by the measured cost of like jobs."""

import numpy as np
import pytest

from netphase.jobs.estimates import (
    COMPILING,
    JOB_BYTES,
    JOB_SECONDS,
    REACH,
    ROUGH,
    Finished,
    Job,
    Known,
    Rule,
    Shape,
    Sum,
    Unknown,
    few_seconds,
    leaves,
    plain,
    roughly,
)

KNOWN = Known({"small": Shape(80, 100, 64, 10), "own": "own is not stored"}, {})


def declared(wildcards, parameters, known):
    """A second for each image and step."""
    return roughly(known.shape(wildcards["dataset"]).train * parameters["steps"])


def job(seed=0, steps=1, level=0, dataset="small"):
    parameters = {"steps": steps, "level": {"step": level, "form": "ddpm"}}
    return Job({"dataset": dataset, "seed": str(seed)}, parameters)


def seconds(finished, wanted):
    return np.subtract(Rule(declared, finished, KNOWN).estimate(wanted).seconds, JOB_SECONDS)


def test_without_earlier_jobs_the_declared_work_and_the_start():
    cost = Rule(declared, [], KNOWN).estimate(job(steps=3))
    np.testing.assert_allclose(cost.seconds, JOB_SECONDS + 240 * np.array(ROUGH))
    assert cost.kept == JOB_BYTES


def test_few_seconds_are_the_start_alone():
    cost = Rule(few_seconds, [], KNOWN).estimate(job())
    np.testing.assert_array_equal(cost.seconds, np.full(3, JOB_SECONDS))


def test_the_same_job_costs_what_it_did():
    np.testing.assert_allclose(seconds([Finished(job(), 500.0)], job()), np.full(3, 500.0))


def test_nearest_jobs_say_the_range_and_others_nothing():
    finished = [
        Finished(job(seed=0), 100.0),
        Finished(job(seed=1), 200.0),
        Finished(job(seed=2, level=7), 9000.0),
    ]
    np.testing.assert_allclose(seconds(finished, job(seed=3)), [100, 150, 200])


def test_cost_goes_with_the_declared_work():
    finished = [Finished(job(), 100.0)]
    ratio = seconds(finished, job(steps=20)) / seconds(finished, job())
    np.testing.assert_allclose(ratio, (20 * 80 + COMPILING) / (80 + COMPILING))


def test_short_jobs_do_not_tell_of_long_ones():
    finished = [Finished(job(), 1000.0)]
    np.testing.assert_allclose(
        seconds(finished, job(steps=2 * REACH)), 160 * REACH * np.array(ROUGH)
    )


def test_earlier_jobs_of_what_is_gone_are_left_out():
    finished = [Finished(job(dataset="own"), 1.0), Finished(Job({"dataset": "small"}, {}), 1.0)]
    np.testing.assert_allclose(seconds(finished, job()), 80 * np.array(ROUGH))


@pytest.mark.parametrize(
    ("earlier", "said"),
    [
        (job(), "an earlier run"),
        (job(seed=1, level=3), "earlier runs, other seed, step"),
        (Job({"dataset": "small"}, {"steps": 1}), "earlier runs, other form, seed, step"),
        (Job({"dataset": "small", "a": "1", "b": "2"}, {"steps": 1}), "earlier runs of other sett"),
    ],
)
def test_source_names_what_differs(earlier, said):
    cost = Rule(declared, [Finished(earlier, 9.0)], KNOWN).estimate(job())
    assert cost.source.startswith(said)


def test_unknown_shapes_are_said_and_not_summed():
    total, rule = Sum(), Rule(declared, [], KNOWN)
    total.add(rule, job())
    total.add(rule, job(dataset="own"))
    assert total.jobs == 2 and total.unknown == {"own is not stored": 1}
    np.testing.assert_allclose(total.seconds, JOB_SECONDS + 80 * np.array(ROUGH))
    with pytest.raises(Unknown, match="own is not stored"):
        rule.estimate(job(dataset="own"))


def test_parameters_are_compared_as_provenance_has_them():
    parameters = {"lattices": {8: 100}, "steps": (0, 1), "code": "digest"}
    assert plain(parameters) == {"lattices": {"8": 100}, "steps": [0, 1]}
    assert leaves(Job({}, plain(parameters))) == {("lattices.8", "100"), ("steps", "[0, 1]")}

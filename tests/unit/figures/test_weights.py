"""The figures of weights show the results, of networks with one block and with four."""

import numpy as np
import pytest
from weight_models import explored, of

from netphase.figures import weights
from netphase.figures.weights import BLOCKS
from netphase.inverse_ising.labels import METHODS
from netphase.inverse_ising.landscapes import entropy_bound

VIEWS = {
    "parameters": "models",
    "quality": "models",
    "landscapes": "landscapes",
    "distances": "landscapes",
    "states": "states",
    "relaxation": "states",
    "entropies": "entropies",
    "iso_energy": "iso_energy",
    "triples": "triples",
    "field_sweeps": "field_sweeps",
    "renaming": "renaming",
}


@pytest.fixture(scope="module")
def found():
    return explored()


def draw(found, view, scenario="deep"):
    return getattr(weights, view)(of(found, VIEWS[view], scenario))


@pytest.mark.parametrize("scenario", ["deep", "shallow"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_axis_is_named_and_nothing_is_nan(found, view, scenario):
    figure = draw(found, view, scenario)
    words = []
    for ax in figure.axes:
        assert ax.get_xlabel() or ax.get_ylabel()
        words += [ax.get_title(), *(label.get_text() for label in ax.get_yticklabels())]
    assert "nan" not in " ".join(words)
    figure.savefig("/dev/null", format="png")


def curves(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_landscapes_of_all_blocks_and_their_bound(found):
    figure = draw(found, "landscapes")
    assert [ax.get_title() for ax in figure.axes] == ["closed form", "persistent chains"]
    drawn = curves(figure.axes[0])
    bound = drawn["all configurations"]
    np.testing.assert_allclose(bound.get_ydata(), entropy_bound(bound.get_xdata()))
    for block, (name, _) in BLOCKS.items():
        one = found["landscapes"]["deep", block, "closed_form"]
        low = one.sel(band="low", direction="up").mean("reference")
        np.testing.assert_allclose(drawn[name].get_xdata(), low.d)
        np.testing.assert_allclose(drawn[name].get_ydata(), low.s)


def test_points_without_a_fixed_point_are_not_drawn(found):
    one = {key: data.copy(deep=True) for key, data in of(found, "landscapes", "shallow").items()}
    for data in one.values():
        data["converged"][:] = False
    titles = [ax.get_title() for ax in weights.distances(one).axes]
    assert all("100% not converged" in title for title in titles)
    for line in weights.landscapes(one).axes[0].get_lines()[1:]:
        assert not np.isfinite(line.get_xydata()).any()


def test_a_single_block_shows_all_bands_of_energy(found):
    drawn = curves(draw(found, "distances", "shallow").axes[0])
    assert {"high energy", "medium energy", "low energy"} <= drawn.keys()


def test_states_and_names_are_those_found(found):
    labels = [label.get_text() for label in draw(found, "states").axes[0].get_yticklabels()]
    assert all("1 state" in label for label in labels)
    assert set(METHODS) >= {key[1] for key in of(found, "renaming")}
    figure = draw(found, "renaming")
    one = of(found, "renaming")["full", "closed_form"]
    points = figure.axes[0].containers[1].lines[0]
    np.testing.assert_allclose(points.get_ydata(), one.entropy.isel(block=1))


def test_clouds_show_every_configuration_beside_its_plane(found):
    figure = weights.clouds(found["clouds"])
    assert len(figure.axes) == 2 * 2
    cloud, (plane, overlaps) = found["clouds"]["deep"], figure.axes[:2]
    drawn = {line.get_label(): line for line in plane.get_lines()}
    for kind, text in weights.CLOUDS.items():
        np.testing.assert_array_equal(drawn[text].get_xydata(), cloud.place.sel(kind=kind))
    assert plane.get_lines()[-1].get_xdata()[0] == cloud.attrs["plane"]
    assert overlaps.get_xlabel() and f"{float(cloud.apart):.1%}" in plane.get_title()


def test_accuracies_count_the_networks(found):
    figure = weights.accuracies(found["ensembles"])
    assert "deep, 3-4-4-2: 300 of 300" in figure.axes[0].get_title()
    counts = sum(patch.get_height() for patch in figure.axes[0].patches[:-1])
    assert counts == pytest.approx(300)

"""Verdicts on claims of Zou & Huang (2021), on small networks trained apart from ensembles."""

from collections.abc import Iterable

import xarray as xr

from netphase.findings import papers
from netphase.findings.verdicts import Quantity, Reading, Verdict, around, exactly, judge_claims


def judge_others(others: Iterable[xr.Dataset]) -> list[Verdict]:
    """Judge each claim on frozen blocks, on depth, and on double descent.

    Parameters
    ----------
    others : of `netphase.weights.frozen_interior.compare`, `netphase.weights.depth.compare` and
        `netphase.weights.double_descent.compare`, as many as there are
    """
    return [
        verdict
        for other in others
        for verdict in judge_claims(papers.ZOU_HUANG_OTHERS, QUANTITIES, other, "other networks")
    ]


def _gap_of_frozen_interior(other, claim):
    if "gap_mean" not in other:
        return []
    last = other.isel(epoch=-1).sel(arm="frozen_interior")
    name = (
        f"{other.sizes['run']} runs of {int(last.epoch)} epochs, {other.attrs['variant']} variant "
        "of the frozen signs"
    )
    return [around(name, 100 * last.gap_mean, 100 * last.gap_half)]


def _crossing(other, claim):
    if "crossing" not in other:
        return []
    name = f"{int(other.step[-1])} steps of training, {other.sizes['repeat']} networks each"
    ends = (float(other[f"crossing{end}"]) for end in ("", "_low", "_high"))
    return [Reading(name, *ends)]


def _of_kind(other, kind):
    """Double descent of binary or of real networks, with their number in words; or nothing."""
    if "peak_ratio" not in other or kind not in other.kind:
        return None, ""
    name = f"{other.attrs['n_samples']} samples, {other.sizes['repeat']} networks each"
    return other.sel(kind=kind), name


def _height_of_peak(other, claim):
    real, name = _of_kind(other, "real")
    return [] if real is None else [exactly(name, real.peak_ratio)]


def _widths_below_peak(other, claim):
    real, name = _of_kind(other, "real")
    return [] if real is None else [exactly(name, (real["width"] < real.peak_width).sum())]


def _trend(other, claim):
    binary, name = _of_kind(other, "binary")
    return [] if binary is None else [exactly(name, binary.trend)]


def _least_train_error(other, claim):
    binary, name = _of_kind(other, "binary")
    return [] if binary is None else [exactly(name, binary.train_error.mean("repeat").min())]


NONE = "none: a number without an error"
QUANTITIES = {
    "gap_of_frozen_interior": Quantity(
        "test accuracy of networks trained whole less that of those with a frozen interior",
        "percentage points",
        "Student's t over the runs",
        "variant of the frozen signs",
        _gap_of_frozen_interior,
    ),
    "crossing": Quantity(
        "layer width from which deep networks surpass the shallow one",
        "hidden units",
        "bootstrap over the networks",
        "steps of training",
        _crossing,
    ),
    "height_of_peak": Quantity(
        "largest test loss over that at the largest layer width",
        "",
        NONE,
        "samples",
        _height_of_peak,
    ),
    "widths_below_peak": Quantity(
        "layer widths measured below that of the largest test loss",
        "",
        "none: a count",
        "samples",
        _widths_below_peak,
    ),
    "trend": Quantity("rank correlation of test loss and layer width", "", NONE, "samples", _trend),
    "least_train_error": Quantity(
        "least training error of all layer widths, mean of the networks",
        "",
        NONE,
        "samples",
        _least_train_error,
    ),
}

"""Phases and decay lengths of random convolutional networks, compared with mean-field theory."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from netphase.criticality.convolutions import AXES, SPECTRA
from netphase.criticality.gram_spectra import PHASES, classify, critical_variance
from netphase.criticality.mean_field import critical_weight_variance, fixed_point
from netphase.errors import InputError
from netphase.files import attributes
from netphase.runs.aggregation import aggregate

MEANINGS = {
    "slope": "slope of ln gap per layer, over the last half of the layers",
    "phase": "phase by the spectra, -1 where unknown",
    "estimate": "critical weight variance by the spectra",
    "decay_length": "mean-field decay length of the correlation of two inputs, in layers",
    "critical_variance": "mean-field critical weight variance",
}


def compare(spectra: Sequence[xr.Dataset], *, flat: float, least: float) -> xr.Dataset:
    """Compare the decay lengths of all networks by Gram spectra with mean-field theory.

    Parameters
    ----------
    spectra : of `netphase.criticality.convolutions.propagate`
    flat, least : of `netphase.criticality.gram_spectra.classify`

    Returns
    -------
    xarray.Dataset
        SPECTRA as they are; slope (NaN where a network has fewer than four layers that differ) and
        phase over (network, dataset, realisation, weight_variance); decay_length over (network,
        weight_variance) and critical_variance over network by mean-field theory, NaN for residual
        networks; estimate of the critical variance over (network, dataset, realisation), NaN where
        there is none.
    """
    dims = ("network", "dataset", "realisation", "weight_variance", "layer")
    result = aggregate(spectra, dims)
    gaps = result.gap.transpose(*dims).values
    slope, phase = np.full(gaps.shape[:-1], np.nan), np.full(gaps.shape[:-1], -1, np.int8)
    estimate = np.full(gaps.shape[:-2], np.nan)
    variances = result.weight_variance.values
    for place in np.ndindex(estimate.shape):
        for v in range(variances.size):
            known = gaps[place][v][np.isfinite(gaps[place][v])]
            try:
                classified = classify(known, flat=flat, least=least)
            except InputError:
                continue
            slope[place][v], phase[place][v] = classified.slope, PHASES.index(classified.phase)
        there = phase[place] == PHASES.index("subcritical")
        try:
            estimate[place] = critical_variance(variances[there], slope[place][there])
        except InputError:
            continue
    result["slope"], result["phase"] = (dims[:-1], slope), (dims[:-1], phase)
    result["estimate"] = dims[:-2], estimate
    lengths = np.full((result.sizes["network"], variances.size), np.nan)
    critical = np.full(result.sizes["network"], np.nan)
    for n in np.flatnonzero(result.residual.values == 0):
        bias_variance = float(result.bias_variance[n])
        critical[n] = critical_weight_variance(bias_variance)
        lengths[n] = [fixed_point(w, bias_variance).depth_of_c for w in variances]
    result["decay_length"] = ("network", "weight_variance"), lengths
    result["critical_variance"] = "network", critical
    result.attrs = {"title": "Signals in random networks of convolutions"}
    attributes.describe(
        result, SPECTRA | AXES | MEANINGS, {"residual": ("no", "yes"), "phase": PHASES}
    )
    return result

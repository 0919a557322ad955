"""Critical weight variance of random deep networks, by the signals of a batch of images.

The critical variance is read from Gram spectra (`netphase.criticality.propagation`) alone; that of
mean-field theory (`netphase.criticality.mean_field`) is given for comparison.
"""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from netphase.criticality import gram_spectra
from netphase.criticality.gram_spectra import PHASES
from netphase.criticality.mean_field import critical_weight_variance, fixed_point
from netphase.criticality.propagation import AXES, MEASURES
from netphase.criticality.propagation import UNITS as MEASURE_UNITS
from netphase.files import attributes
from netphase.runs.aggregation import aggregate
from netphase.statistics.intervals import ENDS, bootstrap_mean

MEANINGS = {
    "critical_mean": "mean of critical_variance over the realisations",
    "by_line_mean": "mean of critical_by_line over the realisations",
    "critical_weight_variance": "critical weight variance by mean-field theory",
    "q": "variance of the pre-activations after infinitely many layers, mean field",
    "chi": "growth of a small difference in a layer, mean field",
    "c": "correlation of two inputs after infinitely many layers, mean field",
    "depth_of_c": "layers in which a deviation of c falls by e, mean field",
    "depth_of_q": "layers in which a deviation of q falls by e, mean field",
    "entropy_inf": "entropy after infinitely many layers, mean field",
    "gap_inf": "gap after infinitely many layers, mean field",
}
UNITS = {
    "depth_of_c": "layer",
    "depth_of_q": "layer",
    "entropy_inf": "nat",
}


def join(found: Sequence[xr.Dataset], bias_variance: float, rng: np.random.Generator) -> xr.Dataset:
    """Join all realisations; add the critical variance with its interval, and mean-field theory.

    Parameters
    ----------
    found : as of `netphase.criticality.propagation.propagate`
    rng : of the copies in which the realisations are resampled

    Returns
    -------
    xarray.Dataset
        The measures of all realisations; over dataset, ``critical`` and ``by_line`` with ENDS; over
        weight_variance, the fixed point of mean-field theory with its decay lengths, entropy and
        gap; ``critical_weight_variance`` by mean-field theory.
    """
    whole = aggregate(found, tuple(AXES))
    for estimate, short in (("critical_variance", "critical"), ("critical_by_line", "by_line")):
        values = whole[estimate].transpose("dataset", "realisation").values
        for end, found_ends in zip(ENDS, bootstrap_mean(values, rng), strict=True):
            whole[f"{short}_{end}"] = "dataset", found_ends
    points = [fixed_point(variance, bias_variance) for variance in whole.weight_variance.values]
    for name in ("q", "chi", "c", "depth_of_c", "depth_of_q"):
        whole[name] = "weight_variance", [getattr(point, name) for point in points]
    n_images = int(whole.attrs["n_images"])
    limits = np.array(
        [gram_spectra.expected_spectrum(point, bias_variance, n_images) for point in points]
    )
    whole["entropy_inf"] = "weight_variance", gram_spectra.entropy(limits)
    whole["gap_inf"] = "weight_variance", 1 - limits[:, -1]
    whole["critical_weight_variance"] = critical_weight_variance(bias_variance)
    long_names, units = AXES | MEASURES | MEANINGS, MEASURE_UNITS | UNITS
    attributes.describe(whole, long_names, {"phase": PHASES}, units)
    return whole

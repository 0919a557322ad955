"""Choice of one family for the curves of a ladder, and its fits of every size.

All realisations of a size are fitted together for the choice of the family and for profile
intervals, and each by itself for the scatter between them. Widths of different shapes must not be
mixed in one scaling law, so one family is quoted for the whole ladder.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from netphase.runs.ladders import over_ladders
from netphase.transitions import curves
from netphase.transitions.fits import FITTED, TOO_FEW_LEVELS, akaike_weights, fit_runs

FILL = {
    "status": TOO_FEW_LEVELS,
    "plateau_bound": 0,
    "floor_bound": 0,
    "floor_reached": 0,
    "n_points": 0,
    "n_compared": 0,
    "quoted": "",
}


def controls(kappa: xr.DataArray, schedule: Mapping) -> xr.Dataset:
    """The control parameter in each of `netphase.transitions.curves.COORDINATES`, over (step,).

    kappa and the diffusion step are those of the runs; only beta is taken from the schedule. -inf
    without noise, where a curve shows its plateau only.

    Parameters
    ----------
    kappa : (step,), with the diffusion steps as its coordinate
    schedule : keywords of `netphase.noise.schedule.levels`
    """
    noisy = kappa.values > 0
    measured = {"kappa": kappa.values[noisy], "t": kappa.step.values[noisy].astype(float)}
    u = xr.Dataset(coords=kappa.coords)
    for name, meaning in curves.COORDINATES.items():
        source = "kappa" if name == "ln_kappa" else "t"
        values = np.full(kappa.size, -np.inf)
        values[noisy] = (
            measured[name]
            if name in measured
            else curves.convert(measured[source], source, name, schedule)
        )
        u[name] = "step", values, {"long_name": meaning}
    return u


def fit_families(
    runs: xr.Dataset, schedule: Mapping, families: Sequence[str] = curves.DEFAULT_FAMILIES
) -> tuple[xr.Dataset, xr.Dataset]:
    """Fit the families to the test accuracy of every size of a run cube.

    Parameters
    ----------
    runs : of `netphase.runs.aggregation.aggregate`
    schedule : noise schedule of the study, keywords of `netphase.noise.schedule.levels`

    Returns
    -------
    pooled : the result of `netphase.transitions.fits.fit_runs` for all realisations of a size
        together, over (dataset, ladder, size, family), with summed_aicc and ladder_weight over
        (dataset, ladder, family) and the family to be quoted over (dataset, ladder)
    single : the same for each realisation, over (dataset, ladder, size, realisation, family)
    """
    test = runs.sel(split="test").sortby("size")
    u = controls(test.kappa, schedule)

    def fit_all(ladder):
        return choose_family(fit_runs(ladder, u, families=families, pool=True))

    def fit_each(ladder):
        return fit_runs(ladder, u, families=families, pool=False)

    pooled, single = (over_ladders(fit, test, fill_value=FILL) for fit in (fit_all, fit_each))
    return pooled, single


def choose_family(pooled: xr.Dataset) -> xr.Dataset:
    """Choose the family of a ladder that has the lowest AICc, summed over the sizes.

    Summed are the sizes at which every family is fitted. The choice is among the families in
    ln(kappa), the physical coordinate of a noise-to-signal ratio; without any size it is the first
    of them.

    Parameters
    ----------
    pooled : aicc and status over (size, family)
    """
    compared = (pooled.status == FITTED).all("family")
    summed = pooled.aicc.where(compared).sum("size", min_count=1)
    weight = summed.copy(data=akaike_weights(summed.values))
    quotable = [f for f in summed.family.values if curves.FAMILIES[f].coordinate == "ln_kappa"]
    best = quotable[np.argmin(summed.sel(family=quotable).fillna(np.inf).values)]
    return pooled.assign(
        summed_aicc=summed.assign_attrs(
            long_name="AICc summed over the sizes at which every family is fitted", units="1"
        ),
        ladder_weight=weight.assign_attrs(
            long_name="Akaike weight of the family for the whole ladder", units="1"
        ),
        quoted=((), str(best), {"long_name": "family that is quoted for the whole ladder"}),
        n_compared=(
            (),
            int(compared.sum()),
            {"long_name": "number of sizes in summed_aicc", "units": "1"},
        ),
    )

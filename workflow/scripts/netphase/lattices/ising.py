"""The square-lattice Ising model, whose transition is known exactly: the control of the analysis.

H = -J sum over bonds of s_i s_j on an L x L torus, J = k_B = 1, simulated by single clusters
(Wolff 1989); temperatures are in units of J / k_B. The critical point is
T_c = 2 / ln(1 + sqrt 2) = 2.269185, nu = 1 (Onsager 1944).

The sampling is chosen for the precision of T_c and nu per CPU second:

- The error of a Binder crossing is that of U4 over a slope that grows as L^(1/nu), and nu is the
  straight line of ln slope against ln L. For that line, at a cost of L^2 a sweep, the best numbers
  of measurements go as 1/L: each lattice costs twice the next smaller one.
- A measurement costs about a tenth of a sweep and is taken after half a sweep, below every
  autocorrelation time at criticality (1 to 3 sweeps for L = 8 to 128).
- The transition of a lattice spans |T - T_c| L < 4, so 2.24 to 2.30 holds that of L = 128, and
  enough of the slope of L = 16. In steps of 0.005 straight lines between the temperatures stay
  within the errors for L = 128; coarser steps further out made collapses poor by curvature alone.
- The slope is read twice: off the curves, and at each temperature from the covariance of energy and
  magnetisation (`binder_slope`).
- Corrections to scaling show: with 10 x 384,000 / L measurements the crossings with L = 8 have no
  common value, those from L = 16 on do; the collapse from L = 16 on has a T_c some 0.0005 too low,
  outside its interval, that from L = 32 on has not.

The compiled clusters give 43 times as many independent magnetisations per CPU second as compiled
single spins (wolff_over_metropolis in benchmarks/summary.json). In one file, since the updates,
their estimators and the metadata of the run files share the layout of their series.
"""

import logging
import math
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numba
import numpy as np
import xarray as xr

from netphase.lattices.temperatures import LEVELS_PER_UNIT
from netphase.statistics.autocorrelation import BINS, autocorrelation_time, jackknife
from netphase.streams import stream

SWEEPS_BETWEEN = 0.5
DISCARDED = 0.05
UNIFORMS = 4096
STATUS = ("measured", "frozen", "too_short")
MEASURED, FROZEN, TOO_SHORT = range(len(STATUS))
SERIES = {
    "energy": "energy per spin",
    "magnetisation": "absolute magnetisation per spin",
    "m2": "second moment of the magnetisation per spin",
    "m4": "fourth moment of the magnetisation per spin",
    "cluster": "mean number of spins in a cluster",
}
DERIVED = {
    "susceptibility": "susceptibility N <m^2> / T by its cluster estimator <C> / T",
    "susceptibility_connected": "susceptibility N (<m^2> - <|m|>^2) / T",
    "specific_heat": "specific heat per spin, N (<e^2> - <e>^2) / T^2",
    "binder": "Binder cumulant U4 = 1 - <m^4> / (3 <m^2>^2)",
    "binder_slope": "derivative of the Binder cumulant by temperature",
}
UNITS = {
    "energy": "J",
    "susceptibility": "1/J",
    "susceptibility_connected": "1/J",
    "specific_heat": "k_B",
    "binder_slope": "k_B/J",
}
ATTRIBUTES = {
    name + suffix: {"long_name": prefix + meaning, "units": UNITS.get(name, "1")}
    for name, meaning in (SERIES | DERIVED).items()
    for suffix, prefix in (("", ""), ("_se", "standard error of the "))
}
ATTRIBUTES |= {
    f"{name}_tau": {
        "long_name": f"integrated autocorrelation time of the {meaning}, in sweeps of N flips",
        "units": "1",
    }
    for name, meaning in SERIES.items()
}
ATTRIBUTES |= {
    "status": {
        "long_name": "outcome of the simulation",
        "units": "1",
        "flag_values": np.arange(len(STATUS), dtype=np.int8),
        "flag_meanings": " ".join(STATUS),
    },
    "n_measurements": {"long_name": "number of measurements", "units": "1"},
    "sweeps_between": {"long_name": "sweeps from one measurement to the next", "units": "1"},
    "flips": {"long_name": "spins flipped, equilibration included", "units": "1"},
}
REFERENCES = (
    "Wolff (1989), Phys. Rev. Lett. 62, 361; Wolff (2004), Comput. Phys. Commun. 156, 143; "
    "Onsager (1944), Phys. Rev. 65, 117"
)

log = logging.getLogger(__name__)
compiled = numba.njit(cache=True, error_model="numpy")


class Graph(NamedTuple):
    """A regular graph, as `wolff` takes it, and how often it is measured."""

    neighbours: np.ndarray
    counted: int
    measurements: int


def torus(size: int) -> np.ndarray:
    """Neighbours (site, 4) on the periodic square lattice: right, down, left, up."""
    site = np.arange(size**2).reshape(size, size)
    rolled = [np.roll(site, shift, axis) for shift in (-1, 1) for axis in (1, 0)]
    # Unsigned, since a signed index is compared with zero at every access.
    return np.stack(rolled, axis=-1).reshape(-1, 4).astype(np.uint32)


@compiled
def flip_cluster(spins, neighbours, bond, queue, uniforms, used, rng):
    """Grow and flip one cluster; returns its size and the number of uniforms used.

    A first-in-first-out queue, because the next site of a stack is known only once its predecessor
    is done. Without branches, because half of them would be guessed wrongly.
    """
    if used + 1 > uniforms.size:
        uniforms[:] = rng.random(uniforms.size)
        used = 0
    seed = np.uint32(uniforms[used] * spins.size)
    used += 1
    old = spins[seed]
    spins[seed] = -old
    queue[0] = seed
    size = 1
    done = 0
    while done < size:
        site = queue[done]
        done += 1
        if used + neighbours.shape[1] > uniforms.size:
            uniforms[:] = rng.random(uniforms.size)
            used = 0
        for k in range(neighbours.shape[1]):
            other = neighbours[site, k]
            aligned = spins[other] == old
            joins = aligned & (uniforms[used] < bond)
            used += aligned
            spins[other] = -old if joins else spins[other]
            queue[size] = other
            size += joins
    return size, used


@compiled
def wolff(spins, neighbours, counted, bond, n_discarded, sweeps_between, rng, out):
    """Equilibrate and measure; returns (spins flipped before, clusters between measurements).

    Clusters are flipped until n_discarded spins have been, then as many clusters again: where a
    count of flips ends, the last cluster is larger than typical, where a count of clusters ends it
    is not. The clusters between two measurements follow from those of this time, and stay fixed.

    Parameters
    ----------
    spins : (sites,), int8, +1 or -1, left as they are after the last measurement
    neighbours : (sites, coordination)
    counted : leading columns of neighbours that are summed: all, which counts every bond twice, or
        a half of them, where that counts every bond once
    bond : probability 1 - exp(-2 J / T) that an aligned neighbour joins
    out : (3, measurements), int64: sum of s_i s_j over what is counted, sum of s_i, spins flipped
        since the previous measurement
    """
    queue = np.empty(spins.size + 1, np.uint32)
    uniforms = np.empty(UNIFORMS)
    used = uniforms.size
    half = 0
    discarded = 0
    while discarded < n_discarded:
        size, used = flip_cluster(spins, neighbours, bond, queue, uniforms, used, rng)
        discarded += size
        half += 1
    for _ in range(half):
        size, used = flip_cluster(spins, neighbours, bond, queue, uniforms, used, rng)
        discarded += size
    between = max(1, round(sweeps_between * spins.size * 2 * half / discarded))
    for t in range(out.shape[1]):
        flipped = 0
        for _ in range(between):
            size, used = flip_cluster(spins, neighbours, bond, queue, uniforms, used, rng)
            flipped += size
        bonds = 0
        total = 0
        for site in range(spins.size):
            field = 0
            for k in range(counted):
                field += spins[neighbours[site, k]]
            bonds += spins[site] * field
            total += spins[site]
        out[0, t] = bonds
        out[1, t] = total
        out[2, t] = flipped
    return discarded, between


def derived(moments: np.ndarray, sites: int, temperature: float) -> np.ndarray:
    """The quantities of `DERIVED`, in that order, from the means of `series`.

    d<x>/dT = N (<e x> - <e> <x>) / T^2 for any x of the spins, hence
    dU4/dT = U4 by <m^2> and <m^4>: (2 <m^4> d<m^2> / <m^2> - d<m^4>) / (3 <m^2>^2).

    Parameters
    ----------
    moments : (8, ...), means of e, |m|, m^2, m^4, C, e^2, e m^2, e m^4
    """
    e, m, m2, m4, cluster, ee, em2, em4 = moments
    slope_m2, slope_m4 = (sites * (ex - e * x) / temperature**2 for ex, x in ((em2, m2), (em4, m4)))
    return np.stack(
        [
            cluster / temperature,
            sites * (m2 - m**2) / temperature,
            sites * (ee - e**2) / temperature**2,
            1 - m4 / (3 * m2**2),
            (2 * m4 * slope_m2 / m2 - slope_m4) / (3 * m2**2),
        ]
    )


def simulate(
    size: int, temperature: float, measurements: int, rng: np.random.Generator
) -> dict[str, float]:
    """`simulate_graph` of the L x L torus.

    Raises
    ------
    ValueError : L < 3, or fewer than ten measurements in a bin of the jackknife
    """
    if size < 3:
        raise ValueError(f"at least 3 spins along a side are needed, not {size}")
    return simulate_graph(torus(size), 2, temperature, measurements, rng)


def simulate_graph(
    neighbours: np.ndarray,
    counted: int,
    temperature: float,
    measurements: int,
    rng: np.random.Generator,
) -> dict[str, float]:
    """Means, standard errors and autocorrelation times of one regular graph at one temperature.

    In one piece, from the sampling to its status, since all parts read the same series. It starts
    with all spins up and discards one sweep for every twenty measurements. A measurement is taken
    every half sweep, or nearest whole number of clusters. All values are NaN unless the status is
    "measured":

    - frozen: a series is constant;
    - too_short: a bin of the jackknife is shorter than ten times the longest autocorrelation time.
      What is not too short has discarded at least ten of them.

    Parameters
    ----------
    neighbours, counted : of `wolff`
    temperature : in J / k_B
    measurements : at least 200

    Returns
    -------
    dict
        Each of `SERIES` with suffixes "", "_se" and "_tau" (in sweeps), each of `DERIVED` with
        "" and "_se", and status (index into `STATUS`), n_measurements, sweeps_between, flips.

    Raises
    ------
    ValueError : fewer than ten measurements in a bin of the jackknife
    """
    sites, coordination = neighbours.shape
    if measurements < 10 * BINS:
        raise ValueError(f"at least {10 * BINS} measurements are needed, not {measurements}")
    out = np.zeros((3, measurements), np.int64)
    discarded, between = wolff(
        np.ones(sites, np.int8),
        neighbours,
        counted,
        -math.expm1(-2 / temperature),
        round(DISCARDED * measurements * sites / 2),
        SWEEPS_BETWEEN,
        rng,
        out,
    )
    e = -out[0] * (coordination / (2 * counted)) / sites
    m, cluster = out[1] / sites, out[2] / between
    m2, m4 = m**2, m**4
    series = np.stack([e, np.abs(m), m2, m4, cluster, e * e, e * m2, e * m4])
    tau = np.array([autocorrelation_time(one) for one in series[: len(SERIES)]])
    means = series.mean(axis=1)
    errors = np.sqrt(2 * tau * series.var(axis=1)[: len(SERIES)] / measurements)
    values, value_errors = jackknife(lambda means: derived(means, sites, temperature), series)

    if np.any(np.ptp(series[: len(SERIES)], axis=1) == 0):
        status = FROZEN
    elif not measurements // BINS >= 10 * tau.max():
        status = TOO_SHORT
    else:
        status = MEASURED
    sweeps_between = cluster.mean() * between / sites
    result = {}
    for k, name in enumerate(SERIES):
        result |= {name: means[k], f"{name}_se": errors[k], f"{name}_tau": tau[k] * sweeps_between}
    for k, name in enumerate(DERIVED):
        result |= {name: values[k], f"{name}_se": value_errors[k]}
    if status != MEASURED:
        result = dict.fromkeys(result, np.nan)
    return result | {
        "status": status,
        "n_measurements": measurements,
        "sweeps_between": sweeps_between,
        "flips": discarded + int(out[2].sum()),
    }


def simulate_ladder(
    level: int, *, name: str, lattices: Mapping[int, int], realisations: Sequence[int]
) -> tuple[xr.Dataset, xr.Dataset]:
    """Simulate a ladder of lattices at one temperature, some realisations of each.

    A realisation is a stream of random numbers; no two temperatures or sizes share one.

    Parameters
    ----------
    level : temperature in units of 1e-4 J / k_B
    name : name of the model in the configuration
    lattices : number of measurements by size L, spins along one side

    Returns
    -------
    run, cost : of `simulate_graphs`
    """
    graphs = {size: Graph(torus(size), 2, measurements) for size, measurements in lattices.items()}
    return simulate_graphs(
        level, name=name, graphs=graphs, size="spins along one side", realisations=realisations
    )


def simulate_graphs(
    level: int,
    *,
    name: str,
    graphs: Mapping[int, Graph],
    size: str,
    realisations: Sequence[int],
    **coordinates: int,
) -> tuple[xr.Dataset, xr.Dataset]:
    """Simulate a ladder of graphs at one temperature, some realisations of each.

    In one piece, since most of its lines are the metadata of the two files.

    Parameters
    ----------
    level : temperature in units of 1e-4 J / k_B
    name : name of the model
    graphs : by size
    size : what the size counts
    coordinates : what else the streams of random numbers are named after

    Returns
    -------
    run : what `simulate_graph` returns, over (model, size, temperature, realisation)
    cost : process CPU seconds; apart, since no two runs cost the same to the bit
    """
    cells, cpu = [], []
    for realisation in realisations:
        for n, graph in graphs.items():
            named = coordinates | {"size": n, "level": level, "realisation": int(realisation)}
            start = time.process_time()
            cells.append(
                simulate_graph(
                    graph.neighbours,
                    graph.counted,
                    level / LEVELS_PER_UNIT,
                    graph.measurements,
                    stream("wolff", **named),
                )
            )
            cpu.append(time.process_time() - start)
            log.info(
                "realisation %d, size %d: U4 = %.4f +- %.4f, %.0f million flips per second",
                realisation,
                n,
                cells[-1]["binder"],
                cells[-1]["binder_se"],
                cells[-1]["flips"] / cpu[-1] / 1e6,
            )

    def cube(values):
        table = np.asarray(values).reshape(len(realisations), len(graphs))
        return table.T[np.newaxis, :, np.newaxis, :]

    dims = ("model", "size", "temperature", "realisation")
    axes = {
        "model": [name],
        "size": ("size", np.array(list(graphs), np.int32), {"long_name": size, "units": "1"}),
        "temperature": (
            "temperature",
            [level / LEVELS_PER_UNIT],
            {"long_name": "temperature", "units": "J/k_B"},
        ),
        "realisation": (
            "realisation",
            np.asarray(realisations, np.int32),
            {"long_name": "realisation, index of the random numbers", "units": "1"},
        ),
        "level": (
            "temperature",
            np.array([level], np.int32),
            {"long_name": "temperature in units of 1e-4 J/k_B", "units": "1e-4 J/k_B"},
        ),
        "n_spins": (
            ("model", "size"),
            np.array([[len(graph.neighbours) for graph in graphs.values()]], np.int64),
            {"long_name": "number of spins", "units": "1"},
        ),
    }
    run = xr.Dataset(
        {
            key: (dims, cube([cell[key] for cell in cells]), attributes)
            for key, attributes in ATTRIBUTES.items()
        },
        coords=axes,
        attrs={
            "title": f"{name} at temperature {level / LEVELS_PER_UNIT}",
            "references": REFERENCES,
        },
    )
    run["status"] = run["status"].astype(np.int8)
    cost = xr.Dataset(
        {
            "cpu_seconds": (
                dims,
                cube(cpu),
                {"long_name": "process CPU time of simulation", "units": "s"},
            )
        },
        coords=axes,
        attrs={"title": f"cost of {name} at temperature {level / LEVELS_PER_UNIT}"},
    )
    return run, cost

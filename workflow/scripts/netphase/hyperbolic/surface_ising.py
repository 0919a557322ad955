"""The Ising model at the vertices of closed surfaces tiled by p-gons, q at a vertex.

H = -J sum over edges of s_i s_j, J = k_B = 1. A surface without boundary has no spin but in the
bulk, whereas nearly all spins of an open disc are near its boundary; the exponents of the bulk are
those of mean-field theory (Breuckmann, Placke & Roy 2020, Phys. Rev. E 101, 022124). In it the
number of spins N takes the place of the volume of the correlations: T - T_c ~ N^-1/2,
chi ~ N^1/2, m ~ N^-1/4 at T_c.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from netphase.hyperbolic.surfaces import surface
from netphase.lattices.ising import Graph, simulate_graphs

REFERENCES = (
    "Wolff (1989), Phys. Rev. Lett. 62, 361; Macbeath (1969), Glasgow Math. J. 10, 90; "
    "Breuckmann, Placke & Roy (2020), Phys. Rev. E 101, 022124"
)


def simulate_surfaces(
    level: int,
    *,
    name: str,
    p: int,
    q: int,
    surfaces: Mapping[int, int],
    realisations: Sequence[int],
) -> tuple[xr.Dataset, xr.Dataset]:
    """Simulate all surfaces of a tiling at one temperature.

    Parameters
    ----------
    level : temperature in units of 1e-4 J / k_B
    name : name of the tiling in the configuration
    surfaces : number of measurements, by the prime of the surface

    Returns
    -------
    run, cost : of `netphase.lattices.ising.simulate_graphs`; the size is the number of spins. The
        run knows prime and genus of each surface, (model, size), and p and q of the tiling.

    Raises
    ------
    InputError : a prime has no surface of this tiling
    """
    tiled = {prime: surface(p, q, prime) for prime in surfaces}
    graphs = {
        len(one.neighbours): Graph(one.neighbours, q, surfaces[prime])
        for prime, one in tiled.items()
    }
    run, cost = simulate_graphs(
        level,
        name=name,
        graphs=graphs,
        size="number of spins",
        realisations=realisations,
        p=p,
        q=q,
    )
    known = {
        "prime": (list(tiled), "prime of the group of the surface"),
        "genus": ([one.genus for one in tiled.values()], "genus of the surface"),
    }
    for key, (values, meaning) in known.items():
        attributes = {"long_name": meaning, "units": "1"}
        run.coords[key] = ("model", "size"), np.array([values], np.int32), attributes
    for key, value, meaning in (("p", p, "edges of a polygon"), ("q", q, "polygons at a vertex")):
        run.coords[key] = (
            "model",
            np.array([value], np.int32),
            {"long_name": meaning, "units": "1"},
        )
    run.attrs["references"] = REFERENCES
    return run, cost

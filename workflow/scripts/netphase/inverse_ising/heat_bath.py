"""Independent Markov chains of an Ising model by the heat bath (Gibbs sampling).

P(s) = exp(sum_i h_i s_i + sum_(i<j) J_ij s_i s_j) / Z: a temperature is part of h and J. Each spin
in turn is drawn from its distribution given the others, P(s_i = 1) = 1 / (1 + exp(-2 l_i)),
l_i = h_i + sum_j J_ij s_j. All l_i are kept, and a spin that turns changes them by a row of J:
the work goes with the number of turns. In single precision, to 1e-5 of a field.
"""

import numba
import numpy as np

compiled = numba.njit(
    cache=True, error_model="numpy", fastmath={"reassoc", "contract", "nnan", "nsz"}
)


class Chains:
    """Chains of one model; what is drawn depends on the generator alone.

    Parameters
    ----------
    spins : (chains, n) of -1 and 1, to begin with
    rng : of all draws
    """

    def __init__(self, spins: np.ndarray, rng: np.random.Generator) -> None:
        self.spins = spins.astype(np.float32)
        self.rng = rng

    @classmethod
    def independent(cls, m: np.ndarray, n_chains: int, rng: np.random.Generator) -> "Chains":
        """Chains whose spins begin independent, with means m (n,)."""
        return cls(np.where(rng.random((n_chains, len(m))) < (1 + m) / 2, 1, -1), rng)

    def sweep(self, fields: np.ndarray, couplings: np.ndarray, n_sweeps: int = 1) -> int:
        """Draw each spin of each chain anew, `n_sweeps` times in order; number of turned spins."""
        couplings = np.ascontiguousarray(couplings, np.float32)
        local = self.spins @ couplings + fields.astype(np.float32)
        turned = 0
        for _ in range(n_sweeps):
            u = self.rng.random(self.spins.shape, dtype=np.float32)
            # s_i = 1 where u < P(s_i = 1), said of the field; u = 0 gives -inf, which is right.
            with np.errstate(divide="ignore"):
                threshold = np.log(u / (1 - u)) / 2
            turned += _sweep(self.spins, local, couplings, threshold)
        return turned

    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Means (n,) and <s_i s_j> (n, n) over the chains as they are."""
        n_chains = len(self.spins)
        pairs = (self.spins.T @ self.spins).astype(np.float64) / n_chains
        return self.spins.mean(axis=0, dtype=np.float64), pairs


def energies(fields: np.ndarray, couplings: np.ndarray, spins: np.ndarray) -> np.ndarray:
    """E = -sum_i h_i s_i - sum_(i<j) J_ij s_i s_j of configurations (..., n)."""
    spins = spins.astype(np.float64)
    return -spins @ fields - np.einsum("...i,...i->...", spins @ couplings, spins) / 2


def observe(
    fields: np.ndarray,
    couplings: np.ndarray,
    chains: Chains,
    *,
    relax: int,
    n_measurements: int,
    every: int = 1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means (n,), pair moments (n, n) and energies (measurements, chains) of an ensemble.

    Parameters
    ----------
    relax : sweeps before the first measurement
    every : sweeps between two measurements
    """
    chains.sweep(fields, couplings, relax)
    first, second, energy = 0.0, 0.0, []
    for _ in range(n_measurements):
        chains.sweep(fields, couplings, every)
        m, c = chains.moments()
        first, second = first + m, second + c
        energy.append(energies(fields, couplings, chains.spins))
    return first / n_measurements, second / n_measurements, np.array(energy)


@compiled
def _sweep(spins, local, couplings, threshold):
    turned = 0
    n = spins.shape[1]
    for c in range(len(spins)):
        for i in range(n):
            new = np.float32(1) if local[c, i] > threshold[c, i] else np.float32(-1)
            if new != spins[c, i]:
                spins[c, i] = new
                step = 2 * new
                for j in range(n):
                    local[c, j] += step * couplings[i, j]
                turned += 1
    return turned

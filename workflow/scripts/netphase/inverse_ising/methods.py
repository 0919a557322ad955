"""Inference of the Ising model from moments or samples of spins, by four methods.

P(s) = exp(sum_i h_i s_i + sum_(i<j) J_ij s_i s_j) / Z has the largest entropy of all distributions
of given means m_i = <s_i> and pair moments C_ij = <s_i s_j>. Every method returns `Inferred`;
`quality` measures how well its model reproduces the moments, by belief propagation and by sampling,
which need not agree.
"""

import logging
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from netphase.errors import InputError
from netphase.inverse_ising.belief_propagation import TOLERANCE, Cavity
from netphase.inverse_ising.heat_bath import Chains, observe
from netphase.weights.symmetry import Orbits, average

# |m| is taken to be no nearer to 1 than that of a spin that never turned in so many samples; and no
# field is stronger than such a spin's.
LARGEST_MAGNETISATION = 1 - 1e-5
LEARNING_TOLERANCE = 1e-4
LEARNING_ITERATIONS = 1000
START_DEVIATION = 0.01

log = logging.getLogger(__name__)


class Inferred(NamedTuple):
    """Fields (n,), couplings (n, n), and flags: name of a defect -> reason."""

    fields: np.ndarray
    couplings: np.ndarray
    flags: Mapping[str, str]


def closed_form(m: np.ndarray, c: np.ndarray) -> Inferred:
    """Pseudo-moment matching: the fixed point of `learn_by_propagation` without penalty.

    For each pair the J of two spins with these moments, and h from the sum over all pairs
    (Wainwright, Jaakkola & Willsky 2003).

    Parameters
    ----------
    m : (n,) means
    c : (n, n) pair moments; the diagonal is not read
    """
    check_moments(m, c)
    m, flags = _unsaturated(m)
    row, column = m[:, np.newaxis], m[np.newaxis]
    smallest = (1 - LARGEST_MAGNETISATION) ** 2
    both, neither = 1 + row + column + c, 1 - row - column + c
    up, down = 1 + row - column - c, 1 - row + column - c
    off = ~np.eye(len(m), dtype=bool)
    least = min(part[off].min(initial=1.0) for part in (both, neither, up, down))
    if least <= 0:
        flags["certain"] = "some pairs of signs never occur: couplings are as large as allowed"
    both, neither, up, down = (np.log(np.maximum(x, smallest)) for x in (both, neither, up, down))
    couplings = np.where(off, both + neither - up - down, 0) / 4
    atanh = np.arctanh(m)
    shifts = (both + up - neither - down) / 4 - atanh[:, np.newaxis]
    return Inferred(atanh + np.where(off, shifts, 0).sum(axis=1), _symmetric(couplings), flags)


def learn_by_propagation(
    m: np.ndarray,
    c: np.ndarray,
    rng: np.random.Generator,
    *,
    rate_couplings: float = 0.01,
    rate_fields: float = 0.3,
    penalty: float = 1e-4,
    steps: int = 100,
    patience: int = 50,
) -> Inferred:
    """Boltzmann learning whose model moments come from belief propagation (Zou & Huang 2021).

    J += rate (C_data - C_model) - rate penalty J, h += rate (m_data - m_model); the learning
    step with the smallest deviation after the first `patience` is kept. Each learning step begins
    with messages near 0.

    Parameters
    ----------
    m, c : as of `closed_form`
    rng : of the first couplings, an outer product of normal numbers over n^2, and of the messages
    """
    check_moments(m, c)
    n = len(m)
    off = ~np.eye(n, dtype=bool)
    factors = rng.standard_normal((n, n))
    couplings, fields = _symmetric(np.where(off, factors @ factors.T / n**2, 0)), np.zeros(n)
    best, smallest = Inferred(fields, couplings, {}), np.inf
    diverged, tolerance = 0, LEARNING_TOLERANCE * np.sqrt(n)
    for step in range(steps):
        start = rng.normal(0, START_DEVIATION, (n, n))
        cavity = Cavity(couplings)
        messages = cavity.propagate(
            fields, start, tolerance=tolerance, max_iterations=LEARNING_ITERATIONS
        )
        diverged += messages.change > tolerance
        found = cavity.bethe(fields, messages)
        deviation = rms(found.magnetisation, found.moments, m, c)
        if step >= min(patience, steps - 1) and deviation < smallest:
            best, smallest = Inferred(fields.copy(), couplings.copy(), {}), deviation
        couplings += np.where(off, rate_couplings * (c - found.moments - penalty * couplings), 0)
        couplings = _symmetric(couplings)
        fields += rate_fields * (m - found.magnetisation)
    log.info("deviation %.4f", smallest)
    if diverged:
        reason = f"belief propagation did not converge in {diverged} of {steps} steps"
        best = best._replace(flags={"not_converged": reason})
    return best


def pseudolikelihood(
    spins: np.ndarray, penalty: float = 0.01, *, tolerance: float = 1e-4, max_iterations: int = 500
) -> Inferred:
    """Maximum pseudolikelihood with an l1 penalty on the couplings of each spin, symmetrised.

    Minimises (1/M) sum_samples ln(1 + exp(-2 s_r (h_r + sum_j J_rj s_j))) + penalty |J_r|_1 for
    every spin r, fields free, by the accelerated proximal gradient with restarts (Beck & Teboulle
    2009; O'Donoghue & Candes 2015), all rows at once; then J <- (J + J^T) / 2.

    Parameters
    ----------
    spins : (samples, n) of -1 and 1
    tolerance : of the optimality conditions: the largest violation of a gradient
    """
    n_samples, n = spins.shape
    s = spins.astype(np.float32)
    flags = {}
    if n_samples < n * (n - 1) // 2:
        flags["few_samples"] = f"{n_samples} samples for {n * (n - 1) // 2} couplings"
    # The last column is 1: its coefficients are the fields, without penalty.
    design = np.concatenate([s, np.ones((n_samples, 1), np.float32)], axis=1)
    curvature = np.linalg.eigvalsh((design.T @ design).astype(np.float64) / n_samples)[-1]
    step = np.float32(1 / curvature)
    threshold = np.float32(penalty) * step
    w = np.zeros((n, n + 1), np.float32)
    w[:, n] = np.arctanh(np.clip(s.mean(axis=0), -LARGEST_MAGNETISATION, LARGEST_MAGNETISATION))
    own = np.arange(n)
    point, momentum, violation = w.copy(), 1.0, np.inf
    for _ in range(max_iterations):
        gradient = _pseudo_gradient(design, s, point)
        gradient[own, own] = 0
        new = point - step * gradient
        new[:, :n] = np.sign(new[:, :n]) * np.maximum(np.abs(new[:, :n]) - threshold, 0)
        violation = float(np.abs(point - new).max() / step)
        if violation < tolerance:
            w = new
            break
        if np.vdot(point - new, new - w) > 0:
            momentum = 1.0
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        point = new + np.float32((momentum - 1) / following) * (new - w)
        w, momentum = new, following
    else:
        flags["not_converged"] = f"a gradient of {violation:.1e} after {max_iterations} iterations"
    couplings = w[:, :n].astype(np.float64)
    return Inferred(w[:, n].astype(np.float64), _symmetric(couplings), flags)


def _pseudo_gradient(design, s, w):
    """Gradient (n, n + 1) of the mean pseudolikelihood of every spin."""
    margin = design @ w.T
    margin *= s
    # -2 s_r / (1 + exp(2 margin)), in place
    np.multiply(margin, 2, out=margin)
    np.exp(margin, out=margin)
    margin += 1
    np.divide(-2 * s, margin, out=margin)
    return (margin.T @ design) / np.float32(len(s))


def persistent_chains(
    m: np.ndarray,
    c: np.ndarray,
    rng: np.random.Generator,
    *,
    known: Orbits | None = None,
    n_chains: int = 200,
    updates: int = 1600,
    sweeps: int = 2,
    rate_fields: float = 0.15,
    rate_couplings: float = 0.03,
) -> Inferred:
    """Boltzmann learning whose model moments come from Markov chains that are never started anew.

    The chains begin independent, h = atanh m and J = 0 (Tieleman 2008). In the second half of the
    updates both rates fall as 1 / t^2, and what is returned is a mean over that half, whose weights
    grow as the updates that are done of it (Lacoste-Julien, Schmidt & Bach 2012): the last values
    alone scatter with the chains, and the first have not converged where spins hardly turn.

    Parameters
    ----------
    m, c : as of `closed_form`
    known : orbits of spins that share their fields and couplings; the moments of the chains are
        averaged over them
    rate_fields, rate_couplings : steps of the first half, unless the likelihood is too steep: no
        step exceeds 4 / curvature, so that at the end, at a quarter of it, none overshoots
    """
    check_moments(m, c)
    m, flags = _unsaturated(m)
    n = len(m)
    if known is not None:
        m, c = average(m, c, known)
    of_fields, of_couplings = curvatures(m, c)
    rate_fields = min(rate_fields, 4 / of_fields)
    rate_couplings = min(rate_couplings, 4 / of_couplings)
    fields, couplings = np.arctanh(m), np.zeros((n, n))
    chains = Chains.independent(m, n_chains, rng)
    half = updates // 2
    mean_fields, mean_couplings = np.zeros(n), np.zeros((n, n))
    for t in range(updates):
        chains.sweep(fields, couplings, sweeps)
        model_m, model_c = chains.moments()
        if known is not None:
            model_m, model_c = average(model_m, model_c, known)
        decay = 1.0 if t < half else (half / t) ** 2
        fields = fields + decay * rate_fields * (m - model_m)
        difference = c - model_c
        np.fill_diagonal(difference, 0)
        couplings = couplings + decay * rate_couplings * difference
        if t >= half:
            weight = 2 / (t - half + 2)
            mean_fields += weight * (fields - mean_fields)
            mean_couplings += weight * (couplings - mean_couplings)
        if (t + 1) % max(1, updates // 10) == 0:
            log.info("%d of %d updates", t + 1, updates)
    return Inferred(mean_fields, _symmetric(mean_couplings), flags)


def curvatures(m: np.ndarray, c: np.ndarray, iterations: int = 20) -> tuple[float, float]:
    """Largest curvatures of the log-likelihood in the fields and in the couplings.

    The eigenvalues of the Fisher information: that of the fields is the covariance; that of the
    couplings, for spins as Gaussian as their moments allow (Isserlis), takes couplings V to
    C V C - m m^T V m m^T. The steepest direction is found by power iteration.
    """
    polarised = np.outer(m, m)
    covariance = c - polarised
    v = covariance / np.linalg.norm(covariance)
    for _ in range(iterations):
        v = c @ v @ c - polarised @ v @ polarised
        steepest = np.linalg.norm(v)
        v /= steepest
    return float(np.linalg.norm(covariance, 2)), float(steepest)


class Quality(NamedTuple):
    """Deviations of a model's moments from the data, by belief propagation and by sampling.

    propagated : by belief propagation that begins at the moments of the data; NaN if it does not
        converge
    stable : whether belief propagation stays there
    sampled : by Markov chains, root mean square over spins and pairs
    sampled_m, sampled_c : the same for the means and for the pair moments
    """

    propagated: float
    stable: bool
    sampled: float
    sampled_m: float
    sampled_c: float


def quality(
    model: Inferred,
    m: np.ndarray,
    c: np.ndarray,
    rng: np.random.Generator,
    *,
    known: Orbits | None = None,
    n_chains: int = 200,
    relax: int = 100,
    n_measurements: int = 100,
    near: float = 0.05,
) -> Quality:
    """Deviations of a model's moments from those that it was inferred from.

    Parameters
    ----------
    near : distance from the means of the data, root mean square, within which it counts as stable
    """
    start = np.broadcast_to(m[:, np.newaxis], c.shape)
    cavity = Cavity(model.couplings)
    messages = cavity.propagate(model.fields, start)
    found = cavity.bethe(model.fields, messages)
    converged = messages.change <= TOLERANCE
    drift = np.sqrt(np.mean((found.magnetisation - m) ** 2))
    chains = Chains.independent(m, n_chains, rng)
    sampled_m, sampled_c, _ = observe(
        model.fields, model.couplings, chains, relax=relax, n_measurements=n_measurements
    )
    if known is not None:
        sampled_m, sampled_c = average(sampled_m, sampled_c, known)
    return Quality(
        rms(found.magnetisation, found.moments, m, c) if converged else np.nan,
        bool(converged and drift < near),
        rms(sampled_m, sampled_c, m, c),
        float(np.sqrt(np.mean((sampled_m - m) ** 2))),
        rms_pairs(sampled_c, c),
    )


def rms(model_m: np.ndarray, model_c: np.ndarray, m: np.ndarray, c: np.ndarray) -> float:
    """Delta of Zou & Huang (2021): the mean square of all means and that of all pairs, added."""
    return float(np.sqrt(np.mean((model_m - m) ** 2) + rms_pairs(model_c, c) ** 2))


def rms_pairs(model_c: np.ndarray, c: np.ndarray) -> float:
    """Root mean square difference of the moments of all pairs i != j."""
    difference = model_c - c
    np.fill_diagonal(difference, 0)
    n = len(c)
    return float(np.sqrt((difference**2).sum() / (n * (n - 1))))


def check_moments(m: np.ndarray, c: np.ndarray) -> None:
    """Refuse arrays that cannot be moments of spins.

    Raises
    ------
    InputError : not finite, beyond -1 ... 1, or pair moments that are not symmetric
    """
    if c.shape != (len(m), len(m)):
        raise InputError(f"pair moments are {c.shape}, but there are {len(m)} means")
    if not (np.isfinite(m).all() and np.isfinite(c).all()):
        raise InputError("moments are NaN or infinite")
    if max(np.abs(m).max(), np.abs(c).max()) > 1 + 1e-12 or not np.allclose(c, c.T):
        raise InputError("moments beyond -1 and 1, or pair moments that are not symmetric")


def _unsaturated(m):
    frozen = int(np.count_nonzero(np.abs(m) > LARGEST_MAGNETISATION))
    flags = {"saturated": f"{frozen} spins never turn: their fields are as large as allowed"}
    return np.clip(m, -LARGEST_MAGNETISATION, LARGEST_MAGNETISATION), flags if frozen else {}


def _symmetric(couplings):
    return (couplings + couplings.T) / 2

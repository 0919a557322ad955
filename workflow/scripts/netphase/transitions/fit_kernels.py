"""Compiled likelihood of a transition curve, its maximum and its profiles, for many curves.

The parameters are plateau, floor, half point, ln(slope) and ln(1 + N theta), where
theta = rho / (1 - rho) is the odds of the correlation rho and N the mean number of samples. The
last is 0 for the binomial, and about the logarithm of the variance inflation 1 + (N - 1) rho.

The file is long because likelihood, search and profiles are compiled together, which makes
thousands of bootstrap fits cheap (fits_with_bootstrap of benchmarks/summary.json: 3.7 CPU s).
"""

import math

import numba
import numpy as np

PLATEAU, FLOOR, HALF_POINT, LN_SLOPE, INFLATION, N_PARAMETERS = range(6)
LIKELIHOODS = ("binomial", "beta_binomial", "gaussian")
BINOMIAL, BETA_BINOMIAL, GAUSSIAN = range(len(LIKELIHOODS))
SHAPES = ("logistic", "normal", "inverse Weibull", "Weibull", "error function")

LARGEST_ODDS = 10.0  # at which nearly every count is 0 or n
N_STARTS = 6
MAX_ITERATIONS = 100
# In units of the log-likelihood: before its last, quadratically convergent step the search is
# within 1e-5 standard errors of the maximum.
TOLERANCE = 1e-10
TINY = 1e-12  # the least probability, so that an impossible count costs much but not infinity

compiled = numba.njit(cache=True, error_model="numpy")


@compiled
def _fall(shape, z):
    """G(z) of a shape, index into `SHAPES`, with its first and second derivative."""
    z = min(max(z, -40.0), 40.0)
    if shape == 0:
        g = 1 / (1 + math.exp(z))
        return g, -g * (1 - g), g * (1 - g) * (1 - 2 * g)
    if shape == 1:
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        return 0.5 * math.erfc(z / math.sqrt(2)), -density, z * density
    if shape == 3:
        y = math.exp(z)
        e = math.exp(-y)
        return e, -y * e, -y * (1 - y) * e
    y = math.exp(-z)
    if shape == 2:
        e = math.exp(-y)
        return -math.expm1(-y), -y * e, y * (1 - y) * e
    density = 2 / math.sqrt(math.pi) * math.exp(-y * y)
    return math.erf(y), -y * density, y * (1 - 2 * y * y) * density


@compiled
def rising(p, theta, k):
    """Sums over i = 0 ... k-1 of the beta-binomial likelihood and its derivatives.

    ln(p + i theta), 1 / (p + i theta), 1 / (p + i theta)^2, i / (p + i theta),
    i^2 / (p + i theta)^2 and i / (p + i theta)^2; real k is continued by the gamma function.
    """
    if k == 0:
        return 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    r = theta / p
    if k * r < 1e-3:
        # Powers of r: next to the binomial the gamma functions would cancel.
        m1 = k * (k - 1) / 2
        m2 = m1 * (2 * k - 1) / 3
        m3 = m1 * m1
        m4 = m2 * (3 * k * k - 3 * k - 1) / 5
        return (
            k * math.log(p) + r * (m1 - r * (m2 / 2 - r * (m3 / 3 - r * m4 / 4))),
            (k - r * (m1 - r * (m2 - r * (m3 - r * m4)))) / p,
            (k - r * (2 * m1 - r * (3 * m2 - r * (4 * m3 - r * 5 * m4)))) / p**2,
            (m1 - r * (m2 - r * (m3 - r * m4))) / p,
            (m2 - r * (2 * m3 - r * 3 * m4)) / p**2,
            (m1 - r * (2 * m2 - r * (3 * m3 - r * 4 * m4))) / p**2,
        )
    # Differences of ln Gamma, digamma and trigamma between x and x + k, by Stirling's series.
    x = p / theta
    low, high = x, x + k
    s0 = s1 = s2 = 0.0
    while low < 12:
        s0 += math.log(low)
        s1 += 1 / low
        s2 += 1 / low**2
        low += 1
    while high < 12:
        s0 -= math.log(high)
        s1 -= 1 / high
        s2 -= 1 / high**2
        high += 1
    d = high - low
    a, b = 1 / low, 1 / high
    a2, b2 = a * a, b * b
    ratio = math.log1p(d * a)
    s0 += (low - 0.5) * ratio + d * (math.log(high) - 1)
    s0 += b * (1 / 12 - b2 * (1 / 360 - b2 * (1 / 1260 - b2 * (1 / 1680 - b2 / 1188))))
    s0 -= a * (1 / 12 - a2 * (1 / 360 - a2 * (1 / 1260 - a2 * (1 / 1680 - a2 / 1188))))
    s1 += ratio + (a - b) / 2
    s1 -= b2 * (1 / 12 - b2 * (1 / 120 - b2 * (1 / 252 - b2 * (1 / 240 - b2 / 132))))
    s1 += a2 * (1 / 12 - a2 * (1 / 120 - a2 * (1 / 252 - a2 * (1 / 240 - a2 / 132))))
    s2 += d * a * b + (a2 - b2) / 2
    s2 += a * a2 * (1 / 6 - a2 * (1 / 30 - a2 * (1 / 42 - a2 * (1 / 30 - a2 * 5 / 66))))
    s2 -= b * b2 * (1 / 6 - b2 * (1 / 30 - b2 * (1 / 42 - b2 * (1 / 30 - b2 * 5 / 66))))
    return (
        k * math.log(theta) + s0,
        s1 / theta,
        s2 / theta**2,
        (k - x * s1) / theta,
        (k - 2 * x * s1 + x * x * s2) / theta**2,
        (s1 - x * s2) / theta**2,
    )


@compiled
def evaluate(shape, zero, likelihood, u, k, n, mean_n, x, gradient, hessian, scale):
    """Log-likelihood at x, without its constant; writes gradient, -(second derivatives) and scale.

    `scale` is a positive diagonal of curvatures, the metric of damped steps. `zero` is the z of
    the half point. Points are (u, k, n); for the gaussian k is a mean and n its standard error. One
    function because value and derivatives share every term.
    """
    gradient[:] = 0
    hessian[:] = 0
    scale[:] = 1e-6 * u.size
    height = x[PLATEAU] - x[FLOOR]
    s = math.exp(x[LN_SLOPE])
    inflation = math.exp(x[INFLATION])
    theta = (inflation - 1) / mean_n
    value = 0.0
    theta_1 = theta_2 = 0.0
    whole_n = -1.0
    whole = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    first = np.empty(4)
    for point in range(u.size):
        if math.isinf(u[point]):
            w = 0.0
            g, g1, g2 = 1.0, 0.0, 0.0
        else:
            w = s * (u[point] - x[HALF_POINT])
            g, g1, g2 = _fall(shape, zero + w)
        first[PLATEAU] = g
        first[FLOOR] = 1 - g
        first[HALF_POINT] = -height * g1 * s
        first[LN_SLOPE] = height * g1 * w
        p = x[FLOOR] + height * g
        cross = 0.0
        if likelihood == GAUSSIAN:
            residual = (k[point] - p) / n[point]
            value -= residual * residual / 2
            slope = residual / n[point]
            curvature = 1 / n[point] ** 2
        else:
            p = min(max(p, TINY), 1 - TINY)
            successes, failures = k[point], n[point] - k[point]
            if theta == 0 and likelihood == BINOMIAL:
                value += successes * math.log(p) if successes > 0 else 0.0
                value += failures * math.log1p(-p) if failures > 0 else 0.0
                slope = successes / p - failures / (1 - p)
                curvature = successes / p**2 + failures / (1 - p) ** 2
            else:
                if n[point] != whole_n:
                    whole_n = n[point]
                    whole = rising(1.0, theta, whole_n)
                up = rising(p, theta, successes)
                down = rising(1 - p, theta, failures)
                value += up[0] + down[0] - whole[0]
                slope = up[1] - down[1]
                curvature = up[2] + down[2]
                theta_1 += up[3] + down[3] - whole[3]
                theta_2 += -up[4] - down[4] + whole[4]
                cross = down[5] - up[5]
        for i in range(4):
            gradient[i] += slope * first[i]
            scale[i] += curvature * first[i] ** 2
            for j in range(i + 1):
                hessian[i, j] += curvature * first[i] * first[j]
            hessian[INFLATION, i] -= cross * first[i]
        hessian[HALF_POINT, PLATEAU] += slope * s * g1
        hessian[HALF_POINT, FLOOR] -= slope * s * g1
        hessian[LN_SLOPE, PLATEAU] -= slope * w * g1
        hessian[LN_SLOPE, FLOOR] += slope * w * g1
        hessian[HALF_POINT, HALF_POINT] -= slope * height * g2 * s * s
        hessian[LN_SLOPE, HALF_POINT] += slope * height * s * (g2 * w + g1)
        hessian[LN_SLOPE, LN_SLOPE] -= slope * height * w * (g2 * w + g1)
    rate = inflation / mean_n
    gradient[INFLATION] = theta_1 * rate
    for i in range(4):
        hessian[INFLATION, i] *= rate
    hessian[INFLATION, INFLATION] = -theta_2 * rate * rate - theta_1 * rate
    scale[INFLATION] += abs(hessian[INFLATION, INFLATION]) + 0.01 * u.size
    return value


@compiled
def _solve(hessian, scale, damping, moving, right, solution, factor):
    """Solve (hessian + damping scale) solution = right over the moving parameters, by Cholesky.

    False if the matrix is not positive definite. Parameters that do not move get 0.
    """
    size = right.size  # not a constant, which would unroll every loop
    for i in range(size):
        solution[i] = 0.0
        if not moving[i]:
            continue
        for j in range(i + 1):
            if not moving[j]:
                continue
            total = hessian[i, j]
            if i == j:
                total += damping * scale[i]
            for m in range(j):
                if moving[m]:
                    total -= factor[i, m] * factor[j, m]
            if i == j:
                if not total > 1e-14 * scale[i]:
                    return False
                factor[i, i] = math.sqrt(total)
            else:
                factor[i, j] = total / factor[j, j]
    for i in range(size):
        if moving[i]:
            total = right[i]
            for m in range(i):
                if moving[m]:
                    total -= factor[i, m] * solution[m]
            solution[i] = total / factor[i, i]
    for i in range(size - 1, -1, -1):
        if moving[i]:
            total = solution[i]
            for m in range(i + 1, size):
                if moving[m]:
                    total -= factor[m, i] * solution[m]
            solution[i] = total / factor[i, i]
    return True


@compiled
def _moves(x, gradient, lower, upper, free, moving):
    """Mark the parameters that are free and not held by a bound; return whether there is one."""
    some = False
    for i in range(x.size):
        held_below = x[i] <= lower[i] and gradient[i] <= 0
        held_above = x[i] >= upper[i] and gradient[i] >= 0
        moving[i] = free[i] and not held_below and not held_above
        some = some or moving[i]
    return some


@compiled
def maximise(shape, zero, likelihood, u, k, n, mean_n, x, lower, upper, free, errors):
    """Climb from x, which is overwritten, to the maximum in the box; return its value, converged.

    Damped Newton steps on the exact second derivatives (Levenberg 1944), projected on the box; one
    compiled loop, whose state is the damping.
    Writes the standard errors, NaN for parameters that are not free or held by a bound.
    """
    gradient, next_gradient = np.empty(N_PARAMETERS), np.empty(N_PARAMETERS)
    scale, next_scale = np.empty(N_PARAMETERS), np.empty(N_PARAMETERS)
    hessian = np.empty((N_PARAMETERS, N_PARAMETERS))
    next_hessian, factor = np.empty_like(hessian), np.empty_like(hessian)
    step, trial = np.zeros(N_PARAMETERS), np.empty(N_PARAMETERS)
    moving = np.zeros(N_PARAMETERS, np.bool_)
    size = x.size  # not a constant, which would unroll every loop
    value, damping, gain = -np.inf, 1e-2, np.inf
    converged = False
    for _ in range(MAX_ITERATIONS):
        for i in range(size):
            trial[i] = min(max(x[i] + step[i], lower[i]), upper[i])
        reached = evaluate(
            shape,
            zero,
            likelihood,
            u,
            k,
            n,
            mean_n,
            trial,
            next_gradient,
            next_hessian,
            next_scale,
        )
        if reached >= value - 1e-13 * abs(reached):
            for i in range(size):
                x[i] = trial[i]
            value = reached
            gradient, next_gradient = next_gradient, gradient
            hessian, next_hessian = next_hessian, hessian
            scale, next_scale = next_scale, scale
            damping = max(damping / 10, 1e-12)
        else:
            damping = max(8 * damping, 1e-6)
        if gain < TOLERANCE and damping < 1:
            converged = True
            break
        if not _moves(x, gradient, lower, upper, free, moving):
            converged = True
            break
        while damping < 1e12 and not _solve(
            hessian, scale, damping, moving, gradient, step, factor
        ):
            damping = max(8 * damping, 1e-3)
        if not damping < 1e12:
            break
        gain = 0.0
        for i in range(size):
            gain += gradient[i] * step[i]
    _moves(x, gradient, lower, upper, free, moving)
    for i in range(size):
        errors[i] = math.nan
        for j in range(size):
            trial[j] = 1.0 if i == j else 0.0
        if moving[i] and _solve(hessian, scale, 0.0, moving, trial, step, factor):
            errors[i] = math.sqrt(step[i])
    return value, converged


@compiled
def _points(u, k, n, all_u, all_k, all_n):
    """Gather the points of a curve that are not missing; return their number."""
    size = 0
    for level in range(u.size):
        for realisation in range(k.shape[1]):
            if not math.isnan(k[level, realisation]):
                all_u[size] = u[level]
                all_k[size] = k[level, realisation]
                all_n[size] = n[level, realisation]
                size += 1
    return size


@compiled
def _starts(likelihood, z_20_80, u, k, n, starts):
    """Six starts: two half points times three slopes, with the measured plateau and floor.

    The first half point and slope are read off the level means, the second half point is the
    middle of the levels, the other slopes are a third and three times the first.
    """
    position, mean = np.empty(u.size), np.empty(u.size)
    size = 0
    for level in range(u.size):
        total = weight = 0.0
        for realisation in range(k.shape[1]):
            if not math.isnan(k[level, realisation]):
                if likelihood == GAUSSIAN:
                    w = n[level, realisation] ** -2.0
                    total += w * k[level, realisation]
                    weight += w
                else:
                    total += k[level, realisation]
                    weight += n[level, realisation]
        if weight > 0:
            smooth = 0.0 if likelihood == GAUSSIAN else 0.5
            position[size] = u[level]
            mean[size] = (total + smooth) / (weight + 2 * smooth)
            size += 1
    tail = min(3, size)
    floor = mean[size - tail : size].mean()
    plateau = mean[:size].max()
    crossing = np.empty(3)
    for which, share in enumerate((0.8, 0.5, 0.2)):
        level = floor + share * (plateau - floor)
        last = 0
        for i in range(size):
            if mean[i] >= level:
                last = i
        here = position[last]
        if last + 1 < size and mean[last] > mean[last + 1]:
            part = (mean[last] - level) / (mean[last] - mean[last + 1])
            here = position[last] + part * (position[last + 1] - position[last])
        crossing[which] = here
    first = 1 if math.isinf(position[0]) else 0
    middle = 0.5 * (position[first] + position[size - 1])
    span = position[size - 1] - position[first]
    fall = crossing[2] - crossing[0]
    if not (fall > span / 1000 and fall < math.inf):
        fall = span / size
    for i in range(N_STARTS):
        starts[i, PLATEAU] = plateau
        starts[i, FLOOR] = floor
        half = crossing[1] if i % 2 == 0 and not math.isinf(crossing[1]) else middle
        starts[i, HALF_POINT] = half
        starts[i, LN_SLOPE] = math.log(z_20_80 / fall) + (1 - i // 2) * math.log(3.0)
        starts[i, INFLATION] = 0.0


@compiled
def _dispersion(shape, zero, u, k, n, x, dof):
    """Pearson's chi^2 per degree of freedom of the binomial."""
    total = 0.0
    for point in range(u.size):
        g = 1.0
        if not math.isinf(u[point]):
            g = _fall(shape, zero + math.exp(x[LN_SLOPE]) * (u[point] - x[HALF_POINT]))[0]
        p = min(max(x[FLOOR] + (x[PLATEAU] - x[FLOOR]) * g, TINY), 1 - TINY)
        total += (k[point] - n[point] * p) ** 2 / (n[point] * p * (1 - p))
    return total / max(dof, 1)


@compiled
def fit_all(shape, zero, z_20_80, likelihood, u, k, n, mean_n, first, lower, upper, free, fitted):
    """Fit every curve: parameters, their standard errors, log-likelihood, converged.

    Parameters
    ----------
    u : (levels,), rising; k, n : (curves, levels, realisations), k NaN where missing
    mean_n : (curves,); upper : (curves, N_PARAMETERS); lower, free : (N_PARAMETERS,)
    first : (curves, N_PARAMETERS), a first start, NaN for the usual ones only
    fitted : (curves,), False for curves to be left out
    """
    n_curves = k.shape[0]
    parameters = np.full((n_curves, N_PARAMETERS), np.nan)
    errors = np.full((n_curves, N_PARAMETERS), np.nan)
    values = np.full(n_curves, np.nan)
    converged = np.zeros(n_curves, np.bool_)
    size = k.shape[1] * k.shape[2]
    all_u, all_k, all_n = np.empty(size), np.empty(size), np.empty(size)
    starts = np.empty((N_STARTS + 1, N_PARAMETERS))
    error = np.empty(N_PARAMETERS)
    curve_only = free.copy()
    curve_only[INFLATION] = False
    for c in range(n_curves):
        if not fitted[c]:
            continue
        points = _points(u, k[c], n[c], all_u, all_k, all_n)
        uu, kk, nn = all_u[:points], all_k[:points], all_n[:points]
        starts[0] = first[c]
        _starts(likelihood, z_20_80, u, k[c], n[c], starts[1:])
        for start in range(N_STARTS + 1):
            if np.isnan(starts[start]).any():
                continue
            # The binomial comes first; from its maximum the dispersion is seen.
            stage = 0 if likelihood == BETA_BINOMIAL and start > 0 else 1
            x = starts[start]
            while stage < 2:
                kind = likelihood if stage == 1 else BINOMIAL
                moved = free if stage == 1 else curve_only
                value, success = maximise(
                    shape, zero, kind, uu, kk, nn, mean_n[c], x, lower, upper[c], moved, error
                )
                if stage == 0:
                    dof = points - curve_only.sum()
                    spread = _dispersion(shape, zero, uu, kk, nn, x, dof)
                    x[INFLATION] = min(math.log(max(spread, 1.0)), 0.9 * upper[c, INFLATION])
                stage += 1
            better = success > converged[c] or not value <= values[c]
            if success >= converged[c] and better:
                parameters[c] = x
                errors[c] = error
                values[c] = value
                converged[c] = success
            if start == 0 and success:
                break
    return parameters, errors, values, converged


@compiled
def _profile_end(
    shape, zero, likelihood, u, k, n, mean_n, best, top, which, step, threshold, lower, upper, free
):
    """End of the profile of parameter `which`: it has fallen by threshold / 2, going by `step`.

    The signed root of the profile is nearly linear, so that false position (Illinois) needs few
    maximisations. Infinite where the bound comes first.
    """
    others = free.copy()
    others[which] = False
    x, error = best.copy(), np.empty(N_PARAMETERS)
    target = math.sqrt(threshold)
    near, near_root = best[which], -target
    far, far_root = math.nan, math.nan
    trial = best[which] + step
    side = 0
    for _ in range(60):
        trial = min(max(trial, lower[which]), upper[which])
        x[which] = trial
        value, _ = maximise(
            shape, zero, likelihood, u, k, n, mean_n, x, lower, upper, others, error
        )
        root = math.sqrt(max(2 * (top - value), 0.0)) - target
        if abs(root) < 1e-6:
            return trial
        if root < 0:
            if trial <= lower[which] or trial >= upper[which]:
                return math.copysign(math.inf, step)
            if side == -1 and not math.isnan(far):
                far_root /= 2
            near, near_root, side = trial, root, -1
        else:
            if side == 1:
                near_root /= 2
            far, far_root, side = trial, root, 1
        if math.isnan(far):
            # Along the line through the maximum, at most three times as far.
            share = min(target / max(root + target, target / 3), 3.0)
            trial = best[which] + (trial - best[which]) * max(share, 1.1)
        else:
            trial = (near * far_root - far * near_root) / (far_root - near_root)
            if abs(far - near) < 1e-9 * (1 + abs(near)):
                return trial
    return math.nan


@compiled
def profile_all(
    shape, zero, likelihood, u, k, n, mean_n, best, errors, tops, thresholds, lower, upper, free
):
    """Profile intervals of half point and ln(slope): (curves, 2, 2), low and high of each.

    NaN where `best` is NaN, and for a parameter that is not free. Other arguments: `fit_all`.
    """
    n_curves = k.shape[0]
    ends = np.full((n_curves, 2, 2), np.nan)
    size = k.shape[1] * k.shape[2]
    all_u, all_k, all_n = np.empty(size), np.empty(size), np.empty(size)
    for c in range(n_curves):
        if np.isnan(best[c]).any():
            continue
        points = _points(u, k[c], n[c], all_u, all_k, all_n)
        uu, kk, nn = all_u[:points], all_k[:points], all_n[:points]
        for row, which in enumerate((HALF_POINT, LN_SLOPE)):
            if not free[which]:
                continue
            step = math.sqrt(thresholds[c]) * errors[c, which]
            for column, direction in enumerate((-1.0, 1.0)):
                ends[c, row, column] = _profile_end(
                    shape,
                    zero,
                    likelihood,
                    uu,
                    kk,
                    nn,
                    mean_n[c],
                    best[c],
                    tops[c],
                    which,
                    direction * step,
                    thresholds[c],
                    lower,
                    upper[c],
                    free,
                )
    return ends


@compiled
def decreasing(y, weights):
    """The nearest curves that never rise, in weighted squares: pool-adjacent-violators.

    Parameters
    ----------
    y, weights : (curves, levels); where y is NaN or the weight is 0 there is no point, and NaN
        comes back

    Source: Ayer, Brunk, Ewing, Reid and Silverman (1955), Ann. Math. Stat. 26, 641
    """
    result = np.full(y.shape, np.nan)
    mean, weight = np.empty(y.shape[1]), np.empty(y.shape[1])
    end = np.empty(y.shape[1], np.int64)
    for c in range(y.shape[0]):
        blocks = 0
        for level in range(y.shape[1]):
            if math.isnan(y[c, level]) or not weights[c, level] > 0:
                continue
            mean[blocks], weight[blocks], end[blocks] = y[c, level], weights[c, level], level
            while blocks > 0 and mean[blocks] > mean[blocks - 1]:
                total = weight[blocks - 1] + weight[blocks]
                share = weight[blocks] / total
                mean[blocks - 1] += share * (mean[blocks] - mean[blocks - 1])
                weight[blocks - 1], end[blocks - 1] = total, end[blocks]
                blocks -= 1
            blocks += 1
        level = 0
        for block in range(blocks):
            while level <= end[block]:
                if not math.isnan(y[c, level]) and weights[c, level] > 0:
                    result[c, level] = mean[block]
                level += 1
    return result

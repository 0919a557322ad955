"""Mean accuracy over the realisations, its standard error, and bootstrap draws of it."""

import numpy as np

# Degrees of freedom that the binomial variance is worth beside the R - 1 of the realisations. In
# measured studies the variance between realisations is 1 to 1.2 binomial ones on average.
BINOMIAL_FREEDOM = 4


def draw_means(accuracy, n_samples, n_draws, rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean accuracies, their standard errors, and bootstrap draws of the means.

    With the residuals e_r of R realisations, the binomial variance b = p (1 - p) / n_samples
    (p = (correct + 2) / (tested + 4), so that none vanishes) and f = BINOMIAL_FREEDOM,

        variance of the mean = (sum_r e_r^2 + f b) / ((R - 1 + f) R),
        draw = mean + (sum_r g_r e_r + sqrt(f b) h) / sqrt((R - 1 + f) R) sqrt(F / chi^2_F),

    a multiplier bootstrap over the realisations: g_r normal, shared by the sizes of a level and
    drawn anew for each level; h normal; F the least R - 1 + f of a level, which makes the tails
    Student's. R = 1 leaves the binomial variance, many realisations leave their own. Two or three
    could not be resampled as they are: equal by chance, they would promise certainty. (Moderated
    variance: Smyth 2004, Stat. Appl. Genet. Mol. Biol. 3; multiplier bootstrap: Wu 1986, Ann.
    Statist. 14.)

    Parameters
    ----------
    accuracy : (levels, sizes, realisations), NaN where missing
    n_samples : images behind each accuracy

    Returns
    -------
    mean, se : (levels, sizes), NaN where no realisation is known
    draws : (n_draws, levels, sizes)
    """
    known = np.isfinite(accuracy)
    count = known.sum(axis=2)
    count = np.where(count, count, np.nan)
    mean = np.where(known, accuracy, 0).sum(axis=2) / count
    residual = np.where(known, accuracy - mean[..., np.newaxis], 0)
    p = (count * n_samples * mean + 2) / (count * n_samples + 4)
    binomial = BINOMIAL_FREEDOM * p * (1 - p) / n_samples
    freedom = count - 1 + BINOMIAL_FREEDOM
    se = np.sqrt(((residual**2).sum(axis=2) + binomial) / (freedom * count))

    n_levels, n_sizes, n_realisations = accuracy.shape
    shared = np.where(known.any(axis=2), freedom, np.inf).min(axis=1)
    shared = np.where(np.isfinite(shared), shared, BINOMIAL_FREEDOM)
    g = rng.standard_normal((n_levels, n_draws, n_realisations))
    h = rng.standard_normal((n_draws, n_levels, n_sizes))
    tails = np.sqrt(shared / rng.chisquare(shared, (n_draws, n_levels)))[..., np.newaxis]
    errors = (g @ residual.swapaxes(1, 2)).swapaxes(0, 1) + np.sqrt(binomial) * h
    return mean, se, mean + errors / np.sqrt(freedom * count) * tails

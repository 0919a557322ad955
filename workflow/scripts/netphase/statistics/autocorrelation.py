"""Errors of means over correlated time series, such as those of Markov chains."""

import numpy as np

BINS = 20
WINDOW = 1.5


def autocorrelation_time(series: np.ndarray) -> float:
    """Integrated autocorrelation time 1/2 + sum_{t=1..W} rho(t), in steps of the series.

    W is the first window with exp(-W / tau_W) < tau_W / sqrt(W n), tau_W = S / ln((2 tau + 1) /
    (2 tau - 1)), S = 1.5; the bias of the subtracted mean is corrected to order 1/n. The variance
    of the mean is 2 tau var / n. Wolff (2004), Comput. Phys. Commun. 156, 143, eqs. 31, 49-52.

    Never below 1/2, so that anticorrelation is not relied on. NaN for a constant series, and where
    no window closes within half the series.
    """
    n = len(series)
    if np.ptp(series) == 0:
        return np.nan
    power = np.abs(np.fft.rfft(series - np.mean(series), 2 * n)) ** 2
    covariance = np.fft.irfft(power)[: n // 2] / (n - np.arange(n // 2))
    # At 1/2 the logarithm has no value.
    tau = np.maximum(np.cumsum(covariance / covariance[0]) - 0.5, 0.5 + 1e-9)
    window = np.arange(1, n // 2)
    decay = WINDOW / np.log((2 * tau[1:] + 1) / (2 * tau[1:] - 1))
    closed = np.exp(-window / decay) < decay / np.sqrt(window * n)
    if not closed.any():
        return np.nan
    w = window[closed.argmax()]
    return tau[w] * (1 + (2 * w + 1) / n)


def jackknife(function, series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values of a function of means, with the bias of order 1/n removed, and their standard errors.

    Each of `BINS` bins is left out once: f = B f(all) - (B - 1) mean f_b, and
    se^2 = (B - 1) / B sum (f_b - mean f_b)^2. Bins of ten autocorrelation times make se 3 % small.
    Efron (1982), The Jackknife, the Bootstrap and Other Resampling Plans, eqs. 2.8, 3.6.

    Parameters
    ----------
    series : (quantities, measurements); measurements that fill no bin are left out at the start
    """
    length = series.shape[1] // BINS
    kept = series[:, series.shape[1] - BINS * length :]
    bins = kept.reshape(len(series), BINS, length).mean(axis=2)
    total = bins.sum(axis=1, keepdims=True)
    without = function((total - bins) / (BINS - 1))
    centre = without.mean(axis=-1)
    value = BINS * function(total[:, 0] / BINS) - (BINS - 1) * centre
    squares = np.sum((without - centre[:, np.newaxis]) ** 2, axis=-1)
    return value, np.sqrt((BINS - 1) / BINS * squares)

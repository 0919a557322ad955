"""CPU seconds of inversions of Green's functions, as measured on the machine of the benchmarks."""

ENTROPY = 2e-4
"""Seconds of a maximum-entropy inversion for each frequency, more or less for all noises."""
NETWORK = 2.5e-10
"""Seconds of a step of training for each spectrum and weight, of both networks."""
WIDTH = 256
"""Units of each of their three hidden layers."""


def entropy_seconds(n_spectra: int, n_frequencies: int) -> float:
    """CPU seconds of inversions by maximum entropy; the basis hardly grows with the times."""
    return ENTROPY * n_spectra * n_frequencies


def network_seconds(n_spectra: int, epochs: int, n_frequencies: int, n_times: int) -> float:
    """CPU seconds to train both networks, G (times) -> three layers -> A (frequencies)."""
    weights = WIDTH * (n_times + 2 * WIDTH + n_frequencies)
    return NETWORK * n_spectra * epochs * weights

"""Noise of a given noise-to-signal ratio, and cubes of noisy data."""

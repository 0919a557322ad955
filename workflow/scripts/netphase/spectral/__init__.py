"""Spectral densities from noisy Green's functions."""

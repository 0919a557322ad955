"""Ising models on hyperbolic tilings."""

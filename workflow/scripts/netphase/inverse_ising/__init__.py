"""Ising models inferred from samples, and the landscapes of their configurations."""

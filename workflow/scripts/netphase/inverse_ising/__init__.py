"""Ising models inferred from samples, and the space of states that they describe."""

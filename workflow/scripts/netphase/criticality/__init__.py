"""Signals in random deep networks, and the trainability of such networks."""

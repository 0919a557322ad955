"""Finite-size scaling of transitions: laws, collapse, crossings and recommended sizes."""

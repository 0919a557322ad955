"""Signals in random deep networks, and which of these can be trained."""

"""Curves of accuracy against noise, their fits and widths."""

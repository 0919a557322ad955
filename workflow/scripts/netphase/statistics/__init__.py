"""Intervals, resampling and autocorrelation."""

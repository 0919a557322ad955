"""Validation of the configuration."""

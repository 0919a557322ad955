"""The border of the configuration."""

"""The one exception that is shown to the user as a single line."""


class InputError(ValueError):
    """Bad input from outside: one line that names the config key or file and the remedy."""

"""Import by a name among a job's parameters, for scripts that serve several rules."""

from importlib import import_module


def load(path: str):
    """The function or class at "module:name"; only then is its module imported."""
    module, name = path.split(":")
    return getattr(import_module(module), name)

"""Committed run cubes are copied in no time."""

COSTS |= dict.fromkeys(["keep_cubes", "take_cubes"], few_seconds)

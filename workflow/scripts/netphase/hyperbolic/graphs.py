"""Distances in a graph given by its table of neighbours."""

import numpy as np


def distances(neighbours: np.ndarray) -> np.ndarray:
    """Distances (vertices,) of all vertices from the first, in edges; -1 if not connected to it.

    Parameters
    ----------
    neighbours : (vertices, width); rows are filled up with -1
    """
    steps = np.full(len(neighbours), -1, np.int32)
    shell, step = np.array([0]), 0
    while shell.size:
        steps[shell] = step
        reached = np.unique(neighbours[shell]).astype(np.int64)
        reached = reached[reached >= 0]
        shell, step = reached[steps[reached] < 0], step + 1
    return steps

"""Named random streams: every draw belongs to a purpose and to the coordinates of its job."""

import hashlib
import json

import numpy as np


def stream(purpose: str, **coordinates: int | str) -> np.random.Generator:
    """SFC64 generator that is a pure function of its purpose and coordinates.

    Streams of different purposes or coordinates are independent; no stream depends on which others
    were drawn before it, so any part of a computation can be repeated alone and in any order.
    """
    name = json.dumps([purpose, coordinates], sort_keys=True, separators=(",", ":"))
    words = np.frombuffer(hashlib.sha256(name.encode()).digest(), dtype="<u4")
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(words.tolist())))

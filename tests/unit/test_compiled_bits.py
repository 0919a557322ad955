"""Compiled code gives the same bits in the process that compiles it and in those that load it."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
PROGRAM = """
import hashlib
import numpy as np
from netphase.weights.networks import Engine
from netphase.inverse_ising.belief_propagation import Cavity
from netphase.streams import stream

rng = stream("test")
inputs, labels = rng.standard_normal((200, 5)).astype(np.float32), rng.integers(0, 3, 200)
trained = Engine((5, 7, 3), 16).train(inputs, labels, np.full(100, 0.3), [rng])
couplings = np.triu(rng.normal(0, 0.2, (30, 30)), 1)
messages = Cavity(couplings + couplings.T).propagate(rng.normal(0, 0.3, 30))
for found in (trained.theta, trained.losses, messages.values):
    print(hashlib.sha256(np.ascontiguousarray(found)).hexdigest())
"""


def test_bits_do_not_depend_on_the_cache_of_compiled_code(tmp_path):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(SCRIPTS)}
    command = [sys.executable, "-c", PROGRAM]
    compiled, loaded = (
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    )
    assert len(compiled.split()) == 3 and compiled == loaded
    assert list(tmp_path.rglob("*.nbi"))

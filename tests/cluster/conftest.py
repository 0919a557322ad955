"""The digits and tiny studies on a real Slurm."""

import pytest
from slurm_cluster import Slurm


@pytest.fixture(scope="session")
def slurm(tmp_path_factory):
    """A running Slurm with four virtual nodes."""
    cluster = Slurm(tmp_path_factory.mktemp("slurm"))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()

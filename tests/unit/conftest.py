"""Fixtures that several of these files share."""

import gzip

import numpy as np
import pytest
from image_sets import pack_idx, small


@pytest.fixture
def own(tmp_path) -> tuple[dict, dict]:
    """A sound data set of the user's own: its arrays, and its config entry of files in tmp_path."""
    rng = np.random.default_rng(1)
    parts = {"train": small(rng, 12), "test": small(rng, 6)}
    for split, (images, labels) in parts.items():
        (tmp_path / f"{split}-images").write_bytes(pack_idx(images))
        (tmp_path / f"{split}-labels.gz").write_bytes(gzip.compress(pack_idx(labels)))
    spec = {"source": "idx"} | {
        split: {"images": f"{split}-images", "labels": f"{split}-labels.gz"} for split in parts
    }
    return parts, spec

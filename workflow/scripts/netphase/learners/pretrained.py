"""Pretrained weights, converted into networks of this package.

The tensors of both stand in the same order, that of the layers, whatever their names are.
"""

import hashlib
import io
import math
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch

from netphase.errors import InputError
from netphase.learners.efficientnets import PUBLISHED, EfficientNet

# Mean and deviation of the intensities 0..255 with which the networks were trained.
LITE_INPUT = ((127.0,) * 3, (128.0,) * 3)
# keras.applications divides by the roots of these once more, for the weights of ImageNet only: its
# file has the deviations where the layer expects variances.
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)


def convert(name: str, spec: Mapping[str, Any], folders: Sequence[Path]) -> EfficientNet:
    """The network of one entry of `pretrained` in the configuration.

    Parameters
    ----------
    spec : architecture, source, file and sha256
    folders : where a keras file is looked for

    Raises
    ------
    InputError
        The file is missing, not the expected one, not of its kind or of another architecture.
    """
    where = f"weights.{name}.file: {spec['file']}"
    raw = _read(name, spec, folders)
    found = hashlib.sha256(raw).hexdigest()
    if found != spec["sha256"]:
        raise InputError(
            f"{where} has sha256 {found}, not {spec['sha256']}; replace the file or correct "
            f"weights.{name}.sha256"
        )
    if spec["source"] == "package":
        tensors, scale = read_torch(raw, where), LITE_INPUT
    else:
        tensors, scale = read_keras(raw, where)
    network = EfficientNet(PUBLISHED[spec["architecture"]], *scale)
    adopt(network, tensors, f"{where} is not of {spec['architecture']}")
    return network


def _read(name, spec, folders):
    if spec["source"] == "package":
        package, *parts = Path(spec["file"]).parts
        try:
            return resources.files(package).joinpath(*parts).read_bytes()
        except (ImportError, OSError) as error:
            raise InputError(
                f"weights.{name}.file: {spec['file']} is in no installed package; install {package}"
            ) from error
    places = [folder / spec["file"] for folder in folders]
    for place in places:
        if place.is_file():
            return place.read_bytes()
    raise InputError(
        f"weights.{name}.file: {spec['file']} is missing; put it at one of "
        f"{', '.join(map(str, places))} or correct the key"
    )


def read_torch(raw: bytes, where: str) -> list[torch.Tensor]:
    """Tensors of a state dictionary as PyTorch saves it, which may hold nothing but tensors."""
    try:
        state = torch.load(io.BytesIO(raw), map_location="cpu", weights_only=True)
        return [tensor for tensor in state.values() if tensor.is_floating_point()]
    except Exception as error:  # PyTorch raises whatever a damaged file makes it stumble over
        raise InputError(f"{where} is not a state dictionary of tensors; replace it") from error


def read_keras(
    raw: bytes, where: str
) -> tuple[list[torch.Tensor], tuple[list[float], list[float]]]:
    """Tensors of a weights file of keras.applications, and mean and deviation of its input."""
    tensors, scale = [], None
    try:
        with h5py.File(io.BytesIO(raw)) as file:
            for layer in _names(file.attrs["layer_names"]):
                group = file[layer]
                arrays = {
                    name: np.array(group[name]) for name in _names(group.attrs["weight_names"])
                }
                if scale is None and arrays and next(iter(arrays.values())).shape == (3,):
                    mean, variance, *_ = arrays.values()
                    deviation = np.sqrt(variance * IMAGENET_DEVIATION)
                    scale = (255 * mean).tolist(), (255 * deviation).tolist()
                    continue
                tensors += [_torch_layout(name, array) for name, array in arrays.items()]
    except Exception as error:  # likewise h5py
        raise InputError(f"{where} is not a weights file of keras; replace it") from error
    if scale is None:
        raise InputError(f"{where} has no layer that normalises the input; replace it")
    return tensors, scale


def _names(attribute):
    return [name.decode() if isinstance(name, bytes) else name for name in attribute]


def _torch_layout(name, array):
    if array.ndim == 4:
        # Older files name the kernel depthwise_kernel, newer ones the layer dwconv.
        depthwise = "depthwise" in name or "dwconv" in name
        array = array.transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
    elif array.ndim == 2:
        array = array.T
    return torch.from_numpy(np.ascontiguousarray(array))


def adopt(network: EfficientNet, tensors: Sequence[torch.Tensor], refusal: str) -> None:
    """Give a network these tensors, in the order of its own.

    Raises
    ------
    InputError
        Their number or the shape of a tensor differs; the message begins with the refusal.
    """
    own = [value for value in network.state_dict().values() if value.is_floating_point()]
    if len(own) != len(tensors):
        raise InputError(f"{refusal}: {len(tensors)} tensors, not {len(own)}")
    for i, (mine, theirs) in enumerate(zip(own, tensors, strict=True)):
        if mine.shape != theirs.shape:
            raise InputError(
                f"{refusal}: tensor {i} has the shape {tuple(theirs.shape)}, not "
                f"{tuple(mine.shape)}"
            )
        if not math.isfinite(float(theirs.sum())):
            raise InputError(f"{refusal}: tensor {i} has values that are not finite")
        mine.copy_(theirs)

"""Weights of networks as data sets: files of them are sealed like all others, and hold no code."""

import json
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
import torch
import xarray as xr

from netphase.errors import InputError
from netphase.learners.efficientnets import Architecture, EfficientNet


def pack(tensors: Mapping[str, torch.Tensor]) -> dict[str, xr.Variable]:
    """One variable for each tensor; its dimensions are named after axis and length."""
    return {
        name: xr.Variable(
            [f"axis{axis}_{length}" for axis, length in enumerate(tensor.shape)],
            tensor.detach().cpu().numpy(),
        )
        for name, tensor in tensors.items()
    }


def unpack(variables: Mapping[str, xr.Variable]) -> dict[str, torch.Tensor]:
    """The tensors that `pack` was given."""
    return {name: torch.from_numpy(np.array(each.values)) for name, each in variables.items()}


def save(network: EfficientNet) -> xr.Dataset:
    """Weights of a network, with what is needed to build it anew."""
    return xr.Dataset(
        pack(network.state_dict()),
        attrs={
            "title": f"EfficientNet, {network.n_parameters} trainable parameters",
            "n_parameters": network.n_parameters,
            "architecture": json.dumps(asdict(network.architecture)),
            "mean": network.mean.flatten().tolist(),
            "deviation": network.deviation.flatten().tolist(),
        },
    )


def load(data: xr.Dataset, where: str) -> EfficientNet:
    """The network that `save` was given.

    Parameters
    ----------
    where : name of the file in a refusal

    Raises
    ------
    InputError
        No weights of a network, or those of another network than the file says.
    """
    try:
        architecture = Architecture(**json.loads(data.attrs["architecture"]))
        network = EfficientNet(architecture, data.attrs["mean"], data.attrs["deviation"])
        names = network.state_dict()
        network.load_state_dict(unpack({name: data.variables[name] for name in names}))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{where}: not the weights of an EfficientNet ({reason})") from error
    return network

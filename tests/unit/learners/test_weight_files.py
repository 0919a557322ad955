"""Weights are read back bit for bit, and files without a network's weights are refused."""

import json

import numpy as np
import pytest
import torch
import xarray as xr

from netphase.errors import InputError
from netphase.files import netcdf
from netphase.learners import weight_files
from netphase.learners.efficientnets import Architecture, EfficientNet
from netphase.streams import stream

FIRST = "features.0.conv.weight"


def drawn(**changed):
    """A network all of whose weights, moments included, are random."""
    network = EfficientNet(
        Architecture(0.0266, 0.25, 4, n_classes=5, **changed), (120.1, 115.2, 101.3), (60, 61, 62.5)
    )
    rng = stream("weights of this test")
    for tensor in network.state_dict().values():
        value = rng.uniform(0.5, 1.5, tuple(tensor.shape))
        tensor.copy_(torch.as_tensor(value if tensor.is_floating_point() else 3))
    return network.eval()


@pytest.mark.parametrize("changed", [{}, {"lite": True}, {"stem_stride": 1, "dropout": 0.5}])
@pytest.mark.parametrize("stored", [False, True])
def test_round_trip_gives_the_same_bits(tmp_path, changed, stored):
    network = drawn(**changed)
    data = weight_files.save(network)
    if stored:
        netcdf.write(data, tmp_path / "weights.nc", {"netphase_version": "0"})
        netcdf.check(tmp_path / "weights.nc")
        with xr.open_dataset(tmp_path / "weights.nc") as data:
            again = weight_files.load(data, "weights.nc")
    else:
        again = weight_files.load(data, "weights.nc")
    assert again.architecture == network.architecture
    assert data.attrs["n_parameters"] == again.n_parameters == network.n_parameters
    pairs = zip(again.state_dict().items(), network.state_dict().items(), strict=True)
    for (name, mine), (theirs_name, theirs) in pairs:
        assert name == theirs_name and mine.dtype == theirs.dtype and torch.equal(mine, theirs)
    x = torch.from_numpy(stream("image").uniform(0, 255, (2, 3, 16, 16)).astype(np.float32))
    with torch.inference_mode():
        assert torch.equal(again.eval()(x), network(x))


def test_saved_weights_are_a_copy_of_none_that_is_loaded():
    data = weight_files.save(drawn())
    before = data.copy(deep=True)
    for parameter in weight_files.load(data, "weights.nc").parameters():
        parameter.data.zero_()
    xr.testing.assert_identical(data, before)


def test_file_holds_numbers_and_no_code(tmp_path):
    path = tmp_path / "weights.nc"
    netcdf.write(weight_files.save(drawn()), path, {})
    assert path.read_bytes().startswith(b"\x89HDF\r\n\x1a\n")
    with xr.open_dataset(path) as data:
        assert {variable.dtype.kind for variable in data.variables.values()} == {"f", "i"}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.drop_attrs(),
        lambda data: data.assign_attrs(architecture="no JSON"),
        lambda data: data.assign_attrs(architecture=json.dumps([1])),
        lambda data: data.assign_attrs(architecture=json.dumps({"height": 1.0})),
        lambda data: data.assign_attrs(mean=[1.0, 2.0]),
        lambda data: data.assign_attrs(deviation="wide"),
        lambda data: data.drop_vars(FIRST),
        lambda data: data.assign({FIRST: ("z", np.zeros(5, np.float32))}),
        lambda data: data.assign(
            {FIRST: data[FIRST].isel(axis0_4=slice(3)).rename(axis0_4="axis0_3")}
        ),
        lambda data: data.assign({FIRST: data[FIRST].astype(str)}),
        lambda data: weight_files.save(drawn(lite=True)).assign_attrs(data.attrs),
        lambda data: xr.Dataset(),
    ],
)
def test_what_is_no_network_is_refused_by_name(spoil):
    data = spoil(weight_files.save(drawn()))
    with pytest.raises(InputError, match=r"^folder/w\.nc: not the weights of an EfficientNet.*$"):
        weight_files.load(data, "folder/w.nc")


def test_refusal_says_which_tensor_does_not_fit():
    data = weight_files.save(drawn()).assign({FIRST: ("z", np.zeros(5, np.float32))})
    with pytest.raises(InputError, match=rf"^w\.nc: .*{FIRST}.*$"):
        weight_files.load(data, "w.nc")

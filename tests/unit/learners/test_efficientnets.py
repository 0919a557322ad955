"""Layers, numbers of parameters and evaluation of the networks."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from netphase.learners.efficientnets import (
    HEAD,
    PUBLISHED,
    STAGES,
    STEM,
    Architecture,
    ConvNorm,
    EfficientNet,
    filter_few_pixels,
    padding,
)

# Trainable parameters: Tan and Le (2019) and the published weights of the Lite variants.
COUNTS = {
    "b0": 5_288_548,
    "b1": 7_794_184,
    "b2": 9_109_994,
    "b3": 12_233_232,
    "b4": 19_341_616,
    "b5": 30_389_784,
    "b6": 43_040_704,
    "b7": 66_347_960,
    "lite0": 4_652_008,
    "lite1": 5_416_680,
    "lite2": 6_092_072,
}
TARGETS = 10 ** np.arange(4, 7.25, 0.5)
FIXED_DEPTH = {
    0.0266: 10_088,
    0.0924: 31_797,
    0.1965: 98_446,
    0.3945: 316_082,
    0.7500: 1_000_186,
    1.3848: 3_166_716,
    2.5147: 10_046_003,
}
COMPOUND = {
    -38: 10_088,
    -25: 31_797,
    -17: 98_446,
    -9.7: 317_002,
    -5.4: 1_010_118,
    -1.5: 3_162_778,
    1.6: 10_158_409,
}
UNROUNDED = {
    0.0199: 10_180,
    0.0549: 31_574,
    0.1217: 98_713,
    0.2458: 316_682,
    0.4699: 1_000_214,
    0.8705: 3_162_031,
    1.5812: 10_008_247,
}


def build(architecture):
    """A network without memory for its weights."""
    with torch.device("meta"):
        return EfficientNet(architecture)


def count(a):
    """Trainable parameters, layer by layer, by arithmetic alone."""
    total = 27 * a.stem + 2 * a.stem
    c = a.stem
    for stage, (k, _, _, base, e) in enumerate(STAGES):
        o = a.channels(base)
        for _ in range(a.repeats(stage)):
            m, q = c * e, max(1, int(c / 4))
            total += (c * m + 2 * m) * (e != 1) + k * k * m + 2 * m + m * o + 2 * o
            total += 0 if a.lite else 2 * m * q + q + m
            c = o
    return total + c * a.head + 2 * a.head + a.head * a.n_classes + a.n_classes


@pytest.mark.parametrize(("name", "n"), COUNTS.items())
def test_published_networks(name, n):
    assert build(PUBLISHED[name]).n_parameters == count(PUBLISHED[name]) == n


@pytest.mark.parametrize(
    ("networks", "architecture"),
    [
        (FIXED_DEPTH, lambda w: Architecture(w, 0.25, 4, n_classes=100)),
        (COMPOUND, lambda phi: Architecture(1.1**phi, 1.2**phi, 4, n_classes=100)),
        (UNROUNDED, lambda w: Architecture(w, 1.0, 1, n_classes=100)),
    ],
)
def test_small_networks_cover_three_decades(networks, architecture):
    counts = [build(architecture(scale)).n_parameters for scale in networks]
    assert counts == list(networks.values())
    assert np.abs(np.log10(counts) - np.log10(TARGETS)).max() < 0.009


@pytest.mark.parametrize(("depth", "n"), [(1e-9, 13_626), (1.0, 33_084)])
def test_stock_rounding_has_a_floor(depth, n):
    assert build(Architecture(1e-9, depth, 8, n_classes=100)).n_parameters == n


@settings(max_examples=30, deadline=None)
@given(
    st.floats(0.01, 1.5),
    st.floats(0.05, 1.5),
    st.sampled_from([1, 2, 4, 8]),
    st.booleans(),
    st.integers(2, 30),
)
def test_count_is_that_of_the_layers(width, depth, divisor, lite, n_classes):
    a = Architecture(width, depth, divisor, lite, n_classes)
    assert build(a).n_parameters == count(a)


@given(st.floats(0.001, 4), st.integers(1, 16), st.sampled_from([STEM, HEAD, 16, 112]))
def test_rounding_of_channels(width, divisor, base):
    n = Architecture(width, divisor=divisor).channels(base)
    assert n % divisor == 0
    assert 0.9 * width * base <= n < width * base + 1.5 * divisor


@pytest.mark.parametrize("size", [7, 8])
@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("stride", [1, 2])
def test_padding_is_that_of_tensorflow(size, kernel, stride):
    """The output has ceil(n / s) places, and the odd pixel of padding goes right and below."""
    layer = ConvNorm(1, 1, kernel, stride=stride).eval()
    x = torch.rand(1, 1, size, size, generator=torch.Generator().manual_seed(0))
    n = math.ceil(size / stride)
    missing = max((n - 1) * stride + kernel - size, 0)
    padded = torch.zeros(size + missing, size + missing)
    first = missing // 2
    padded[first : first + size, first : first + size] = x[0, 0]
    weight = layer.conv.weight[0, 0].detach()
    expected = torch.tensor(
        [
            [
                (padded[stride * i :, stride * j :][:kernel, :kernel] * weight).sum()
                for j in range(n)
            ]
            for i in range(n)
        ]
    )
    found = layer(x)[0, 0] * math.sqrt(1 + layer.norm.eps)
    assert torch.allclose(found, expected, atol=1e-6)


@given(
    st.integers(1, 3), st.integers(1, 3), st.sampled_from([3, 5]), st.sampled_from([1, 2]),
    st.booleans(), st.integers(0, 99),
)  # fmt: skip
@settings(deadline=None)
def test_few_pixels_are_filtered_as_by_a_convolution(height, width, kernel, stride, biased, seed):
    """Values and gradients."""
    rng = torch.Generator().manual_seed(seed)
    x, weight, bias = (
        torch.randn(shape, generator=rng, dtype=torch.float64, requires_grad=True)
        for shape in ((2, 3, height, width), (3, 1, kernel, kernel), (3,))
    )
    bias = bias if biased else None
    sides = [side for n in (width, height) for side in padding(n, kernel, stride)]
    expected = F.conv2d(F.pad(x, sides), weight, bias, stride, groups=3)
    found = filter_few_pixels(x, weight, bias, stride)
    assert torch.allclose(found, expected, atol=1e-12)
    weights = torch.randn(found.shape, generator=rng, dtype=torch.float64)
    wanted = [x, weight, *([bias] if biased else [])]
    for mine, theirs in zip(
        torch.autograd.grad((found * weights).sum(), wanted),
        torch.autograd.grad((expected * weights).sum(), wanted),
        strict=True,
    ):
        assert torch.allclose(mine, theirs, atol=1e-12)


def small(seed=0, **changed):
    network = EfficientNet(
        Architecture(0.2, 0.5, 4, n_classes=7, **changed), (120.0,) * 3, (60.0,) * 3
    )
    rng = np.random.default_rng(seed)
    network.initialise(rng)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            for tensor in (module.weight.data, module.running_var):
                tensor.copy_(torch.from_numpy(rng.uniform(0.5, 1.5, tensor.shape)))
            for tensor in (module.bias.data, module.running_mean):
                tensor.copy_(torch.from_numpy(rng.normal(0, 0.1, tensor.shape)))
    return network


@pytest.mark.parametrize("lite", [False, True])
@pytest.mark.parametrize("stem_stride", [1, 2])
def test_folded_network_is_the_same_function(lite, stem_stride):
    network = small(lite=lite, stem_stride=stem_stride).eval()
    x = 255 * torch.rand(5, 3, 33, 32, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected, found = network(x), network.folded()(x)
    assert expected.std() > 0.01
    assert torch.allclose(found, expected, atol=1e-4 * float(expected.abs().max()))


def test_samples_do_not_see_one_another_in_evaluation():
    network = small().folded()
    x = 255 * torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        together, alone = network(x), torch.cat([network(image[None]) for image in x])
    assert torch.allclose(together, alone, atol=1e-5)


def test_dropped_blocks_keep_their_expectation():
    """Each residual branch survives with probability 1 - p, and is divided by that."""
    torch.manual_seed(0)
    block = EfficientNet(Architecture(0.25, 1.0, 4, drop_connect=0.9)).features
    block = next(each for each in block[1:-1] if each.residual and each.drop > 0.2)
    for norm in block.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            norm.eval()
    block.training = True
    c = block.layers[0].conv.in_channels
    x = torch.rand(1, c, 6, 6).expand(4000, -1, -1, -1)
    with torch.no_grad():
        branch = (block(x) - x).flatten(1)
        kept = branch.abs().sum(1) > 0
        whole = block.layers(x[:1]).flatten()
    p = 1 - block.drop
    assert abs(float(kept.double().mean()) - p) < 4 * math.sqrt(p * (1 - p) / 4000)
    assert torch.allclose(branch[kept][0], whole / p, atol=1e-5)


def test_initial_weights_follow_fan_out():
    network = EfficientNet(Architecture(1.0, 1.0, n_classes=50))
    network.initialise(np.random.default_rng(3))
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d) and module.weight.numel() > 10_000:
            k = module.kernel_size[0]
            variance = 2 / (k * k * module.out_channels / module.groups)
            n = module.weight.numel()
            assert abs(float(module.weight.detach().var()) / variance - 1) < 5 * math.sqrt(2 / n)
    limit = 1 / math.sqrt(50)
    assert float(network.classifier.weight.abs().max()) <= limit
    assert float(network.classifier.weight.std()) == pytest.approx(limit / math.sqrt(3), rel=0.02)


def test_input_is_normalised_by_the_network():
    one, other = small(), small()
    other.mean.zero_()
    other.deviation.fill_(1)
    x = 255 * torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(4))
    with torch.inference_mode():
        assert torch.allclose(one.eval()(x), other.eval()((x - 120) / 60), atol=1e-4)


def test_relu6_and_silu_are_their_formulas():
    x = torch.linspace(-8, 8, 33)
    activations = [small(lite=lite).features[0].activation for lite in (False, True)]
    assert torch.allclose(activations[0](x), x / (1 + torch.exp(-x)))
    assert torch.equal(activations[1](x), F.hardtanh(x, 0, 6))

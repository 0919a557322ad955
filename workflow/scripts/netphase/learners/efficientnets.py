"""EfficientNets of any width, depth and rounding, and their Lite variants.

Sources: Tan and Le (2019), EfficientNet, Table 1 and section 3.3; for the Lite variants, which have
no squeeze-and-excitation, ReLU6 and an unscaled stem and head, their release notes (2020).
"""

import copy
import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

# Kernel, repeats, stride, channels and expansion of the stages of mobile inverted bottlenecks.
STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 2, 24, 6),
    (5, 2, 2, 40, 6),
    (3, 3, 2, 80, 6),
    (5, 3, 1, 112, 6),
    (5, 4, 2, 192, 6),
    (3, 1, 1, 320, 6),
)
STEM, HEAD = 32, 1280
SQUEEZE = 0.25
# Images of up to so many pixels are filtered without a convolution while networks are trained.
FEW_PIXELS = 4
NORM = {"eps": 1e-3, "momentum": 0.01}


@dataclass(frozen=True)
class Architecture:
    """Parameters of the layers of a network; the defaults are those of B0."""

    width: float = 1.0
    depth: float = 1.0
    divisor: int = 8
    lite: bool = False
    n_classes: int = 1000
    stem_stride: int = 2
    dropout: float = 0.2
    drop_connect: float = 0.2

    def channels(self, base: int) -> int:
        """Scaled number of channels, a multiple of the divisor and no more than 10 % too small."""
        scaled = self.width * base
        rounded = max(self.divisor, int(scaled + self.divisor / 2) // self.divisor * self.divisor)
        return rounded if rounded >= 0.9 * scaled else rounded + self.divisor

    def repeats(self, stage: int) -> int:
        """Number of blocks of a stage."""
        base = STAGES[stage][1]
        if self.lite and stage in (0, len(STAGES) - 1):
            return base
        return math.ceil(self.depth * base)

    @property
    def stem(self) -> int:
        """Channels of the first convolution."""
        return STEM if self.lite else self.channels(STEM)

    @property
    def head(self) -> int:
        """Channels of the last convolution."""
        return HEAD if self.lite else self.channels(HEAD)


# Width and depth of the published networks.
PUBLISHED = {
    "b0": Architecture(1.0, 1.0),
    "b1": Architecture(1.0, 1.1),
    "b2": Architecture(1.1, 1.2),
    "b3": Architecture(1.2, 1.4),
    "b4": Architecture(1.4, 1.8),
    "b5": Architecture(1.6, 2.2),
    "b6": Architecture(1.8, 2.6),
    "b7": Architecture(2.0, 3.1),
    "lite0": Architecture(1.0, 1.0, lite=True),
    "lite1": Architecture(1.0, 1.1, lite=True),
    "lite2": Architecture(1.1, 1.2, lite=True),
    "lite3": Architecture(1.2, 1.4, lite=True),
    "lite4": Architecture(1.4, 1.8, lite=True),
}


def padding(n: int, kernel: int, stride: int) -> tuple[int, int]:
    """Pixels of TensorFlow's "same" padding before and after n pixels: an odd one goes behind."""
    missing = max((-(-n // stride) - 1) * stride + kernel - n, 0)
    return missing // 2, missing - missing // 2


def filter_few_pixels(x, weight, bias, stride: int) -> torch.Tensor:
    """Depthwise convolution of images so small that most of the kernel meets padding only.

    y_o = sum_p x_p w_(p + b - s o) over the pixels p, stride s and padding b. As an elementwise
    product its gradient takes a fraction of the time of that of a convolution.
    """
    (height, width), kernel = x.shape[2:], weight.shape[-1]
    places = []
    for n in (height, width):
        first, _ = padding(n, kernel, stride)
        pixel, output = np.arange(n)[:, np.newaxis], np.arange(-(-n // stride))
        places.append(pixel + first - stride * output)
    rows, columns = places[0][:, np.newaxis, :, np.newaxis], places[1][:, np.newaxis, :]
    met = (rows >= 0) & (rows < kernel) & (columns >= 0) & (columns < kernel)
    index = np.where(met, rows * kernel + columns, kernel**2).reshape(height * width, -1)
    # The last column stands for what lies outside the kernel.
    taps = F.pad(weight.flatten(1), (0, 1)).T[torch.from_numpy(index).to(x.device)]
    y = (x.permute(0, 2, 3, 1).reshape(len(x), -1, 1, x.shape[1]) * taps).sum(1)
    if bias is not None:
        y = y + bias
    outputs = [place.shape[1] for place in places]
    return y.reshape(len(x), *outputs, x.shape[1]).permute(0, 3, 1, 2)


class ConvNorm(nn.Module):
    """Convolution with TensorFlow's "same" padding, batch normalisation and activation."""

    def __init__(self, n_in, n_out, kernel=1, *, stride=1, groups=1, activation=None):
        super().__init__()
        # With stride 1 the padding is the same on both sides, and the convolution adds it itself.
        own = kernel // 2 if stride == 1 else 0
        self.conv = nn.Conv2d(n_in, n_out, kernel, stride, own, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(n_out, **NORM)
        self.activation = activation or nn.Identity()

    def forward(self, x):
        (kernel, _), (stride, _) = self.conv.kernel_size, self.conv.stride
        if self.training and self.conv.groups > 1 and x.shape[2] * x.shape[3] <= FEW_PIXELS:
            x = filter_few_pixels(x, self.conv.weight, self.conv.bias, stride)
        else:
            if stride > 1:
                sides = (padding(n, kernel, stride) for n in x.shape[:1:-1])
                x = F.pad(x, [side for both in sides for side in both])
            x = self.conv(x)
        return self.activation(self.norm(x))

    def fold(self):
        """Take the normalisation, fixed after training, into the convolution."""
        self.conv, self.norm = fuse_conv_bn_eval(self.conv, self.norm), nn.Identity()
        # Training would copy what it overwrites here.
        self.activation.inplace = True


class SqueezeExcitation(nn.Module):
    """Gate of every channel, from the means of all channels (Hu, Shen and Sun 2018)."""

    def __init__(self, n_channels, n_squeezed):
        super().__init__()
        self.reduce = nn.Conv2d(n_channels, n_squeezed, 1)
        self.expand = nn.Conv2d(n_squeezed, n_channels, 1)

    def forward(self, x):
        gate = self.expand(F.silu(self.reduce(x.mean((2, 3), keepdim=True)), inplace=True))
        return x * gate.sigmoid()


class Bottleneck(nn.Module):
    """Mobile inverted bottleneck: expand, filter each channel, gate, project."""

    def __init__(self, n_in, n_out, kernel, stride, expansion, *, lite, drop):
        super().__init__()
        inner = n_in * expansion
        activation = nn.ReLU6() if lite else nn.SiLU()
        parts = [ConvNorm(n_in, inner, activation=activation)] if expansion > 1 else []
        parts += [
            ConvNorm(inner, inner, kernel, stride=stride, groups=inner, activation=activation)
        ]
        if not lite:
            parts += [SqueezeExcitation(inner, max(1, int(SQUEEZE * n_in)))]
        self.layers = nn.Sequential(*parts, ConvNorm(inner, n_out))
        self.residual = stride == 1 and n_in == n_out
        self.drop = drop

    def forward(self, x):
        y = self.layers(x)
        if not self.residual:
            return y
        if self.training and self.drop:
            keep = 1 - self.drop
            y = y * (torch.rand((len(y), 1, 1, 1), device=y.device) < keep) / keep
        return x + y


class EfficientNet(nn.Module):
    """Network for images (sample, 3, y, x) of intensities as stored, in the channels-last layout.

    Parameters
    ----------
    architecture : its layers
    mean, deviation : three numbers each, which standardise the channels
    """

    def __init__(self, architecture: Architecture, mean=(0.0,) * 3, deviation=(1.0,) * 3):
        super().__init__()
        self.architecture = architecture
        for name, value in (("mean", mean), ("deviation", deviation)):
            channels = torch.tensor(value, dtype=torch.float32).reshape(1, 3, 1, 1)
            self.register_buffer(name, channels, persistent=False)
        activation = nn.ReLU6() if architecture.lite else nn.SiLU()
        n_blocks = sum(map(architecture.repeats, range(len(STAGES))))
        n_in = architecture.stem
        stride = architecture.stem_stride
        layers = [ConvNorm(3, n_in, 3, stride=stride, activation=activation)]
        for stage, (kernel, _, first_stride, base, expansion) in enumerate(STAGES):
            n_out = architecture.channels(base)
            for repeat in range(architecture.repeats(stage)):
                stride = 1 if repeat else first_stride
                drop = architecture.drop_connect * (len(layers) - 1) / n_blocks
                layers.append(
                    Bottleneck(
                        n_in, n_out, kernel, stride, expansion, lite=architecture.lite, drop=drop
                    )
                )
                n_in = n_out
        layers.append(ConvNorm(n_in, architecture.head, activation=activation))
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout(architecture.dropout)
        self.classifier = nn.Linear(architecture.head, architecture.n_classes)
        self.to(memory_format=torch.channels_last)

    def forward(self, x):
        x = self.features((x - self.mean) / self.deviation)
        return self.classifier(self.dropout(x.mean((2, 3))))

    def initialise(self, rng: np.random.Generator) -> None:
        """Draw N(0, 2 / fan-out) for convolutions, U(-1, 1) / sqrt(classes) for the classifier."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                kernel = module.kernel_size[0]
                fan_out = kernel**2 * module.out_channels // module.groups
                drawn = rng.standard_normal(tuple(module.weight.shape)) * math.sqrt(2 / fan_out)
            elif isinstance(module, nn.Linear):
                drawn = rng.uniform(-1, 1, tuple(module.weight.shape)) / math.sqrt(
                    module.out_features
                )
            else:
                continue
            with torch.no_grad():
                module.weight.copy_(torch.from_numpy(drawn))
                if module.bias is not None:
                    module.bias.zero_()

    def folded(self) -> "EfficientNet":
        """The same function for evaluation, without normalisation layers."""
        network = copy.deepcopy(self).eval()
        for module in network.modules():
            if isinstance(module, ConvNorm):
                module.fold()
        return network

    @property
    def n_parameters(self) -> int:
        """Number of trainable parameters."""
        return sum(parameter.numel() for parameter in self.parameters())


@torch.inference_mode()
def logits_of(network: EfficientNet, batch: np.ndarray, half: bool) -> torch.Tensor:
    """Logits (sample, class) on the processor, of images (sample, y, x, 3), float32."""
    device = network.mean.device
    x = torch.from_numpy(batch).to(device).permute(0, 3, 1, 2)
    with torch.autocast(device.type, torch.bfloat16, enabled=half):
        return network(x).float().cpu()

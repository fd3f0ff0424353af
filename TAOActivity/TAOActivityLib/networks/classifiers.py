"""Networks A and B: five axial slices as channels in, logits of inactive and active disease out.

Table 1 of Lin et al. 2021 is garbled in print; these networks follow the reading that agrees with all of its legible
numbers: ten and twenty convolutions of 3 x 3, 64 to 512 channels, batch normalisation after each, four fully connected
layers with dropout. The paper does not give the widths of the fully connected layers; ours are 1024, 256 and 64.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

SLICES, CLASSES = 5, 2
STAGES = (1, 2, 4, 8, 8)
DENSE = (1024, 256, 64)


class NetworkA(nn.Module):
    """VGG-like network: five times two convolutions and a maximum pool, then fully connected layers.

    (batch, 5, 128, 128) to (batch, 2). Features after each stage: 64 x 64², 128 x 32², 256 x 16², 512 x 8², 512 x 4².

    :param width: channels of the first stage (64 in the paper).
    :param dense: widths of the hidden fully connected layers.
    :param dropout: dropout rate of the fully connected layers.
    """

    def __init__(self, width: int = 64, dense: Sequence[int] = DENSE, dropout: float = 0.5) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = SLICES
        for factor in STAGES:
            layers += [*_convolution(channels, width * factor), *_convolution(width * factor, width * factor),
                       nn.MaxPool2d(2)]
            channels = width * factor
        self.features = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.Flatten(), *_dense_layers(channels * 4 * 4, dense, dropout))

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (batch, 2) of images (batch, 5, 128, 128)."""
        return self.head(self.features(x))


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions whose output is added to the input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        second = _convolution(channels, channels)[:2]
        self.path = nn.Sequential(*_convolution(channels, channels), *second)

    def forward(self, x: Tensor) -> Tensor:
        """Return features of the same shape as ``x``."""
        return torch.relu(x + self.path(x))


class NetworkB(nn.Module):
    """Residual network: a stem, four stages of two blocks, strided convolutions between them; 20 convolutions of 3 x 3.

    (batch, 5, 128, 128) to (batch, 2). With the paper's width the stages have 64 x 128², 128 x 64², 256 x 32² and
    512 x 16² features, which are averaged to 4 x 4 before the fully connected layers.

    :param width: channels of the first stage (64 in the paper).
    :param stem_stride: stride of the stem; 2 halves the resolution at once, which makes the network four times as fast.
    :param dense: widths of the hidden fully connected layers; if there are none, features are averaged over the whole
        map instead of to 4 x 4.
    :param dropout: dropout rate of the fully connected layers.
    """

    def __init__(self, width: int = 64, stem_stride: int = 1, dense: Sequence[int] = DENSE,
                 dropout: float = 0.5) -> None:
        super().__init__()
        layers: list[nn.Module] = _convolution(SLICES, width, stem_stride)
        for factor in (1, 2, 4, 8):
            if factor > 1:
                layers += _convolution(width * factor // 2, width * factor, 2)
            layers += [ResidualBlock(width * factor), ResidualBlock(width * factor)]
        self.features = nn.Sequential(*layers)
        edge = 4 if dense else 1
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(edge), nn.Flatten(),
                                  *_dense_layers(width * 8 * edge**2, dense, dropout))

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (batch, 2) of images (batch, 5, 128, 128)."""
        return self.head(self.features(x))


def _convolution(before: int, after: int, stride: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(before, after, 3, stride, 1), nn.BatchNorm2d(after), nn.ReLU(inplace=True)]


def _dense_layers(features: int, widths: Sequence[int], dropout: float) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for width in widths:
        layers += [nn.Linear(features, width), nn.ReLU(inplace=True), nn.Dropout(dropout)]
        features = width
    return [*layers, *([] if widths else [nn.Dropout(dropout)]), nn.Linear(features, CLASSES)]

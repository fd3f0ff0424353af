"""The two-view compression block: a volume seen from above and from the front, followed by a two-dimensional ResNet.

Each view takes the slices along one axis as channels and compresses them to 32 maps of 32 x 32. Together these are the
64 maps that the first stage of a ResNet expects, so that the stem is not needed and the stages can start from weights
that were trained on photographs.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from NeuroDifferentialLib.differential.networks.resnet import FULL, Head, Stages

EDGE, KERNEL, STRIDE = 100, 7, 3


class View(nn.Sequential):
    """One view: slices as channels (batch, 100, 100, 100) to maps (batch, channels, 32, 32).

    :param channels: number of maps, 32 as published.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(nn.Conv2d(EDGE, channels, KERNEL, STRIDE), nn.BatchNorm2d(channels), nn.ReLU(inplace=True))


class Compression(nn.Module):
    """Compression of a volume by two views: (batch, 100, 100, 100) to (batch, width, 32, 32).

    :param width: number of maps, half of them for each view; 64 as published (313 792 parameters).
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.axial = View(width // 2)
        self.coronal = View(width // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Return the maps of both views, (batch, width, 32, 32).

        :param x: volumes (batch, superior, anterior, right). Axial slices are the channels of the first view, coronal
            slices those of the second; left to right is the last axis of both.
        """
        return torch.cat([self.axial(x), self.coronal(x.transpose(1, 2))], dim=1)


class TwoViewResNet(nn.Module):
    """The two-view compression followed by a ResNet without its stem.

    :param depth: 18 (11.48 million parameters) or 34 (21.59 million).
    :param width: number of maps of the compression, 64 as published.
    :param dropout: dropout probability before the last layer.
    """

    def __init__(self, depth: int = 18, width: int = 64, dropout: float = 0.15) -> None:
        super().__init__()
        self.features = nn.Sequential()
        self.features.add_module("compression", Compression(width))
        self.features.add_module("stages", Stages(depth, width))
        self.head = Head(width * 8, dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (batch, 2) of stored lesion images (batch, 100, 100, 100), in 1/255."""
        return self.head(self.features(self.scaled(x)))

    def scaled(self, x: Tensor) -> Tensor:
        """Return the input of the features for stored images: lesion shares from 0 to 1, same shape."""
        return x.float() / FULL

"""The network that processes slices."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from NeuroOrbitLib.models.compact_unet import UNet


class SliceUNet(UNet):
    """U-Net (Ronneberger 2015) on slices, with batch normalisation, which preserves how much of a slice is bright.

    It maps inputs (batch, inputs, rows, columns) to logits (batch, outputs, rows, columns). Rows and columns must be
    multiples of ``size_multiple``.

    :param inputs: number of input channels.
    :param widths: number of channels of each level, the finest first.
    :param outputs: number of classes, or 1 for the log odds of one class.
    """

    def __init__(self, inputs: int, widths: Sequence[int], outputs: int = 1) -> None:
        super().__init__()
        widths = tuple(widths)
        self.size_multiple = 2 ** (len(widths) - 1)
        self.encoders = nn.ModuleList([_pair(inputs, widths[0])])
        self.encoders.extend(_pair(finer, coarser, stride=2) for finer, coarser in pairwise(widths))
        self.upsamplers = nn.ModuleList(nn.ConvTranspose2d(coarser, finer, 2, stride=2)
                                        for finer, coarser in reversed(list(pairwise(widths))))
        self.decoders = nn.ModuleList(_pair(2 * width, width) for width in widths[-2::-1])
        self.head = nn.Conv2d(widths[0], outputs, 1)


def _pair(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Return two sequences of 3 x 3 convolution, batch normalisation and ReLU; the first may reduce the resolution."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(outputs, momentum=0.03),
        nn.ReLU(inplace=True),
        nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs, momentum=0.03),
        nn.ReLU(inplace=True))

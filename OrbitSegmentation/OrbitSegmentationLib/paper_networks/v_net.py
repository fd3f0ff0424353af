"""V-Net with 3x3x3 kernels and 9.62 million weights: the comparator of the SV-Net paper."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from OrbitSegmentationLib.paper_networks.blocks import (
    check_divisible,
    convolution_stage,
    convolution_unit,
    doubling_unit,
    halving_unit,
)

WIDTHS = (16, 32, 64, 128, 256)
ENCODER_CONVOLUTIONS = (1, 2, 3, 3, 3)
DECODER_CONVOLUTIONS = (3, 3, 2, 1)


class ResidualStage(nn.Module):
    """A convolution that sets the width, then convolutions whose result is added to it.

    V-Net adds the input of the stage, which here has another width; adding after the first convolution needs no
    weights.
    """

    def __init__(self, in_channels: int, out_channels: int, count: int) -> None:
        super().__init__()
        self.entry = convolution_unit(3, in_channels, out_channels)
        self.rest = convolution_stage(3, out_channels, out_channels, count - 1)

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same spatial size with ``out_channels`` channels."""
        entered = self.entry(features)
        return entered + self.rest(entered) if len(self.rest) else entered


class VNet(nn.Module):
    """V-Net (Milletari et al. 2016) with 21 convolutions, strided convolutions down and transposed ones up.

    Milletari's 5x5x5 kernels would need 44 million weights or more; 3x3x3 kernels, with halving and doubling that both
    keep the number of channels, give the 9.6 million that the SV-Net paper reports.
    Input (batch, ``in_channels``, 256, 256, 32), or other multiples of 16; output logits of the same spatial size.
    """

    def __init__(self, in_channels: int = 1, out_channels: int = 6, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        self.factor = 2 ** (len(widths) - 1)
        inputs = [in_channels, *widths[:-1]]
        plan = zip(inputs, widths, ENCODER_CONVOLUTIONS, strict=True)
        self.encoder = nn.ModuleList(ResidualStage(*stage) for stage in plan)
        self.downs = nn.ModuleList(halving_unit(3, width) for width in widths[:-1])
        self.ups, self.decoder = nn.ModuleList(), nn.ModuleList()
        below = widths[-1]
        for width, count in zip(reversed(widths[:-1]), DECODER_CONVOLUTIONS, strict=True):
            self.ups.append(doubling_unit(3, below, below))
            self.decoder.append(ResidualStage(below + width, width, count))
            below = width
        self.head = nn.Conv3d(below, out_channels, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Return the logits of every voxel, (batch, ``out_channels``, *spatial)."""
        check_divisible(image.shape[2:], self.factor, type(self).__name__)
        features = self.encoder[0](image)
        skips = []
        for down, stage in zip(self.downs, self.encoder[1:], strict=True):
            skips.append(features)
            features = stage(down(features))
        for up, stage in zip(self.ups, self.decoder, strict=True):
            features = stage(torch.cat([up(features), skips.pop()], dim=1))
        return self.head(features)

"""The network of AutoCorrection, which corrects a rough mask on an image slice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from OrbitSegmentationLib.paper_networks.blocks import convolution_stage, doubling_unit, normalised
from OrbitSegmentationLib.refinement.correction.network_input import CHANNELS

WIDTHS = (12, 24, 48, 72)
#: Logit of a pixel deep inside the rough mask to which the network adds its output.
_TRUST = 2.0


class CorrectionNetwork(nn.Module):
    """Small 2-D U-Net (Ronneberger 2015) whose output is added to the logits of the mask that the user drew.

    Input (B, 3, rows, columns) from :func:`.network_input.network_input`, output logits (B, 1, rows, columns); sizes
    must be multiples of ``size_multiple``. Batch normalisation, so that the size of the crop does not matter.

    :param widths: number of channels of each resolution level, finest first.
    """

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        widths = tuple(widths)
        self.size_multiple = 2 ** (len(widths) - 1)
        self.first = convolution_stage(2, CHANNELS, widths[0], 2)
        self.encoders = nn.ModuleList(nn.Sequential(
            normalised(nn.Conv2d(finer, coarser, 3, stride=2, padding=1), 2), convolution_stage(2, coarser, coarser, 1),
        ) for finer, coarser in pairwise(widths))
        self.upsamplers = nn.ModuleList(doubling_unit(2, b, a) for a, b in reversed(list(pairwise(widths))))
        self.decoders = nn.ModuleList(convolution_stage(2, 2 * width, width, 2) for width in widths[-2::-1])
        self.head = nn.Conv2d(widths[0], 1, 1)

    def forward(self, channels: Tensor) -> Tensor:
        features = [self.first(channels)]
        for encoder in self.encoders:
            features.append(encoder(features[-1]))
        result = features.pop()
        for upsampler, decoder in zip(self.upsamplers, self.decoders, strict=True):
            result = decoder(torch.cat([upsampler(result), features.pop()], dim=1))
        return self.head(result) + _TRUST * channels[:, 2:3]


class OfSlices(nn.Module):
    """A network applied to all patches of all slices of a batch (slices, patches, channels, rows, columns)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, channels: Tensor) -> Tensor:
        return self.network(channels.flatten(0, 1).contiguous(memory_format=torch.channels_last))

"""SV-Net: the semantic V-Net for orbital CT (Zhu et al. 2020), 17 convolutions of 3x3x3."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from OrbitSegmentationLib.paper_networks.blocks import (
    CONVOLUTION,
    MAX_POOL,
    check_divisible,
    convolution_stage,
    doubling_unit,
)

# The paper gives the number of 3x3x3 convolutions (17), of weights (8.6 million), of outputs (6) and the window
# (256 x 256 x 32), not the widths. This is the simplest architecture that meets all four.
ENCODER_WIDTHS = (16, 32, 64, 128, 256)
ENCODER_CONVOLUTIONS = 2
DECODER_CONVOLUTIONS = (2, 2, 2, 1)


class SVNet(nn.Module):
    """SV-Net: encoder with max pooling, decoder with transposed convolutions that keeps the concatenated width.

    Input (batch, ``in_channels``, *spatial), output (batch, ``out_channels``, *spatial): logits for sigmoids, the
    background first. Spatial sizes are multiples of 16; the paper's window is 256, 256, 32, the slices last.

    :param in_channels: number of channels of the image.
    :param out_channels: number of classes, including the background.
    :param widths: number of channels of each encoder level, finest first.
    :param dimensions: number of spatial dimensions: 3, or 2 for the twin :class:`~.su_net.SUNet`.
    """

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 6,
        widths: Sequence[int] = ENCODER_WIDTHS,
        dimensions: int = 3,
    ) -> None:
        super().__init__()
        self.factor = 2 ** (len(widths) - 1)
        inputs = [in_channels, *widths[:-1]]
        self.encoder = nn.ModuleList(
            convolution_stage(dimensions, a, b, ENCODER_CONVOLUTIONS) for a, b in zip(inputs, widths, strict=True)
        )
        self.pool = MAX_POOL[dimensions](2)
        self.ups, self.decoder = self._build_decoder(widths, dimensions)
        self.head = CONVOLUTION[dimensions](2 * widths[0], out_channels, 1)

    @staticmethod
    def _build_decoder(widths: Sequence[int], dimensions: int) -> tuple[nn.ModuleList, nn.ModuleList]:
        ups, stages = nn.ModuleList(), nn.ModuleList()
        below = widths[-1]
        counts = DECODER_CONVOLUTIONS[-(len(widths) - 1):]
        for width, count in zip(reversed(widths[:-1]), counts, strict=True):
            ups.append(doubling_unit(dimensions, below, width))
            below = 2 * width
            stages.append(convolution_stage(dimensions, below, below, count))
        return ups, stages

    def forward(self, image: Tensor) -> Tensor:
        """Return the logits of every voxel, (batch, ``out_channels``, *spatial)."""
        check_divisible(image.shape[2:], self.factor, type(self).__name__)
        skips = []
        features = image
        for level, stage in enumerate(self.encoder):
            features = stage(features if level == 0 else self.pool(features))
            skips.append(features)
        skips.pop()
        for up, stage in zip(self.ups, self.decoder, strict=True):
            features = stage(torch.cat([up(features), skips.pop()], dim=1))
        return self.head(features)

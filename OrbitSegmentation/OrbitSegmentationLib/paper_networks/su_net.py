"""SU-Net: the two-dimensional twin of SV-Net, a comparator in Zhu et al. 2020 that works slice by slice."""

from __future__ import annotations

from collections.abc import Sequence

from OrbitSegmentationLib.paper_networks.sv_net import ENCODER_WIDTHS, SVNet


class SUNet(SVNet):
    """SV-Net with two-dimensional operations.

    Input (batch, ``in_channels``, H, W), output (batch, ``out_channels``, H, W) logits; H, W multiples of 16.
    """

    def __init__(self, in_channels: int = 1, out_channels: int = 6, widths: Sequence[int] = ENCODER_WIDTHS) -> None:
        super().__init__(in_channels, out_channels, widths, dimensions=2)

"""The networks of the default model as one module, so that they share a file of weights."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from NeuroOrbitLib.models.compact_unet import CompactUNet
from OrbitSegmentationLib.any_contrast.classes import CLASS_COUNT


class AnyContrastNetwork(nn.Module):
    """Locator (heat of globes at 4 mm), orbit network (classes at 1 mm) and chiasm network (chiasm or not, at 1 mm).

    Calling it applies the orbit network: image (B, 1, K, J, I) to logits (B, classes, K, J, I). Packages name the
    widths of their networks; those before 0.5.0 do not, and have the default widths. Those before 0.7.0 have no chiasm
    network.

    :param locator_widths, orbit_widths, chiasm_widths: number of channels per resolution level of each network, the
        finest level first; None for no chiasm network.
    """

    def __init__(self, locator_widths: Sequence[int] = (8, 16, 32, 48),
                 orbit_widths: Sequence[int] = (8, 24, 48, 96), chiasm_widths: Sequence[int] | None = None) -> None:
        super().__init__()
        self.locator = CompactUNet(1, 1, tuple(locator_widths))
        self.orbit = CompactUNet(1, CLASS_COUNT, tuple(orbit_widths))
        self.chiasm = CompactUNet(1, 2, tuple(chiasm_widths)) if chiasm_widths else None

    def forward(self, image: Tensor) -> Tensor:
        return self.orbit(image)

"""The lesion network and the register by which packages name it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from NeuroDifferentialLib.lesions.inventory import LESION_NETWORK
from NeuroDifferentialLib.lesions.slices import INPUT_COUNT
from NeuroOrbitLib.models.compact_unet import UNet
from NeuroOrbitLib.models.networks import Network, NetworkRegistry


class SliceUNet(UNet):
    """U-Net (Ronneberger 2015) on slices, with batch normalisation, so that how much of a slice is bright stays known.

    Input (B, inputs, rows, columns), see :func:`~NeuroDifferentialLib.lesions.slices.slice_inputs`; output log odds of
    lesion (B, 1, rows, columns). Rows and columns must be multiples of ``size_multiple``.

    :param inputs: number of channels. :param widths: channels of each level, the finest first.
    """

    def __init__(self, inputs: int = INPUT_COUNT, widths: Sequence[int] = (20, 40, 80, 128)) -> None:
        super().__init__()
        widths = tuple(widths)
        self.size_multiple = 2 ** (len(widths) - 1)
        self.encoders = nn.ModuleList([_pair(inputs, widths[0])])
        self.encoders.extend(_pair(finer, coarser, stride=2) for finer, coarser in pairwise(widths))
        self.upsamplers = nn.ModuleList(nn.ConvTranspose2d(coarser, finer, 2, stride=2)
                                        for finer, coarser in reversed(list(pairwise(widths))))
        self.decoders = nn.ModuleList(_pair(2 * width, width) for width in widths[-2::-1])
        self.head = nn.Conv2d(widths[0], 1, 1)


def _pair(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Twice: 3x3 convolution, batch normalisation, ReLU; the first one may halve the resolution."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(outputs, momentum=0.03),
        nn.ReLU(inplace=True),
        nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs, momentum=0.03),
        nn.ReLU(inplace=True))


_REGISTRY = NetworkRegistry()
find, load = _REGISTRY.find, _REGISTRY.load
SLICE_NETWORK = _REGISTRY.register(Network(
    LESION_NETWORK, "Lesion or not, slice by slice, from brightness, tissues and place", f"{__name__}:SliceUNet",
    640_189, (INPUT_COUNT, 160, 160), (1, 160, 160), "channels, rows, columns", "Ronneberger et al. 2015"))

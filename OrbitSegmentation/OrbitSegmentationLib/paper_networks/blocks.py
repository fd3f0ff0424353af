"""Convolution units shared by the segmentation networks, in two or three dimensions."""

from __future__ import annotations

from itertools import pairwise

from torch import nn

CONVOLUTION = {2: nn.Conv2d, 3: nn.Conv3d}
TRANSPOSED_CONVOLUTION = {2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
BATCH_NORM = {2: nn.BatchNorm2d, 3: nn.BatchNorm3d}
MAX_POOL = {2: nn.MaxPool2d, 3: nn.MaxPool3d}


def normalised(convolution: nn.Module, dimensions: int) -> nn.Sequential:
    """Return a (transposed) convolution followed by batch normalisation and ReLU."""
    channels = convolution.out_channels
    return nn.Sequential(convolution, BATCH_NORM[dimensions](channels), nn.ReLU(inplace=True))


def convolution_unit(dimensions: int, in_channels: int, out_channels: int) -> nn.Sequential:
    """Return a convolution of width 3 that keeps the size, followed by batch normalisation and ReLU."""
    return normalised(CONVOLUTION[dimensions](in_channels, out_channels, 3, padding=1), dimensions)


def halving_unit(dimensions: int, channels: int) -> nn.Sequential:
    """Return a convolution of width 2 and stride 2 that halves the size, followed by batch normalisation and ReLU."""
    return normalised(CONVOLUTION[dimensions](channels, channels, 2, stride=2), dimensions)


def doubling_unit(dimensions: int, in_channels: int, out_channels: int) -> nn.Sequential:
    """Return a transposed convolution of width 2 and stride 2 (twice the size), with batch normalisation and ReLU."""
    return normalised(TRANSPOSED_CONVOLUTION[dimensions](in_channels, out_channels, 2, stride=2), dimensions)


def convolution_stage(dimensions: int, in_channels: int, out_channels: int, count: int) -> nn.Sequential:
    """Return ``count`` convolution units in a row; the first one changes the number of channels."""
    widths = [in_channels] + [out_channels] * count
    return nn.Sequential(*(convolution_unit(dimensions, a, b) for a, b in pairwise(widths)))


def check_divisible(shape: tuple[int, ...], factor: int, network: str) -> None:
    """Raise :class:`ValueError` unless every spatial size is a positive multiple of ``factor``.

    :param shape: spatial sizes of the input.
    :param network: name of the network, for the message.
    """
    if any(size % factor or size < factor for size in shape):
        raise ValueError(f"{network} needs sizes that are multiples of {factor}; this input is {tuple(shape)}.")

"""The forward pass of a U-Net, and the small 3-D U-Net of the contrast-agnostic default model."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn


class ConvolutionPair(nn.Sequential):
    """Two blocks of 3x3x3 convolution, instance normalisation and leaky ReLU; the first may halve the resolution.

    :param stride: stride of the first convolution; 2 halves the resolution.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv3d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False),
            nn.InstanceNorm3d(out_channels, affine=True),
            nn.LeakyReLU(0.01, inplace=True),
            nn.Conv3d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.InstanceNorm3d(out_channels, affine=True),
            nn.LeakyReLU(0.01, inplace=True),
        )


class UNet(nn.Module):
    """Forward pass of a U-Net (Ronneberger 2015) through the parts that a subclass creates.

    The parts are ``encoders`` (the finest level first), ``upsamplers`` and ``decoders`` (the coarsest first) and
    ``head``. Spatial sizes of the input must be multiples of ``size_multiple``.
    """

    encoders: nn.ModuleList
    upsamplers: nn.ModuleList
    decoders: nn.ModuleList
    head: nn.Module
    size_multiple: int

    def forward(self, image: Tensor) -> Tensor:
        features = []
        for encoder in self.encoders:
            image = encoder(image)
            features.append(image)
        features.pop()
        for upsampler, decoder in zip(self.upsamplers, self.decoders, strict=True):
            image = decoder(torch.cat([upsampler(image), features.pop()], dim=1))
        return self.head(image)


class CompactUNet(UNet):
    """U-Net (Ronneberger 2015, Cicek 2016) with instance normalisation, so that contrast and batch size do not matter.

    Input (B, in_channels, K, J, I), output logits (B, out_channels, K, J, I); each spatial size must be a
    multiple of ``size_multiple``.

    :param in_channels: number of channels of the input.
    :param out_channels: number of channels of the output.
    :param widths: number of channels per resolution level, the finest first.
    """

    def __init__(self, in_channels: int, out_channels: int, widths: tuple[int, ...] = (16, 32, 64, 128)) -> None:
        super().__init__()
        widths = tuple(widths)
        self.size_multiple = 2 ** (len(widths) - 1)
        self.encoders = nn.ModuleList([ConvolutionPair(in_channels, widths[0])])
        for finer, coarser in pairwise(widths):
            self.encoders.append(ConvolutionPair(finer, coarser, stride=2))
        self.upsamplers = nn.ModuleList()
        self.decoders = nn.ModuleList()
        for finer, coarser in zip(widths[-2::-1], widths[:0:-1], strict=True):
            self.upsamplers.append(nn.ConvTranspose3d(coarser, finer, 2, stride=2))
            self.decoders.append(ConvolutionPair(2 * finer, finer))
        self.head = nn.Conv3d(widths[0], out_channels, 1)

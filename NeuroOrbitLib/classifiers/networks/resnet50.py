"""ResNet-50 (He et al. 2016) on volumes: in three dimensions, or in two with the slices as channels."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

#: Number of blocks in each stage, and ratio of a block's output channels to its middle channels.
STAGES, EXPANSION = (3, 4, 6, 3), 4
SLICES, CLASSES = 32, 2


class Bottleneck(nn.Module):
    """Bottleneck block: 1 x 1, 3 x 3 and 1 x 1 convolution with a shortcut from input to output.

    :param before: number of channels of the input.
    :param middle: number of channels of the 3 x 3 convolution.
    :param stride: stride of the 3 x 3 convolution.
    :param dimensions: number of spatial dimensions, 2 or 3.
    """

    def __init__(self, before: int, middle: int, stride: int, dimensions: int) -> None:
        super().__init__()
        after = middle * EXPANSION
        self.path = nn.Sequential(
            *_convolution(dimensions, before, middle, 1), nn.ReLU(inplace=True),
            *_convolution(dimensions, middle, middle, 3, stride), nn.ReLU(inplace=True),
            *_convolution(dimensions, middle, after, 1))
        changed = stride != 1 or before != after
        self.shortcut = nn.Sequential(*_convolution(dimensions, before, after, 1, stride)) if changed else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Return features, (batch, 4 x middle, *spatial / stride), of maps (batch, before, *spatial)."""
        return (self.path(x) + self.shortcut(x)).relu()


class Resized(nn.Module):
    """Prepare volumes for the first convolution: rows and columns are averaged to an edge; 3-D adds a channel axis.

    :param edge: number of rows and columns.
    :param dimensions: 2 gives (batch, slices, rows, columns), 3 gives (batch, 1, slices, rows, columns).
    """

    def __init__(self, edge: int, dimensions: int) -> None:
        super().__init__()
        self.edge, self.dimensions = edge, dimensions

    def forward(self, x: Tensor) -> Tensor:
        """Return the prepared volumes.

        :param x: volumes (batch, slices, rows, columns); a channel axis after the batch axis is allowed.
        """
        slices = x[:, 0] if x.ndim == 5 else x
        small = slices if x.shape[-1] == self.edge else nn.functional.adaptive_avg_pool2d(slices, self.edge)
        return small if self.dimensions == 2 else small[:, None]


def resnet50_features(dimensions: int = 3, width: int = 64, edge: int = 128) -> nn.Sequential:
    """Return ResNet-50 without its last layer: volumes (batch, 32, rows, columns) to (batch, 32 x width, *spatial).

    The stem has stride 2 along every axis, so that 32 x 128 x 128 voxels end as 1 x 4 x 4.

    :param dimensions: 3 for three-dimensional convolutions, 2 to treat the slices as channels.
    :param width: number of channels of the stem (64 as published).
    :param edge: number of rows and columns to which volumes are averaged first.
    """
    stem = _convolution(dimensions, SLICES if dimensions == 2 else 1, width, 7, 2)
    layers: list[nn.Module] = [Resized(edge, dimensions), *stem, nn.ReLU(inplace=True), _pool(dimensions)(3, 2, 1)]
    channels = width
    for stage, blocks in enumerate(STAGES):
        middle = width * 2**stage
        for block in range(blocks):
            layers.append(Bottleneck(channels, middle, 2 if stage and not block else 1, dimensions))
            channels = middle * EXPANSION
    return nn.Sequential(*layers)


class ResNet50(nn.Module):
    """ResNet-50 for two classes on the image alone; parameters as in :func:`resnet50_features`."""

    def __init__(self, dimensions: int = 3, width: int = 64, edge: int = 128) -> None:
        super().__init__()
        self.features = resnet50_features(dimensions, width, edge)
        self.head = nn.Sequential(Averaged(), nn.Linear(width * 32, CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (batch, 2) of volumes (batch, 32, rows, columns)."""
        return self.head(self.features(x))


class Averaged(nn.Module):
    """Average feature maps (batch, channels, *spatial) to (batch, channels)."""

    def forward(self, maps: Tensor) -> Tensor:
        """Return the means."""
        return maps.flatten(2).mean(dim=2)


def _convolution(dimensions: int, before: int, after: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    convolution: Any = nn.Conv3d if dimensions == 3 else nn.Conv2d
    normalisation: Any = nn.BatchNorm3d if dimensions == 3 else nn.BatchNorm2d
    layer = convolution(before, after, kernel, stride, kernel // 2, bias=False)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return [layer, normalisation(after)]


def _pool(dimensions: int) -> Any:
    return nn.MaxPool3d if dimensions == 3 else nn.MaxPool2d

"""ResNet-18 and ResNet-34 (He et al. 2016) in two or three dimensions, with torchvision's names of parts."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

#: Number of blocks in each stage, by depth.
STAGES = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}
CLASSES = 2
#: Stored value of a voxel that is entirely lesion.
FULL = 255.0
_LAYERS: dict[int, tuple[Any, Any]] = {2: (nn.Conv2d, nn.BatchNorm2d), 3: (nn.Conv3d, nn.BatchNorm3d)}


class BasicBlock(nn.Module):
    """Basic block: two convolutions with kernel size 3, and a shortcut from input to output.

    :param before: number of channels of the input.
    :param after: number of channels of the output.
    :param stride: stride of the first convolution.
    :param dimensions: number of spatial dimensions, 2 or 3.
    """

    def __init__(self, before: int, after: int, stride: int, dimensions: int) -> None:
        super().__init__()
        convolution, normalisation = _LAYERS[dimensions]
        self.conv1 = convolution(before, after, 3, stride, 1, bias=False)
        self.bn1 = normalisation(after)
        self.conv2 = convolution(after, after, 3, 1, 1, bias=False)
        self.bn2 = normalisation(after)
        self.downsample = None
        self.kept = (..., *[slice(None, None, stride)] * dimensions)
        if stride != 1 or before != after:
            # Voxels are left out beforehand: oneDNN of PyTorch 2.13 crashes in the backward pass of a strided
            # convolution of kernel size 1 with a channels-last layout, few channels and several threads (AVX-512).
            self.downsample = nn.Sequential(convolution(before, after, 1, bias=False), normalisation(after))

    def forward(self, x: Tensor) -> Tensor:
        """Return features, (batch, after, *spatial / stride)."""
        around = x if self.downsample is None else self.downsample(x[self.kept])
        return (self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())) + around).relu()


class Stages(nn.Sequential):
    """The four stages ``layer1`` to ``layer4``: (batch, width, *spatial) to (batch, 8 x width, *spatial / 8).

    :param depth: 18 or 34.
    :param width: number of channels of the first stage, 64 as published.
    :param dimensions: number of spatial dimensions, 2 or 3.
    """

    def __init__(self, depth: int, width: int = 64, dimensions: int = 2) -> None:
        super().__init__()
        before = width
        for number, blocks in enumerate(STAGES[depth]):
            after = width * 2**number
            stage = [BasicBlock(before if block == 0 else after, after, 2 if number and block == 0 else 1, dimensions)
                     for block in range(blocks)]
            self.add_module(f"layer{number + 1}", nn.Sequential(*stage))
            before = after
        _initialise(self)


class Head(nn.Module):
    """Head of a network: mean of each feature map, dropout, and a linear layer to two logits.

    :param channels: number of feature maps.
    :param dropout: dropout probability.
    """

    def __init__(self, channels: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(channels, CLASSES)

    def forward(self, maps: Tensor) -> Tensor:
        """Return logits (batch, 2) of feature maps (batch, channels, *spatial)."""
        return self.fc(self.dropout(maps.flatten(2).mean(dim=2)))


class ResNet3d(nn.Module):
    """The paper's comparator: a three-dimensional ResNet on the lesion image.

    :param depth: 18 or 34.
    :param width: number of channels of the stem, 64 as published.
    :param edge: number of voxels along each axis to which the image is averaged first, 100 as published.
    :param dropout: dropout probability before the last layer.
    """

    def __init__(self, depth: int = 18, width: int = 64, edge: int = 100, dropout: float = 0.15) -> None:
        super().__init__()
        self.edge = edge
        stem = nn.Conv3d(1, width, 7, 2, 3, bias=False)
        self.features = nn.Sequential(stem, nn.BatchNorm3d(width), nn.ReLU(inplace=True), nn.MaxPool3d(3, 2, 1),
                                      Stages(depth, width, 3))
        _initialise(self.features)
        self.head = Head(width * 8, dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (batch, 2) of stored lesion images (batch, 100, 100, 100), in 1/255."""
        return self.head(self.features(self.scaled(x)))

    def scaled(self, x: Tensor) -> Tensor:
        """Return the input of the features for stored images (batch, 100, 100, 100): (batch, 1, edge, edge, edge)."""
        volumes = x[:, None].float() / FULL
        return volumes if self.edge == x.shape[-1] else nn.functional.adaptive_avg_pool3d(volumes, self.edge)


class WithChannel(nn.Module):
    """A network on lesion images that takes them with a channel axis of length one, as Grad-CAM needs.

    :param network: network that takes (batch, 100, 100, 100).
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (batch, 2) of images (batch, 1, 100, 100, 100)."""
        return self.network(x[:, 0])


def _initialise(network: nn.Module) -> None:
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Conv3d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

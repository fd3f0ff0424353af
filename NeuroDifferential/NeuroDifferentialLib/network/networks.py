"""The lesion network and the register by which packages name it."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from NeuroOrbitLib.models.networks import Network, NetworkRegistry

#: Scaled features beyond this many SD count as this many.
_FARTHEST = 6.0


class VoxelNetwork(nn.Module):
    """A multilayer perceptron on the features of one voxel; it scales them itself.

    Input (voxels, columns), output (voxels,): log odds of lesion.

    :param columns: number of features. :param widths: units of the hidden layers.
    """

    def __init__(self, columns: int, widths: tuple[int, ...] = (128, 64)) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(columns))
        self.register_buffer("sd", torch.ones(columns))
        layers: list[nn.Module] = []
        for before, after in pairwise((columns, *widths)):
            layers += [nn.Linear(before, after), nn.GELU(), nn.LayerNorm(after)]
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-1], 1))

    def forward(self, values: Tensor) -> Tensor:
        return self.layers(self.scaled(values)).squeeze(1)

    def scaled(self, values: Tensor) -> Tensor:
        """Return the features in SD from their mean over the training voxels, at most 6."""
        return ((values - self.mean) / self.sd).clamp(-_FARTHEST, _FARTHEST)


_REGISTRY = NetworkRegistry()
find, load = _REGISTRY.find, _REGISTRY.load
VOXEL_NETWORK = _REGISTRY.register(Network(
    "lesion_voxels", "Lesion or not, from the features of a voxel", f"{__name__}:VoxelNetwork", 0, (64,), (1,),
    "features of a voxel", "this extension", {"columns": 64}))

"""Registry of the networks by name; torch is only imported when a network is built."""

from __future__ import annotations

from typing import Any

from NeuroOrbitLib.models.networks import Network, NetworkRegistry

PAPER = "NMOSD and MS told apart by a two-view compression block on white-matter lesions in FLAIR"
AXES = "slices from inferior to superior, rows from posterior to anterior, columns from left to right"
SHAPE, CLASSES = (100, 100, 100), (2,)
_TWO_VIEW = "NeuroDifferentialLib.differential.networks.two_view:TwoViewResNet"
_VOLUMES = "NeuroDifferentialLib.differential.networks.resnet:ResNet3d"
_ENTRIES: tuple[tuple[str, str, str, int, dict[str, Any]], ...] = (
    ("two_view_18", "Two views and ResNet-18, as published", _TWO_VIEW, 11_481_794, {"depth": 18}),
    ("two_view_34", "Two views and ResNet-34, as published", _TWO_VIEW, 21_589_954, {"depth": 34}),
    ("two_view_compact", "Two views and ResNet-18 at a quarter of the width", _TWO_VIEW, 778_418,
     {"depth": 18, "width": 16}),
    ("resnet3d_18", "ResNet-18 in three dimensions, the paper's comparator", _VOLUMES, 33_161_026, {"depth": 18}),
    ("resnet3d_34", "ResNet-34 in three dimensions, the paper's comparator", _VOLUMES, 63_470_658, {"depth": 34}),
    ("resnet3d_compact", "ResNet-18 in three dimensions at a quarter of the width, 64 x 64 x 64 voxels", _VOLUMES,
     2_078_674, {"depth": 18, "width": 16, "edge": 64}),
)

_REGISTRY = NetworkRegistry()
register, all_networks, find, load = _REGISTRY.register, _REGISTRY.all_networks, _REGISTRY.find, _REGISTRY.load

for _name, _title, _factory, _parameters, _options in _ENTRIES:
    register(Network(_name, _title, _factory, _parameters, SHAPE, CLASSES, AXES, PAPER, _options))

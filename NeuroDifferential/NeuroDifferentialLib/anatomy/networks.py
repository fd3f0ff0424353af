"""The network of the brain's parts, and the registry in which packages refer to it by name."""

from __future__ import annotations

from NeuroDifferentialLib.anatomy.slices import INPUT_COUNT
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.models.networks import Network, NetworkRegistry

_REGISTRY = NetworkRegistry()
find, load = _REGISTRY.find, _REGISTRY.load
PARTS_NETWORK = _REGISTRY.register(Network(
    "brain_part_slices", "Parts of the brain, slice by slice, from brightness alone",
    "NeuroDifferentialLib.slices.unet:SliceUNet", 949_277, (INPUT_COUNT, 160, 160), (len(BrainPart), 160, 160),
    "channels, rows, columns", "Ronneberger et al. 2015",
    {"inputs": INPUT_COUNT, "widths": (16, 32, 64, 96, 128), "outputs": len(BrainPart)}))

"""The lesion network, and the registry in which packages refer to it by name."""

from __future__ import annotations

from NeuroDifferentialLib.lesions.inventory import LESION_NETWORK
from NeuroDifferentialLib.lesions.slices import INPUT_COUNT
from NeuroOrbitLib.models.networks import Network, NetworkRegistry

_REGISTRY = NetworkRegistry()
find, load = _REGISTRY.find, _REGISTRY.load
SLICE_NETWORK = _REGISTRY.register(Network(
    LESION_NETWORK, "Lesion or not, slice by slice, from brightness, tissues and place",
    "NeuroDifferentialLib.slices.unet:SliceUNet", 640_189, (INPUT_COUNT, 160, 160), (1, 160, 160),
    "channels, rows, columns", "Ronneberger et al. 2015", {"inputs": INPUT_COUNT, "widths": (20, 40, 80, 128)}))

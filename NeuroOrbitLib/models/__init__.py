"""Model packages: inventory, safe loading, choice of the device. Importing this does not import torch."""

from __future__ import annotations

from NeuroOrbitLib.models.card import card_text
from NeuroOrbitLib.models.device import DeviceChoice, choose_device
from NeuroOrbitLib.models.manifest import (
    Inventory,
    available_packages,
    find_package,
    passed_over,
    take_inventory,
    write_manifest,
)
from NeuroOrbitLib.models.package import ModelFacts, ModelPackage
from NeuroOrbitLib.models.problem import ModelProblem
from NeuroOrbitLib.models.writing import check_name, check_place, write_package

__all__ = [
    "DeviceChoice",
    "Inventory",
    "ModelFacts",
    "ModelPackage",
    "ModelProblem",
    "available_packages",
    "card_text",
    "check_name",
    "check_place",
    "choose_device",
    "find_package",
    "passed_over",
    "take_inventory",
    "write_manifest",
    "write_package",
]

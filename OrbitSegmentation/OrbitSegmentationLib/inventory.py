"""The model packages that segment orbits; the extension has others, such as the one that corrects outlines."""

from __future__ import annotations

from NeuroOrbitLib import models
from OrbitSegmentationLib.refinement.correction import NETWORK as CORRECTION_NETWORK

DEFAULT_MODEL = "orbit-any-contrast"


def orbit_models(folder: str = "") -> models.Inventory:
    """What can be chosen for a run, with the packages of the user's ``folder``, and what cannot be used and why."""
    inventory = models.take_inventory([folder] if folder else [])
    segmenting = tuple(package for package in inventory.packages if package.facts.network != CORRECTION_NETWORK)
    return models.Inventory(segmenting, inventory.problems)

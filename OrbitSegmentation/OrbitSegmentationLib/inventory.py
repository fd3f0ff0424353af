"""The model packages that segment orbits; the extension has others, which correct outlines or classify."""

from __future__ import annotations

from NeuroOrbitLib import models
from OrbitSegmentationLib.model_kinds import segments_orbits


def orbit_models(folder: str = "") -> models.Inventory:
    """What can be chosen for a run, with the packages of the user's ``folder``, and what cannot be used and why."""
    return models.take_inventory([folder] if folder else []).of_kind(segments_orbits)

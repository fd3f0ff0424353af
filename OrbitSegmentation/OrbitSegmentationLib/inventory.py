"""The model packages that segment orbits, unlike others of the extension, which correct outlines or classify."""

from __future__ import annotations

from NeuroOrbitLib import models
from OrbitSegmentationLib.model_kinds import segments_orbits


def orbit_models(folder: str = "") -> models.Inventory:
    """Return the models that a run can use, including those in the user's ``folder``, and the unusable packages."""
    return models.take_inventory([folder] if folder else []).of_kind(segments_orbits)

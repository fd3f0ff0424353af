"""The model packages that segment orbits; the extension has others, which correct outlines or classify."""

from __future__ import annotations

from NeuroOrbitLib import models
from OrbitSegmentationLib.refinement.correction import NETWORK as CORRECTION_NETWORK

DEFAULT_MODEL = "orbit-any-contrast"


def orbit_models(folder: str = "") -> models.Inventory:
    """What can be chosen for a run, with the packages of the user's ``folder``, and what cannot be used and why."""
    return models.take_inventory([folder] if folder else []).of_kind(_segments)


def _segments(package: models.ModelPackage) -> bool:
    """Whether a package segments orbits: those of the classifiers say what kind of model they are."""
    return package.facts.network != CORRECTION_NETWORK and "kind" not in package.facts.settings

"""What there is: model packages that tell NMOSD from MS, and what their outputs mean."""

from __future__ import annotations

from NeuroOrbitLib import models
from NeuroOrbitLib.models.problem import ModelProblem, mislabelled

PACKAGE_KIND = "nmosd_or_ms"
#: Meaning of the networks' outputs, in their order; the second is the positive class, as in the paper.
CLASS_NAMES = ("ms", "nmosd")
DEFAULT_MODEL = "neuro-lesion-table"
#: The sample patients: kind, and name of the node and of its thumbnail.
SAMPLE_FUNCTION = "NeuroDifferentialLib.differential.synthetic.samples:write_sample"
SAMPLES = {"MS": "BrainMS", "NMOSD": "BrainNMOSD"}


def differential_models(folder: str = "") -> models.Inventory:
    """Return what can be chosen, with the packages of the user's ``folder``, and what cannot be used and why."""
    return models.take_inventory([folder] if folder else []).of_kind(is_differential_model)


def is_differential_model(package: models.ModelPackage) -> bool:
    """Return whether a package tells NMOSD from MS."""
    return package.facts.settings.get("kind") == PACKAGE_KIND


def require_differential(package: models.ModelPackage) -> None:
    """Make sure that a package tells NMOSD from MS.

    :raises ModelProblem: when it does something else, or names its outputs in another order than they have.
    """
    if not is_differential_model(package):
        raise ModelProblem(f"The model {package.name} does not tell NMOSD from MS. Choose another model.")
    if package.facts.labels != CLASS_NAMES:
        raise mislabelled(package, f"its outputs are {', '.join(CLASS_NAMES)}, in this order")

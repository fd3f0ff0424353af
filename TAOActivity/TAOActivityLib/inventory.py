"""What there is: model packages that classify activity, which crops each has learned from, sample patients."""

from __future__ import annotations

from NeuroOrbitLib import models
from NeuroOrbitLib.models.problem import ModelProblem, mislabelled
from NeuroOrbitLib.sentences import sentence as _

DEFAULT_MODEL = "tao-b"
PACKAGE_KIND = "tao_activity"
#: Meaning of the networks' outputs, in their order.
CLASS_NAMES = ("inactive", "active")
#: The sample patients: kind, and name of the node and of its thumbnail.
SAMPLE_FUNCTION = "TAOActivityLib.synthetic.samples:write_sample"
SAMPLES = {"active": "OrbitActiveTED", "inactive": "OrbitInactiveTED"}


def activity_models(folder: str = "") -> models.Inventory:
    """What can be chosen for a run, with the packages of the user's ``folder``, and what cannot be used and why."""
    return models.take_inventory([folder] if folder else []).of_kind(is_activity_model)


def is_activity_model(package: models.ModelPackage) -> bool:
    """Whether a package classifies activity."""
    return package.facts.settings.get("kind") == PACKAGE_KIND


def require_activity(package: models.ModelPackage) -> None:
    """Make sure that a package classifies activity.

    :raises ModelProblem: when it does something else, or names its outputs in another order than they have.
    """
    if not is_activity_model(package):
        raise ModelProblem(_("The model {package} does not classify activity. Choose another model.").format(
            package=package.name))
    if package.facts.labels != CLASS_NAMES:
        raise mislabelled(package, f"its outputs are {', '.join(CLASS_NAMES)}, in this order")


def regions_of(package: models.ModelPackage) -> tuple[str, ...]:
    """The regions whose crops the model has learned from; left orbits are seen as right ones."""
    return ("both",) if package.facts.settings.get("region", "both") == "both" else ("right", "left")

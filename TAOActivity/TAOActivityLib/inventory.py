"""What there is: model packages that classify activity, which crops each has learned from, sample patients."""

from __future__ import annotations

from NeuroOrbitLib import models
from NeuroOrbitLib.classifiers.model_kind import ModelKind
from NeuroOrbitLib.sentences import sentence as _

DEFAULT_MODEL = "tao-b"
PACKAGE_KIND = "tao_activity"
#: Meaning of the networks' outputs, in their order, and the place of active disease among them.
CLASS_NAMES = ("inactive", "active")
ACTIVE = 1
#: The sample patients: kind, and name of the node and of its thumbnail.
SAMPLE_FUNCTION = "TAOActivityLib.synthetic.sample_patients:write_sample"
SAMPLES = {"active": "OrbitActiveTED", "inactive": "OrbitInactiveTED"}
ACTIVITY_MODEL = ModelKind(PACKAGE_KIND, CLASS_NAMES, _(
    "The model {package} does not classify activity. Choose another model."))


def regions_of(package: models.ModelPackage) -> tuple[str, ...]:
    """The regions whose crops the model has learned from; left orbits are seen as right ones."""
    return ("both",) if package.facts.settings.get("region", "both") == "both" else ("right", "left")

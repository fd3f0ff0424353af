"""Model packages that classify activity, the regions that they are trained for, and sample patients."""

from __future__ import annotations

from NeuroOrbitLib import models
from NeuroOrbitLib.classifiers.model_kind import ModelKind
from NeuroOrbitLib.sentences import sentence as _

DEFAULT_MODEL = "tao-b"
PACKAGE_KIND = "tao_activity"
#: Meaning of the networks' outputs, in their order, and the index of active disease among them.
CLASS_NAMES = ("inactive", "active")
ACTIVE = 1
#: Function that writes a sample patient, and the sample patients: kind, and name of the node and its thumbnail.
SAMPLE_FUNCTION = "TAOActivityLib.synthetic.sample_patients:write_sample"
SAMPLES = {"active": "OrbitActiveTED", "inactive": "OrbitInactiveTED"}
ACTIVITY_MODEL = ModelKind(PACKAGE_KIND, CLASS_NAMES, _(
    "The model {package} does not classify activity. Choose another model."))


def regions_of(package: models.ModelPackage) -> tuple[str, ...]:
    """Return the regions that a model can classify: a model of single orbits takes left ones as mirrored right ones."""
    return ("both",) if package.facts.settings.get("region", "both") == "both" else ("right", "left")

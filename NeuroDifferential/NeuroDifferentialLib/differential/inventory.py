"""What there is: model packages that tell NMOSD from MS, and what their outputs mean."""

from __future__ import annotations

from NeuroOrbitLib.classifiers.model_kind import ModelKind
from NeuroOrbitLib.sentences import sentence as _

PACKAGE_KIND = "nmosd_or_ms"
#: Meaning of the networks' outputs, in their order; the second is the positive class, as in the paper.
CLASS_NAMES = ("ms", "nmosd")
DEFAULT_MODEL = "neuro-lesion-table"
#: The sample patients: kind, and name of the node and of its thumbnail.
SAMPLE_FUNCTION = "NeuroDifferentialLib.differential.synthetic.sample_patients:write_sample"
SAMPLES = {"MS": "BrainMS", "NMOSD": "BrainNMOSD"}
DIFFERENTIAL_MODEL = ModelKind(PACKAGE_KIND, CLASS_NAMES, _(
    "The model {package} does not tell NMOSD from MS. Choose another model."))

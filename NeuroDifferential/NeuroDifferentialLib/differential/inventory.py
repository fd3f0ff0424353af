"""The model packages that distinguish NMOSD from MS, the meaning of their outputs, and the sample patients."""

from __future__ import annotations

from NeuroOrbitLib.classifiers.model_kind import ModelKind
from NeuroOrbitLib.sentences import sentence as _

PACKAGE_KIND = "nmosd_or_ms"
#: Meaning of the networks' outputs, in their order; the second is the positive class, as in the paper.
CLASS_NAMES = ("ms", "nmosd")
DEFAULT_MODEL = "neuro-lesion-table"
#: Function that writes a sample patient, and, for each kind of patient, the name of the node and of its thumbnail.
SAMPLE_FUNCTION = "NeuroDifferentialLib.differential.synthetic.sample_patients:write_sample"
SAMPLES = {"MS": "BrainMS", "NMOSD": "BrainNMOSD"}
DIFFERENTIAL_MODEL = ModelKind(PACKAGE_KIND, CLASS_NAMES, _(
    "The model {package} does not tell NMOSD from MS. Choose another model."))

"""What there is: model packages that estimate the response, and what their outputs mean."""

from __future__ import annotations

from NeuroOrbitLib.classifiers.model_kind import ModelKind
from NeuroOrbitLib.sentences import sentence as _

#: The model that the panel chooses first.
DEFAULT_MODEL = "ivgc-rdinet"
PACKAGE_KIND = "ivgc_response"
#: The sample patients: kind, and name of the node and of its thumbnail; and what makes them in the worker.
SAMPLES = {"responder": "OrbitResponder", "non-responder": "OrbitNonResponder"}
SAMPLE_FUNCTION = "IVGCResponseLib.synthetic.sample_patients:write_sample"
#: Meaning of the networks' outputs, in their order. The paper never says which class is positive; here responders are.
CLASS_NAMES = ("non_responder", "responder")
RESPONSE_MODEL = ModelKind(PACKAGE_KIND, CLASS_NAMES, _(
    "The model {package} does not estimate the response to glucocorticoids. Choose another model."))

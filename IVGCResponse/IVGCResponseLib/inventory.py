"""Model packages that estimate the response, the meaning of their outputs, and sample patients."""

from __future__ import annotations

from NeuroOrbitLib.classifiers.model_kind import ModelKind
from NeuroOrbitLib.sentences import sentence as _

#: The model that the panel chooses first.
DEFAULT_MODEL = "ivgc-rdinet"
PACKAGE_KIND = "ivgc_response"
#: The sample patients: kind, and name of the node and its thumbnail; and the worker's function that makes them.
SAMPLES = {"responder": "OrbitResponder", "non-responder": "OrbitNonResponder"}
SAMPLE_FUNCTION = "IVGCResponseLib.synthetic.sample_patients:write_sample"
#: Meaning of the networks' outputs, in their order. The paper does not say which class is positive; here responders
#: are.
CLASS_NAMES = ("non_responder", "responder")
RESPONSE_MODEL = ModelKind(PACKAGE_KIND, CLASS_NAMES, _(
    "The model {package} does not estimate the response to glucocorticoids. Choose another model."))

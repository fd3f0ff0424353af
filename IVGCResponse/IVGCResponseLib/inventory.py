"""What there is: model packages that estimate the response, and what their outputs mean."""

from __future__ import annotations

from NeuroOrbitLib import models
from NeuroOrbitLib.models.problem import ModelProblem, mislabelled

#: The model that the panel chooses first.
DEFAULT_MODEL = "ivgc-rdinet"
PACKAGE_KIND = "ivgc_response"
#: The sample patients: kind, and name of the node and of its thumbnail; and what makes them in the worker.
SAMPLES = {"responder": "OrbitResponder", "non-responder": "OrbitNonResponder"}
SAMPLE_FUNCTION = "IVGCResponseLib.synthetic.samples:write_sample"
#: Meaning of the networks' outputs, in their order. The paper never says which class is positive; here responders are.
CLASS_NAMES = ("non_responder", "responder")


def response_models(folder: str = "") -> models.Inventory:
    """Return what can be chosen, with the packages of the user's ``folder``, and what cannot be used and why."""
    return models.take_inventory([folder] if folder else []).of_kind(is_response_model)


def is_response_model(package: models.ModelPackage) -> bool:
    """Return whether a package estimates the response."""
    return package.facts.settings.get("kind") == PACKAGE_KIND


def require_response(package: models.ModelPackage) -> None:
    """Make sure that a package estimates the response.

    :raises ModelProblem: when it does something else, or names its outputs in another order than they have.
    """
    if not is_response_model(package):
        raise ModelProblem(f"The model {package.name} does not estimate the response to glucocorticoids. Choose "
                           "another model.")
    if package.facts.labels != CLASS_NAMES:
        raise mislabelled(package, f"its outputs are {', '.join(CLASS_NAMES)}, in this order")

"""The ways to find lesions that a user can choose: the learned model and the classical one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from NeuroDifferentialLib.lesions.classical import ClassicalSettings, FoundLesions, settings_with
from NeuroDifferentialLib.lesions.classical import find_lesions as find_classically
from NeuroDifferentialLib.lesions.scan import PreparedScan
from NeuroDifferentialLib.network.networks import SLICE_NETWORK
from NeuroOrbitLib.models.manifest import available_packages, find_package
from NeuroOrbitLib.models.package import ModelPackage
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

CLASSICAL = "classical"
#: What finds lesions unless another model is chosen.
DEFAULT_MODEL = CLASSICAL


def model_names() -> list[str]:
    """The names of the models that there are, the classical way last."""
    return [*(package.name for package in available_packages() if finds_lesions(package)), CLASSICAL]


def finds_lesions(package: ModelPackage) -> bool:
    """Whether a package holds a lesion network."""
    return package.facts.network == SLICE_NETWORK.name


def find_lesions(scan: PreparedScan, model: str | Path = DEFAULT_MODEL, threshold: float | None = None,
                 smallest_mm3: float | None = None, settings: ClassicalSettings | None = None) -> FoundLesions:
    """Return the lesions that a model finds.

    :param model: name or folder of a package, or ``classical``.
    :param threshold: probability (0 to 1) that a lesion of a network reaches somewhere; SD of the classical way.
    :param smallest_mm3: smaller ones are dropped. :param settings: all settings of the classical way.
    :raises Problem: if there is no such model, or an option makes no sense for it.
    """
    if str(model) == CLASSICAL or settings is not None:
        return find_classically(scan, settings or settings_with(threshold, smallest_mm3))
    from NeuroDifferentialLib.lesions import learned

    package = find_package(model, accepts=finds_lesions)
    if not finds_lesions(package):
        raise Problem(_("The model {name} does not find lesions. Choose one of: {model_names}.").format(
            name=package.name, model_names=model_names()))
    own = learned.LearnedSettings(**package.facts.settings)
    return learned.find_lesions(scan, package, _changed(own, threshold, smallest_mm3))


def described(model: str | Path) -> dict[str, Any]:
    """Return name, version and training data of a model as plain data."""
    if str(model) == CLASSICAL:
        return {"name": CLASSICAL, "version": "1.0", "training_data": _("none; priors of place from twelve label maps")}
    package = find_package(model, accepts=finds_lesions)
    return {"name": package.name, "version": package.version, "training_data": package.training_data}


def _changed(settings: Any, threshold: float | None, smallest_mm3: float | None) -> Any:
    if threshold is not None:
        if not 0 < threshold < 1:
            raise Problem(_("A threshold of {threshold:g} makes no sense for this model: it is a probability between "
                            "0 and 1 ({seed:g} is usual).").format(threshold=threshold, seed=settings.seed))
        settings = replace(settings, seed=threshold, lowest=min(settings.lowest, threshold))
    if smallest_mm3 is not None:
        if not smallest_mm3 >= 0:
            raise Problem(_("The smallest lesion is a volume in mm3, 0 or more."))
        settings = replace(settings, smallest_mm3=smallest_mm3)
    return settings

"""The models that find lesions: the model packages that can be chosen, and the classical method."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from NeuroOrbitLib import models
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

CLASSICAL = "classical"
#: Name by which packages ask for the lesion network.
LESION_NETWORK = "lesion_slices"
#: What finds lesions unless another model is chosen.
DEFAULT_MODEL = "wmh-any-flair"
_CLASSICAL_VERSION = "1.0"


def model_titles(folder: str = "") -> dict[str, str]:
    """Return the models that can be chosen, by name, with a title for people; the classical method comes last.

    :param folder: the user's own folder of model packages, "" for none.
    """
    packages = models.available_packages([folder] if folder else [])
    titles = {package.name: package.title for package in packages if finds_lesions(package)}
    return {**titles, CLASSICAL: _("Classical: tissue classes and bright outliers")}


def finds_lesions(package: models.ModelPackage) -> bool:
    """Return whether a package holds a lesion network."""
    return package.facts.network == LESION_NETWORK


def lesion_package(model: str | Path, folders: Sequence[str] = ()) -> models.ModelPackage:
    """Return the package with a name or in a folder.

    :param folders: further folders with model packages.
    :raises Problem: if there is none, or it does not find lesions.
    """
    package = models.find_package(model, folders, finds_lesions)
    if not finds_lesions(package):
        raise Problem(_("The model {name} does not find lesions. Choose one of: {model_names}.").format(
            name=package.name, model_names=", ".join(model_titles())))
    return package


def described(model: str | Path, folders: Sequence[str] = ()) -> dict[str, Any]:
    """Return name, version and training data of a model as plain data."""
    if str(model) == CLASSICAL:
        return {"name": CLASSICAL, "version": _CLASSICAL_VERSION,
                "training_data": _("none; priors of place from twelve label maps")}
    package = lesion_package(model, folders)
    return {"name": package.name, "version": package.version, "training_data": package.training_data}

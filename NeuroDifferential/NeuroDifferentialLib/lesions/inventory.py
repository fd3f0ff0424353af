"""The models that find lesions: the available model packages, and the classical method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from NeuroOrbitLib import models
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

CLASSICAL = "classical"
#: Name of the lesion network in packages.
LESION_NETWORK = "lesion_slices"
#: Name of the model that finds lesions by default.
DEFAULT_MODEL = "wmh-any-flair"
_CLASSICAL_VERSION = "1.0"


def lesion_packages(folder: str = "") -> dict[str, models.ModelPackage]:
    """Return the available packages that find lesions, by name.

    :param folder: the user's own folder of model packages, "" for none.
    """
    packages = models.available_packages([folder] if folder else [])
    return {package.name: package for package in packages if finds_lesions(package)}


def model_titles(packages: Mapping[str, models.ModelPackage] | None = None) -> dict[str, str]:
    """Return the titles of the models by name; the classical method is the last.

    :param packages: packages that find lesions, by name; by default those that come with the extension.
    """
    known = lesion_packages() if packages is None else packages
    titles = {name: package.title for name, package in known.items()}
    return {**titles, CLASSICAL: _("Classical: tissue classes and bright outliers")}


def finds_lesions(package: models.ModelPackage) -> bool:
    """Return whether a package contains a lesion network."""
    return package.facts.network == LESION_NETWORK


def lesion_package(model: str | Path, folders: Sequence[str] = ()) -> models.ModelPackage:
    """Return a package that finds lesions, by its name or folder.

    :param model: name of a model package, or its folder.
    :param folders: further folders with model packages.
    :raises Problem: if there is no such package, or it does not find lesions.
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

"""The model packages that belong to a classifying module, and the meaning of their outputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from NeuroOrbitLib import models
from NeuroOrbitLib.models.problem import ModelProblem, mislabelled, unfit
from NeuroOrbitLib.sentences import Sentence
from NeuroOrbitLib.sentences import sentence as _


@dataclass(frozen=True)
class ModelKind:
    """The packages of one module.

    :param key: value of the packages' setting ``kind``.
    :param class_names: meaning of the networks' outputs, in order.
    :param refusal: message for a package of another kind, with the field ``package``.
    """

    key: str
    class_names: tuple[str, ...]
    refusal: Sentence

    def includes(self, package: models.ModelPackage) -> bool:
        """Return whether a package is of this kind."""
        return package.facts.settings.get("kind") == self.key

    def require(self, package: models.ModelPackage) -> None:
        """Refuse a package of another kind.

        :raises ModelProblem: when the package is of another kind, declares its outputs in another order, or states a
            threshold that is no probability, or a calibration that is none.
        """
        if not self.includes(package):
            raise ModelProblem(self.refusal.format(package=package.name))
        if package.facts.labels != self.class_names:
            raise mislabelled(package, f"its outputs are {', '.join(self.class_names)}, in this order")
        threshold, calibration = package.facts.settings.get("threshold"), package.facts.calibration
        if not 0 < _number(threshold) < 1:
            raise ModelProblem(_("The model {package} decides at a threshold of {threshold}, which is no probability "
                                 "between 0 and 1. Correct it in configs/metadata.json, or train the model "
                                 "again.").format(package=package.name, threshold=repr(threshold)))
        spread = (calibration.get("spread") or {}).values()
        if not 0 < _number(calibration.get("temperature", 1.0)) < math.inf or not all(
                0 <= _number(value) < math.inf for value in spread):
            raise unfit(package)

    def inventory(self, folder: str = "") -> models.Inventory:
        """Return the usable packages, including those in the user's ``folder``, and the unusable ones with reasons."""
        return models.take_inventory([folder] if folder else []).of_kind(self.includes)

    def tools(self, model: str, model_folders: Sequence[str], device: str) -> (
            tuple[models.ModelPackage, models.DeviceChoice]):
        """Return a package by its name or folder, and the device to compute on.

        :param model: name of a model package, or its folder.
        :param model_folders: further folders to look for packages in.
        :param device: "auto", "cpu" or "cuda".
        :raises ModelProblem: when there is no such package, or it is of another kind.
        """
        package = models.find_package(model, model_folders, self.includes)
        self.require(package)
        return package, models.choose_device(device)


def _number(value: object) -> float:
    """Return a value that is a number, NaN for anything else."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan

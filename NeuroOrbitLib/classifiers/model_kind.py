"""Which model packages belong to a classifying module, and what their outputs mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from NeuroOrbitLib import models
from NeuroOrbitLib.models.problem import ModelProblem, mislabelled
from NeuroOrbitLib.sentences import Sentence


@dataclass(frozen=True)
class ModelKind:
    """The packages of one module.

    :param key: what the packages' setting ``kind`` says.
    :param class_names: meaning of the networks' outputs, in their order.
    :param refusal: sentence for a package of another kind, with the field ``package``.
    """

    key: str
    class_names: tuple[str, ...]
    refusal: Sentence

    def includes(self, package: models.ModelPackage) -> bool:
        """Return whether a package is of this kind."""
        return package.facts.settings.get("kind") == self.key

    def require(self, package: models.ModelPackage) -> None:
        """Make sure that a package is of this kind.

        :raises ModelProblem: when it does something else, or names its outputs in another order than they have.
        """
        if not self.includes(package):
            raise ModelProblem(self.refusal.format(package=package.name))
        if package.facts.labels != self.class_names:
            raise mislabelled(package, f"its outputs are {', '.join(self.class_names)}, in this order")

    def inventory(self, folder: str = "") -> models.Inventory:
        """Return what can be chosen, with the packages of the user's ``folder``, and what cannot be used and why."""
        return models.take_inventory([folder] if folder else []).of_kind(self.includes)

    def tools(self, model: str, model_folders: Sequence[str], device: str) -> (
            tuple[models.ModelPackage, models.DeviceChoice]):
        """Return the package with a name or in a folder, and the device to compute on.

        :param device: "auto", "cpu" or "cuda".
        :raises ModelProblem: when there is no such package, or it is of another kind.
        """
        package = models.find_package(model, model_folders, self.includes)
        self.require(package)
        return package, models.choose_device(device)

"""Problems of model packages and devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroOrbitLib.models.package import ModelPackage


class ModelProblem(Problem):
    """A model package or device that cannot be used; the message says why and what to do."""


class NameTaken(ModelProblem):
    """A usable package that is not offered because another one has the same name.

    :param message: message for the user.
    :param name: name of both packages.
    """

    def __init__(self, message: str, name: str) -> None:
        super().__init__(message)
        self.name = name


def unfit(package: ModelPackage) -> ModelProblem:
    """Return the problem to raise if a package's description does not suit the code that is to use it."""
    return ModelProblem(_("The model {package} is not described as this version of the extension needs it. Install "
                          "the model again, or choose another one.").format(package=package.name))


def mislabelled(package: ModelPackage, reason: str) -> ModelProblem:
    """Return the problem to raise if a package gives the outputs of its network the wrong meanings.

    :param package: the model package.
    :param reason: what is wrong, in words that fit into brackets.
    """
    return ModelProblem(_("The model {package} is not used: it would name what it finds wrongly ({reason}). Install "
                          "the model again, or choose another one.").format(package=package.name, reason=reason))

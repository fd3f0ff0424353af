"""The kinds of model packages that segment orbits. Importing this module does not import torch."""

from __future__ import annotations

from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.models.problem import ModelProblem
from NeuroOrbitLib.sentences import sentence as _

#: Name of the model that is used by default.
DEFAULT_MODEL = "orbit-any-contrast"
#: Version of the rules by which the default model runs its networks and uses their output; the package of the model
#: has the version of its weights. 0.10: the head is levelled, pieces of muscles are joined, impossible places hold
#: nothing. 0.11: in CT, density separates muscle and nerve from fat; in thick slices, pieces that are connected between
#: the slices are kept. 0.12: thick slices are divided into thin ones for the networks, and a voxel of a thick slice is
#: labelled by all that lies in it; in CT, muscles in thick slices need a probability below one half. 0.13: no eye is
#: drawn in the fat of an empty socket, and an implant or gas in an eye is not taken for bone or air outside it. 0.14:
#: brightness separates muscle from fat in MRI too, and in every scan the brightness of its own voxels. 0.15: no natural
#: lens is drawn around an artificial one. 0.16: in CT, density separates the lacrimal gland from fat, too.
RULES_VERSION = "0.16"
#: Name of the default model's network in the registry of networks.
ANY_CONTRAST = "any_contrast"
#: The kind that packages written by ``train`` have in their settings.
PAPER_NETWORK = "paper_network"


def is_paper_model(package: ModelPackage) -> bool:
    """Return whether :class:`.paper_networks.model.PaperModel` opens a package, as one that ``train`` wrote."""
    return package.facts.settings.get("kind") == PAPER_NETWORK


def segments_orbits(package: ModelPackage) -> bool:
    """Return whether a package is of one of the two kinds that segment orbits."""
    return is_paper_model(package) or package.facts.network == ANY_CONTRAST


def require_orbits(package: ModelPackage) -> None:
    """Make sure that a package segments orbits.

    :raises ModelProblem: if it is another module's.
    """
    if not segments_orbits(package):
        raise ModelProblem(_("The model {package} does not segment orbits. Choose another model.").format(
            package=package.name))


def can_learn_on(package: ModelPackage) -> bool:
    """Return whether a package is of the default model's kind, which ``train --start`` fine-tunes."""
    return package.facts.network == ANY_CONTRAST

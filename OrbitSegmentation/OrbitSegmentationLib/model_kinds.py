"""Which model packages segment orbits, and how. Importing this does not import torch."""

from __future__ import annotations

from NeuroOrbitLib.models import ModelPackage

#: The model that is used when none is named.
DEFAULT_MODEL = "orbit-any-contrast"
#: Version of the rules by which the default model's networks are asked and their answers drawn; that of its weights is
#: told by its package. 0.10: the head is levelled, pieces of muscles are joined, impossible places hold nothing.
#: 0.11: in CT, density tells muscle and nerve from fat; in thick slices, pieces that hang together between the slices
#: are kept. 0.12: thick slices are made thin before the networks see them, and a voxel of a thick slice is labelled by
#: all that lies in it; in CT, muscles in thick slices need less than an even chance. 0.13: no eye is drawn in the fat
#: of an empty socket, and an implant or gas in an eye is no bone or air outside of it. 0.14: in MRI, too, brightness
#: tells muscle from fat, and in every scan that of its own voxels does.
RULES_VERSION = "0.14"
#: Network of the default model in the registry of networks.
ANY_CONTRAST = "any_contrast"
#: What packages written by ``train`` are, in their settings.
PAPER_NETWORK = "paper_network"


def is_paper_model(package: ModelPackage) -> bool:
    """Whether a package was written by ``train`` and is opened by :class:`~.paper_model.PaperModel`."""
    return package.facts.settings.get("kind") == PAPER_NETWORK


def segments_orbits(package: ModelPackage) -> bool:
    """Whether a package is of one of the two kinds that segment orbits."""
    return is_paper_model(package) or package.facts.network == ANY_CONTRAST


def can_learn_on(package: ModelPackage) -> bool:
    """Whether a package is of the default model's kind, which ``train --start`` fine-tunes."""
    return package.facts.network == ANY_CONTRAST

"""Labelling of the parts of the brain by combining a network's prediction for every slice with aligned priors.

The network recognises white matter, grey matter, fluid and the outside by brightness and shape, but a single slice
hardly shows whether a fold belongs to the cerebellum. The aligned priors contain positions, but no folds.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from NeuroDifferentialLib.anatomy import networks
from NeuroDifferentialLib.anatomy.slices import shown, slice_inputs
from NeuroDifferentialLib.slices.answers import slicewise
from NeuroOrbitLib.anatomy.brain import FLUID, GREY_MATTER_PARTS, WHITE_MATTER_PARTS, BrainPart
from NeuroOrbitLib.models.manifest import find_package

if TYPE_CHECKING:
    from torch import nn

    from NeuroOrbitLib.models.package import ModelPackage

#: Name of the model package that labels the parts.
PARTS_MODEL = "brain-any-contrast"
_TISSUES = (WHITE_MATTER_PARTS, GREY_MATTER_PARTS, FLUID)
#: Lower limits of probabilities, so that neither position nor appearance excludes anything: of a tissue by position,
#: of a part by position, and of a part by appearance.
_TISSUE_FLOOR, _PLACE_FLOOR, _LOOK_FLOOR = 0.02, 1e-3, 0.1


def named_parts(voxels: np.ndarray, spacing: tuple[float, float, float], priors: np.ndarray) -> np.ndarray:
    """Return the part of every voxel, :class:`BrainPart` values, uint8 (K, J, I).

    :param voxels: MR image of a head or brain (K, J, I) in RAS axis order.
    :param spacing: voxel size (mm) along K, J, I.
    :param priors: probabilities by position (parts, K, J, I), see
        :func:`~NeuroDifferentialLib.anatomy.tissues.placed_priors`.
    """
    return weighed_parts(part_probabilities(voxels, spacing), priors)


def weighed_parts(seen: np.ndarray, priors: np.ndarray) -> np.ndarray:
    """Return the part of every voxel, :class:`BrainPart` values, uint8 (K, J, I).

    Appearance and position are weighted equally in deciding what is inside the skull. Appearance has the larger weight
    in deciding between tissues, and position in deciding between the parts of one tissue.

    :param seen: probabilities by appearance (parts, K, J, I), see :func:`part_probabilities`.
    :param priors: probabilities by position (parts, K, J, I).
    """
    out_seen, out_prior = seen[BrainPart.OUTSIDE], priors[BrainPart.OUTSIDE]
    inside = (1 - out_seen) * (1 - out_prior + _TISSUE_FLOOR) > out_seen * (out_prior + _TISSUE_FLOOR)
    best, result = np.zeros(inside.shape, np.float32), np.zeros(inside.shape, np.uint8)
    for tissue in _TISSUES:
        group = list(tissue)
        share = seen[group].sum(axis=0) * np.sqrt(priors[group].sum(axis=0) + _TISSUE_FLOOR)
        split = (priors[group] + _PLACE_FLOOR) * np.sqrt(seen[group] + _LOOK_FLOOR)
        better = inside & (share > best)
        best[better], result[better] = share[better], np.array(group, np.uint8)[split.argmax(axis=0)[better]]
    return result


def part_probabilities(voxels: np.ndarray, spacing: tuple[float, float, float], network: nn.Module | None = None
                       ) -> np.ndarray:
    """Return the probability of every part in a scan, float32 (parts, K, J, I), in the order of :class:`BrainPart`.

    :param voxels: MR image of a head or brain (K, J, I) in RAS axis order.
    :param spacing: voxel size (mm) along K, J, I.
    :param network: network to use; the one of the extension's own package by default.
    """
    seen = shown(voxels)
    network = network or networks.load(parts_package(), "cpu")
    return slicewise(lambda axis, place: slice_inputs(seen, axis, place, spacing), np.ones(seen.shape, bool), spacing,
                     network, lambda logits: logits.softmax(dim=1), len(BrainPart))


@lru_cache(maxsize=1)
def parts_package() -> ModelPackage:
    """Return the extension's model package that labels the parts."""
    return find_package(PARTS_MODEL)


def parts_described() -> dict[str, str]:
    """Return name, version and training data of the model that labels the parts, as plain data."""
    package = parts_package()
    return {"name": package.name, "version": package.version, "training_data": package.training_data}

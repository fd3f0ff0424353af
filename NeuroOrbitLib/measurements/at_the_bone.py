"""Extends muscles that lie on the wall of the orbit, in a CT, to the bone beside them.

Outlines of the orbit's contents end slightly inside the bone, because voxels there hold both. A muscle that lies there
loses the part beside the bone, although the CT shows it as dense as the rest.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.definitions import AS_DENSE, BONE_HU, SMALL_PIECES, WALL_MM
from NeuroOrbitLib.measurements.outlines import Outline
from NeuroOrbitLib.sentences import sentence as _

#: Number of inner voxels needed to measure a muscle's density; a thinner muscle is measured by all its voxels.
_FEWEST_VOXELS = 50


def up_to_the_bone(outline: Outline, labels: Image, ct: Image) -> tuple[Outline, str]:
    """Return a muscle with the unlabelled voxels between it and the bone that are as dense as the muscle itself.

    :param outline: voxels of the muscle.
    :param labels: label map.
    :param ct: Hounsfield units on the grid of the labels.
    :return: the extended outline, and a note (a sentence) if it is much larger than the original one, else "".
    """
    spacing = labels.spacing[::-1]
    margin = tuple(np.ceil(2 * WALL_MM / np.array(spacing)).astype(int))
    box = outline.box.grown(margin).inside(labels.array.shape)
    muscle = np.zeros(box.shape, dtype=bool)
    muscle[outline.box.within(box)] = outline.mask
    density = ct.array[box.slices]
    free = (labels.array[box.slices] == 0) & _as_dense(density, muscle)
    free &= ndimage.distance_transform_edt(density <= BONE_HU, spacing) <= WALL_MM
    free &= ndimage.distance_transform_edt(~muscle, spacing) <= WALL_MM
    # Isolated voxels would make calliper widths too large.
    grown = ndimage.binary_propagation(muscle, mask=muscle | ndimage.binary_opening(muscle | free))
    added = np.count_nonzero(grown) - np.count_nonzero(muscle)
    note = _note(added * labels.grid.voxel_volume) if added > SMALL_PIECES * np.count_nonzero(muscle) else ""
    return replace(outline, mask=grown, box=box), note


def _as_dense(density: np.ndarray, muscle: np.ndarray) -> np.ndarray:
    """Return the mask of the voxels whose density lies within the spread of the muscle's own voxels."""
    inner = ndimage.binary_erosion(muscle)
    own = density[inner if np.count_nonzero(inner) >= _FEWEST_VOXELS else muscle].astype(np.float32)
    middle = np.median(own)
    spread = 1.4826 * np.median(np.abs(own - middle))
    return np.abs(density - middle) < AS_DENSE * spread


def _note(volume: float) -> str:
    return _("Diameters and areas include {volume:.0f} mm³ between its outline and the bone that are as dense as the "
             "muscle.").format(volume=volume)

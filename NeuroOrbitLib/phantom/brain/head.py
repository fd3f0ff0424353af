"""A head label map prepared for lesions: parts of the brain, including the callosum, on voxels of 1 mm."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.brain import LEFT_WHITE_MATTER, RIGHT_WHITE_MATTER, BrainPart, parts_from_freesurfer
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.imaging.geometry import box_around, crop, reorient_to_ras
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.pieces import largest_piece
from NeuroOrbitLib.problem import Problem

#: Distance (mm) to the white matter of the other hemisphere within which white matter is corpus callosum.
_CALLOSUM_REACH = 7.0
_SMALLEST_BRAIN_ML = 500.0


@dataclass(frozen=True)
class LabelledBrain:
    """A head label map and the parts of its brain.

    :param name: name of the head.
    :param labels: label map with FreeSurfer-like values, axes (superior, anterior, right).
    :param parts: :class:`BrainPart` values on the same grid, uint8.
    """

    name: str
    labels: Image
    parts: np.ndarray


def load_brain(path: Path) -> LabelledBrain:
    """Return the head of a label map file (SynthSeg or FreeSurfer values) with the parts of its brain.

    :raises Problem: if it holds less than 500 ml of brain.
    """
    image = reorient_to_ras(load_image(path))
    labels = image.with_array(np.rint(image.array).astype(np.int16))
    box = box_around(labels.array)
    labels = labels if box is None else crop(labels, box.grown(2))
    return LabelledBrain(path.name.split(".")[0], labels, brain_parts(labels))


def brain_parts(labels: Image) -> np.ndarray:
    """Return the :class:`BrainPart` values (uint8) of a label map with FreeSurfer values.

    In maps without a corpus callosum it is derived from where the white matter of the hemispheres meets.

    :raises Problem: if it holds less than 500 ml of brain.
    """
    parts = parts_from_freesurfer(labels.array)
    brain = np.count_nonzero((parts != BrainPart.OUTSIDE) & (parts != BrainPart.CSF))
    if brain * labels.grid.voxel_volume / 1000.0 < _SMALLEST_BRAIN_ML:
        raise Problem("This label map holds no whole brain. Choose a map of a head with FreeSurfer's label values "
                      "(2 and 41 for the white matter, 3 and 42 for the cortex).")
    if not (parts == BrainPart.CORPUS_CALLOSUM).any():
        parts[_callosum(labels)] = BrainPart.CORPUS_CALLOSUM
    return parts


def _callosum(labels: Image) -> np.ndarray:
    """Return the white matter near that of the other hemisphere, in one piece: corpus callosum without the cingula."""
    left, right = labels.array == LEFT_WHITE_MATTER, labels.array == RIGHT_WHITE_MATTER
    spacing = labels.spacing[::-1]
    box = _midline(left, right, spacing)
    result = np.zeros(left.shape, dtype=bool)
    if box is None:
        return result
    left, right = left[box], right[box]
    near = left & (ndimage.distance_transform_edt(~right, spacing) <= _CALLOSUM_REACH)
    near |= right & (ndimage.distance_transform_edt(~left, spacing) <= _CALLOSUM_REACH)
    result[box] = largest_piece(ndimage.binary_opening(near))
    return result


def _midline(left: np.ndarray, right: np.ndarray, spacing: tuple[float, ...]) -> tuple[slice, ...] | None:
    """Return the sagittal slab in which the hemispheres can meet."""
    columns = [np.flatnonzero(side.any(axis=(0, 1))) for side in (left, right)]
    if not all(len(found) for found in columns):
        return None
    margin = int(np.ceil(2 * _CALLOSUM_REACH / spacing[2]))
    middle = round(sum(np.average(np.arange(side.shape[2]), weights=side.sum(axis=(0, 1)))
                       for side in (left, right)) / 2)
    return slice(None), slice(None), slice(max(middle - margin, 0), middle + margin)

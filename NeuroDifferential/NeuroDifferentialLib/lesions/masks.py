"""Lesion masks from any tool: whole numbers, or probabilities."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.imaging.geometry import stored_as
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Largest share of the brain that a lesion mask can cover, and value from which on a voxel counts as covered: in an
#: image that is scaled to 0 to 1 most of the brain is brighter, and few voxels have such a probability of lesion.
_LARGEST_SHARE, _FAINT = 0.5, 0.25
#: Largest share of neighbours in a mask that differ, and number of values up to which they may. Numbers of lesions
#: differ where two lesions touch, in .02 of the neighbours at most in five patients; probabilities stored as whole
#: numbers differ from voxel to voxel, in a third of the neighbours at least, and have many values.
_LARGEST_CHANGE, _FEW_VALUES = 0.15, 20
#: Range of interpolated masks and probabilities, and largest deviation of whole numbers as they are stored.
_PROBABILITIES, _EXACT = (-0.5, 1.5), 0.01


def lesion_voxels(mask: Image) -> np.ndarray:
    """Return the voxels of a mask that are lesion, bool (K, J, I).

    :param mask: whole numbers, not 0 in lesions, or probabilities, above 0.5 in lesions; NaN is no lesion.
    :raises Problem: if it is an image and no mask, or contains probabilities in another unit.
    """
    _check_values(mask.array)
    return np.isfinite(mask.array) & (np.rint(mask.array) != 0)


def faint_voxels(mask: Image) -> np.ndarray:
    """Return the voxels in which a mask is clearly not 0, bool (K, J, I), for :func:`check_share`."""
    return np.abs(mask.array) > _FAINT


def check_share(marked: np.ndarray, brain: np.ndarray) -> None:
    """Refuse an image given as mask, and a mask in which the background is marked instead of the lesions.

    :param marked: voxels from :func:`faint_voxels`.
    :param brain: brain, bool, same shape.
    :raises Problem: if most of the brain is marked.
    """
    share = np.count_nonzero(marked & brain) / max(np.count_nonzero(brain), 1)
    if share > _LARGEST_SHARE:
        raise Problem(_("The lesion mask covers {share:.0%} of the brain: it is an image, or everything but the "
                        "lesions is marked. Give a mask that is 0 wherever there is no lesion.").format(share=share))


def check_numbered(mask: Image) -> None:
    """Refuse whole numbers that are neither a mask nor numbers of lesions, as all of them from 1 on would be lesion.

    :raises Problem: if they differ from voxel to voxel, as probabilities from 0 to 255 do.
    """
    values = np.where(np.isfinite(mask.array), np.rint(mask.array), 0)
    neighbours = values[..., :-1], values[..., 1:]
    both = (neighbours[0] != 0) & (neighbours[1] != 0)
    differ = np.count_nonzero(both & (neighbours[0] != neighbours[1])) / max(np.count_nonzero(both), 1)
    if differ > _LARGEST_CHANGE and len(np.unique(values)) > _FEW_VALUES:
        raise Problem(_("The lesion mask holds whole numbers from {low:g} to {high:g} that differ from voxel to voxel: "
                        "these are probabilities in another unit, or an image, not numbers of lesions. Divide "
                        "probabilities by their largest possible value, or give a mask that is 0 wherever there is no "
                        "lesion.").format(low=float(values.min()), high=float(values.max())))


def _check_values(array: np.ndarray) -> None:
    """Refuse fractional values that are no probabilities, as each of them would count as lesion."""
    values = array[np.isfinite(array)]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    if (low < _PROBABILITIES[0] or high > _PROBABILITIES[1]) and np.abs(values - np.rint(values)).max() > _EXACT:
        raise Problem(_("The lesion mask holds fractions between {low:g} and {high:g}: it is an image, was "
                        "interpolated between other values than 0 and 1, or holds probabilities in percent. Give "
                        "whole numbers, or probabilities from 0 to 1, of which those above 0.5 count as "
                        "lesions.").format(low=low, high=high))


def mask_on(mask: Image, flair: Image, name: str) -> Image:
    """Return a mask in the axis order of a FLAIR, or refuse it, if it has other voxels.

    :param mask: mask from any tool.
    :param flair: FLAIR as loaded.
    :param name: name of the mask in the message.
    :raises Problem: if the mask is on another grid.
    """
    found = stored_as(mask, flair.grid)
    if not found.grid.same_as(flair.grid, 0.01):
        raise Problem(_("The {name} lies on another grid than the FLAIR. Resample it to the FLAIR, or use the one "
                        "that was made from this scan.").format(name=name))
    return found

"""Checks label maps from files before they are measured."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.anatomy.structures import LABEL_VALUES, STRUCTURES
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _


def label_map_of(image: Image) -> Image:
    """Return the label map in an image as ``uint8``.

    :raises Problem: for grey values, for values outside the vocabulary, and where right and left are exchanged, since
        every measure would then be reported for the other side.
    """
    values = image.array
    rounded = np.rint(values) if values.dtype.kind == "f" else values
    low, high = (rounded.min(), rounded.max()) if rounded.size else (0, 0)
    if (rounded is not values and not np.array_equal(rounded, values)) or low < 0 or high > LABEL_VALUES[-1]:
        raise Problem(_("This is not a label map of the orbits: its values run from {min:g} to {max:g}, not whole "
                        "numbers from 0 to {label_values}. Choose the result of a segmentation.").format(
            min=values.min(), max=values.max(), label_values=LABEL_VALUES[-1]))
    labels = image.with_array(rounded.astype(np.uint8))
    exchanged = exchanged_sides(labels)
    if exchanged:
        raise Problem(_("Right and left are exchanged in this label map: what is labelled right lies on the patient's "
                        "left ({structures}). Correct the labels.").format(structures=exchanged))
    return labels


def exchanged_sides(labels: Image) -> list[str]:
    """Return the names of the structures whose right part lies to the left of their left part.

    :param labels: values of the vocabulary; the sides are the patient's, from the affine.
    """
    voxels = np.nonzero(labels.array)
    values = labels.array[voxels]
    rightwards = sum(labels.affine[0, axis] * index for axis, index in enumerate(voxels[::-1]))
    counts = np.bincount(values, minlength=LABEL_VALUES[-1] + 1)
    places = np.bincount(values, weights=rightwards, minlength=LABEL_VALUES[-1] + 1) / np.maximum(counts, 1)
    return [each.name for each in STRUCTURES if each.left is not None and counts[each.right] and counts[each.left]
            and places[each.right] < places[each.left]]

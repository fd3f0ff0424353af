"""Cleaning of label maps: the largest piece of every structure, without holes, and no gland in bone."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import structure
from NeuroOrbitLib.imaging.boxes import box_around

#: HU above which there is bone: an enhanced gland stays below 200, and the margin allows for noise.
BONE_HU = 300.0
#: Only glands are taken out of bone; in thick slices, muscles and fat share dense voxels with the thin roof.
_GLANDS = structure("lacrimal_gland").values
_FACES = ndimage.generate_binary_structure(3, 1)


def clean_label_map(labels: np.ndarray, in_pieces: Collection[int] = ()) -> np.ndarray:
    """Return a label map with only the largest face-connected piece of every label, without holes (SV-Net paper).

    Right and left structures have different values, so that no eye is ever the smaller piece of the other. Holes get
    the label only where they are background, so that a lens stays inside its eyeball. For speed, each label is
    processed in its box, found for all labels in one pass.

    :param labels: label map (K, J, I) of non-negative integers; it is not changed.
    :param in_pieces: label values whose pieces are all kept.
    :return: cleaned label map of the same type.
    """
    result = labels.copy()
    for value, box in enumerate(ndimage.find_objects(labels), start=1):
        if box is not None:
            _clean_in_box(result[box], value, value not in in_pieces)
    return result


def take_gland_out_of_bone(labels: np.ndarray, hounsfield: np.ndarray) -> None:
    """Remove the lacrimal glands from the bone of a CT, in place, as their bony fossa may be hard to see.

    :param labels: label map (K, J, I), changed in place.
    :param hounsfield: CT (K, J, I) in HU.
    """
    box = box_around(labels)
    if box is not None:
        view = labels[box.slices]
        view[(hounsfield[box.slices] > BONE_HU) & np.isin(view, _GLANDS)] = 0


def largest_component(mask: np.ndarray) -> np.ndarray:
    """Return the largest face-connected piece of a boolean (K, J, I) mask (the first one among equals)."""
    pieces, count = ndimage.label(mask, _FACES)
    if count <= 1:
        return mask
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return pieces == sizes.argmax()


def _clean_in_box(view: np.ndarray, value: int, in_one_piece: bool) -> None:
    """Clean one label in place; ``view`` is the label's box in the label map."""
    mask = view == value
    kept = largest_component(mask) if in_one_piece else mask
    view[mask & ~kept] = 0
    # Stray voxels may have enlarged the box; holes can only lie in the box of the kept piece.
    inner = box_around(kept).slices
    view[inner][ndimage.binary_fill_holes(kept[inner]) & (view[inner] == 0)] = value

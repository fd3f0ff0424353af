"""Merging of the masks of overlapping structures into one label map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from NeuroOrbitLib.anatomy import label_name, structure_of
from NeuroOrbitLib.anatomy.structures import structure
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.sentences import sentence as _

#: Structures that contain others, outermost first. In a label map the inner structure takes the voxels of both.
HULLS = ("bony_orbit", "orbital_fat", "eyeball")


def paint_order(values: Iterable[int]) -> list[int]:
    """Return label values in the order in which to write them into a label map: outer structures first."""
    return sorted(values, key=lambda value: (_depth(value), value))


def _depth(value: int) -> int:
    key = structure_of(value).key
    return HULLS.index(key) if key in HULLS else len(HULLS)


def with_lenses_as_in(reference: Image, labels: Image) -> Image:
    """Return a label map whose lenses are part of the eyeballs if the reference's eyeballs were drawn with them.

    They were if the reference has eyeballs and no lens.

    :param reference, labels: label maps in the vocabulary's values.
    """
    drawn = set(np.unique(reference.array).tolist())
    eyeballs, lenses = structure("eyeball").values, structure("lens").values
    if drawn.isdisjoint(eyeballs) or not drawn.isdisjoint(lenses):
        return labels
    array = labels.array.copy()
    for eyeball, lens in zip(eyeballs, lenses, strict=True):
        array[array == lens] = eyeball
    return labels.with_array(array)


def merge_masks(masks: Mapping[int, np.ndarray], shape: tuple[int, int, int]) -> tuple[np.ndarray, list[str]]:
    """Merge the masks of structures into one label map.

    If one structure contains the other (the lens in the eyeball, a muscle in the fat), the inner one takes the voxels;
    this is not a conflict. If two other structures overlap, the one that is written later (a muscle after the eyeball,
    else the one with the larger label value) takes the voxels, and a notice says so.

    :param masks: boolean array (K, J, I) of ``shape``, by label value.
    :param shape: shape (K, J, I) of the label map.
    :return: label map, uint8 (K, J, I), and one notice (a sentence) about each conflict.
    """
    labels = np.zeros(shape, dtype=np.uint8)
    conflicts = []
    for value in paint_order(masks):
        mask = masks[value]
        conflicts += _conflicts(labels, mask, value)
        labels[mask] = value
    return labels, conflicts


def may_share(first: int, second: int) -> bool:
    """Return whether two structures may share voxels, since one contains the other, as an eyeball its lens."""
    return _contains(*paint_order((first, second)))


def _contains(outer: int, inner: int) -> bool:
    """Whether a structure that is written before another has it within: nothing but the lens lies in an eyeball."""
    key = structure_of(outer).key
    return structure_of(inner).key == "lens" if key == "eyeball" else key in HULLS


def _conflicts(labels: np.ndarray, mask: np.ndarray, value: int) -> list[str]:
    below, counts = np.unique(labels[mask], return_counts=True)
    found = []
    for other, count in zip(below.tolist(), counts.tolist(), strict=True):
        if other and not _contains(other, value):
            found.append(_("'{first}' and '{second}' share {count} voxels; the label map gives them to "
                           "'{second}'.").format(first=label_name(other), second=label_name(value), count=count))
    return found

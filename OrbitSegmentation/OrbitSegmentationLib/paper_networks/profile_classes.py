"""Conversion of the vocabulary's label values to the classes of a network's profile and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from NeuroOrbitLib.anatomy.structures import (
    EXTRAOCULAR_MUSCLES,
    LABEL_VALUES,
    RECTI,
    Side,
    label_value,
    structure,
)
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.phantom.head.labelmaps import orbit_apex, rectus_of
from OrbitSegmentationLib.paper_networks.profiles import Profile


def class_title(keys: Sequence[str]) -> str:
    """Return the name, for the user, of a class that merges structures, without the side."""
    if len(keys) == 1:
        return structure(keys[0]).name
    if is_muscle_group(keys):
        return "extra-ocular muscles"
    if set(keys) == {"eyeball", "lens"}:
        return "eyeball"
    return " and ".join(structure(key).name for key in keys)


def output_names(profile: Profile) -> tuple[str, ...]:
    """Return the names of the output channels of a profile's network, as its packages list them."""
    return (*(("background",) if profile.exclusive else ()), *map(class_title, profile.classes))


def values_given(profile: Profile, side: Side) -> list[int]:
    """Return the label values that :func:`vocabulary_labels` can give to one side."""
    keys = [RECTI if is_muscle_group(merged) else merged[:1] for merged in profile.classes]
    return sorted({label_value(key, side) for group in keys for key in group})


def is_muscle_group(keys: Sequence[str]) -> bool:
    """Return whether a class merges several eye muscles."""
    return len(keys) > 1 and set(keys) <= set(EXTRAOCULAR_MUSCLES)


def class_map(labels: Image, profile: Profile, side: Side) -> Image:
    """Return the label map of one side in the profile's classes, uint8 (K, J, I): 0 background, 1 the first class."""
    return labels.with_array(_translated(labels.array, _classes_of_values(profile, side)))


def sided_class_map(labels: Image, profile: Profile) -> Image:
    """Return the label map of both sides, uint8 (K, J, I): class n is 2n - 1 on the right and 2n on the left."""
    table = np.zeros(LABEL_VALUES[-1] + 1, dtype=np.uint8)
    for offset, side in ((1, Side.RIGHT), (0, Side.LEFT)):
        classes = _classes_of_values(profile, side)
        table[classes > 0] = 2 * classes[classes > 0] - offset
    return labels.with_array(_translated(labels.array, table))


def sided_class_name(value: int, profile: Profile) -> str:
    """Return the name, for the user, of a value of :func:`sided_class_map`, e.g. "Right optic nerve"."""
    side = "Right" if value % 2 else "Left"
    return f"{side} {class_title(profile.classes[(value - 1) // 2])}"


def vocabulary_labels(classes: np.ndarray, grid: Grid, profile: Profile, side: Side, center: np.ndarray) -> np.ndarray:
    """Return the vocabulary's label values for the classes of one orbit.

    A class of merged muscles is divided into the four recti by the angle around the axis from the eye to the apex, so
    that obliques become part of the nearest rectus. Any other merged class gets the value of its first structure.

    :param classes: class of each voxel (K, J, I), 0 for background.
    :param grid: grid of the classes.
    :param profile: profile that defines the classes.
    :param side: side of the orbit.
    :param center: centre of the eyeball (R, A, S; mm).
    :return: label values, uint8 (K, J, I).
    """
    result = np.zeros(classes.shape, dtype=np.uint8)
    for number, keys in enumerate(profile.classes, start=1):
        mask = classes == number
        if is_muscle_group(keys):
            result[mask] = _recti(mask, classes, grid, profile, side, center)
        else:
            result[mask] = label_value(keys[0], side)
    return result


def _recti(
    mask: np.ndarray, classes: np.ndarray, grid: Grid, profile: Profile, side: Side, center: np.ndarray
) -> np.ndarray:
    """Return the label value of the rectus at each voxel of ``mask``, shape (N,)."""
    nerve = profile.classes.index(("optic_nerve",)) + 1 if ("optic_nerve",) in profile.classes else 0
    apex = orbit_apex(_from_eye(classes == nerve, grid, side, center) if nerve else np.empty((0, 3)))
    left = 0 if side is Side.RIGHT else 1
    return rectus_of(_from_eye(mask, grid, side, center), apex) + left


def _from_eye(mask: np.ndarray, grid: Grid, side: Side, center: np.ndarray) -> np.ndarray:
    """Return the positions (N, 3) of a mask's voxels in mm from the eye's centre (lateral, anterior, superior)."""
    return (grid.ras_from_ijk(np.argwhere(mask)[:, ::-1]) - center) * [side.x_sign, 1, 1]


def _classes_of_values(profile: Profile, side: Side) -> np.ndarray:
    """Return a table of the class of every label value of the vocabulary on one side; 0 for those without a class."""
    table = np.zeros(LABEL_VALUES[-1] + 1, dtype=np.uint8)
    for number, keys in enumerate(profile.classes, start=1):
        table[[label_value(key, side) for key in keys]] = number
    return table


def _translated(labels: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Return ``table[labels]``; values outside the vocabulary become 0."""
    known = (labels >= 0) & (labels < len(table))
    return table[np.where(known, labels, 0).astype(np.intp)]

"""Checks that nerve and recti are in their usual places, and in the same places on both sides."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side, label_name, label_value, structure
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.quality.notices import Notice, warning

#: Direction of each rectus from the line between globe and nerve: x laterally, z upwards.
_DIRECTIONS = {"superior_rectus": (0.0, 1.0), "inferior_rectus": (0.0, -1.0), "medial_rectus": (-1.0, 0.0),
               "lateral_rectus": (1.0, 0.0)}
#: Largest difference (mm) between the sides in the lateral position and the height of a structure relative to the
#: middle of its globe: over three times the SD of the default model in healthy scans, which is up to 1.3 and 0.4.
MOST_ASIDE, MOST_ABOVE = 4.5, 3.0


def place_notices(labels: Image) -> list[Notice]:
    """Return one notice about recti that are not on their side of the nerve; none without such recti.

    :param labels: label map in the vocabulary's values.
    """
    middles = _middles(labels)
    wrong = [label_name(label_value(key, side)) for side in Side for key in _misplaced(middles, side)]
    if not wrong:
        return []
    return [warning(_("In an unusual place: {wrong}. Check that the muscles were not confused.").format(wrong=wrong))]


def _misplaced(middles: Mapping[int, np.ndarray], side: Side) -> list[str]:
    globe, nerve = (middles.get(label_value(key, side)) for key in ("eyeball", "optic_nerve"))
    if globe is None or nerve is None:
        return []
    axis = (nerve - globe) / np.linalg.norm(nerve - globe)
    found = []
    for key, direction in _DIRECTIONS.items():
        middle = middles.get(label_value(key, side))
        if middle is None:
            continue
        offset = (middle - globe) - ((middle - globe) @ axis) * axis
        if offset[0] * side.x_sign * direction[0] + offset[2] * direction[1] < 0:
            found.append(key)
    return found


def _middles(labels: Image) -> dict[int, np.ndarray]:
    """Return the middle (3,) of every label that occurs, RAS mm, by its value."""
    places = np.flatnonzero(labels.array)
    values, kji = labels.array.ravel()[places], np.unravel_index(places, labels.array.shape)
    counts = np.bincount(values)
    ijk = np.stack([np.bincount(values, axis) / np.maximum(counts, 1) for axis in kji[::-1]], axis=-1)
    return {int(value): labels.grid.ras_from_ijk(ijk[value]) for value in np.flatnonzero(counts)}


def mirror_notices(labels: Image) -> list[Notice]:
    """Return one notice about nerves and recti with different places in the two orbits; none without such structures.

    :param labels: label map in the vocabulary's values.
    """
    places = _middles(labels)
    eyes = {side: places.get(label_value("eyeball", side)) for side in Side}
    if any(eye is None for eye in eyes.values()):
        return []
    lateral = (eyes[Side.RIGHT] - eyes[Side.LEFT]) / np.linalg.norm(eyes[Side.RIGHT] - eyes[Side.LEFT])
    up = np.array([0.0, 0.0, 1.0]) - lateral[2] * lateral
    up /= np.linalg.norm(up)
    unlike = []
    for key in ("optic_nerve", *_DIRECTIONS):
        middles = {side: places.get(label_value(key, side)) for side in Side}
        if any(middle is None for middle in middles.values()):
            continue
        right, left = (middles[side] - eyes[side] for side in Side)
        aside, above = abs((right + left) @ lateral), abs((right - left) @ up)
        if aside > MOST_ASIDE or above > MOST_ABOVE:
            unlike.append(structure(key).name)
    if not unlike:
        return []
    return [warning(_("Not in the same place on both sides: {unlike}. Compare the outlines.").format(unlike=unlike))]

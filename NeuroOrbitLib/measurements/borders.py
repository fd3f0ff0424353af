"""Notes for the reader about a muscle's place and its neighbours, which its outline may touch or contain."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, Side, label_value, structure, structure_of
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.head_frame import HeadFrame
from NeuroOrbitLib.measurements.rows import Place
from NeuroOrbitLib.measurements.shapes import OrbitShapes
from NeuroOrbitLib.sentences import sentence as _

#: Muscles that touch each other, so that one outline may hold both.
_NEIGHBOURS = {
    "superior_oblique": ("superior_rectus", "medial_rectus"), "inferior_oblique": ("inferior_rectus", "lateral_rectus"),
    "superior_rectus": ("superior_oblique", "medial_rectus", "lateral_rectus"),
    "inferior_rectus": ("inferior_oblique", "medial_rectus", "lateral_rectus"),
    "medial_rectus": ("superior_oblique", "superior_rectus", "inferior_rectus"),
    "lateral_rectus": ("inferior_oblique", "superior_rectus", "inferior_rectus"),
}
#: Direction of each rectus from the line between globe and apex, laterally and upwards.
_DIRECTIONS = {"superior_rectus": (0.0, 1.0), "inferior_rectus": (0.0, -1.0), "medial_rectus": (-1.0, 0.0),
               "lateral_rectus": (1.0, 0.0)}


def border_note(labels: Image, place: Place, key: str, side: Side) -> str:
    """Return a note if another muscle or the nerve lies close to an end of a muscle's diameter; empty if none does.

    :param labels: label map.
    :param place: place of the diameter: the line between both sides of the muscle.
    :param key: key of the muscle.
    :param side: side of the muscle.
    """
    across = place.points[1] - place.points[0]
    step = across / np.linalg.norm(across) * labels.grid.voxel_volume ** (1 / 3)
    beyond = np.rint(labels.grid.ijk_from_ras(place.points + np.stack([-step, step]))).astype(int)[:, ::-1]
    inside = beyond[((beyond >= 0) & (beyond < labels.array.shape)).all(axis=1)]
    values = {label_value(name, side) for name in (*EXTRAOCULAR_MUSCLES, "optic_nerve")} - {label_value(key, side)}
    found = sorted({int(labels.array[tuple(index)]) for index in inside} & values)
    if not found:
        return ""
    return _("No fat separates it from the {structure} where it was measured: only the label map divides them.").format(
        structure=structure_of(found[0]).name)


def missing_neighbour_note(key: str, present: dict[Side, set[str]], side: Side) -> str:
    """Return a note if a neighbour is outlined on the other side only, so that this outline may contain it; else "".

    :param key: key of the muscle.
    :param present: keys of the muscles in the label map by side.
    :param side: side of the muscle.
    """
    other = next(each for each in Side if each is not side)
    lacking = [name for name in _NEIGHBOURS[key] if name in present[other] - present[side]]
    if not lacking:
        return ""
    return _("The {side} {structure} is missing from the label map, unlike that of the other side: this outline may "
             "include it.").format(side=side.word, structure=structure(lacking[0]).name)


def confusion_note(key: str, orbit: OrbitShapes, frame: HeadFrame) -> str:
    """Return a note if a rectus is not on its side of the optic nerve; empty if it is, or no nerve shows this.

    :param key: key of the muscle.
    :param orbit: structures of its side.
    :param frame: axes of the head.
    """
    apex = orbit.canal_mouth if key in _DIRECTIONS else None
    if apex is None:
        return ""
    axis = (apex - orbit.globe_center) / np.linalg.norm(apex - orbit.globe_center)
    offset = orbit.field(key).voxels.mean(axis=0) - orbit.globe_center
    offset -= (offset @ axis) * axis
    laterally, upwards = _DIRECTIONS[key]
    if offset @ (laterally * frame.lateral(orbit.side) + upwards * frame.up) >= 0.0:
        return ""
    return _("It does not lie where the {structure} lies beside the optic nerve: check that the muscles were not "
             "confused.").format(structure=structure(key).name)

"""The structures of a label map as outlines and lines, computed when they are first needed."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, LABEL_VALUES, RECTI, Side, label_value
from NeuroOrbitLib.imaging.boxes import Box, box_around_all
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.pieces import largest_piece
from NeuroOrbitLib.measurements.at_the_bone import up_to_the_bone
from NeuroOrbitLib.measurements.bone_edge import beyond_outline
from NeuroOrbitLib.measurements.centre_line import centre_line
from NeuroOrbitLib.measurements.curve import Curve
from NeuroOrbitLib.measurements.field import Field, field_of
from NeuroOrbitLib.measurements.outlines import Outline, left_out, outline_of
from NeuroOrbitLib.measurements.reasons import absent, of_structure
from NeuroOrbitLib.sentences import sentence as _

#: Largest width (mm) of gaps between the structures of an orbit that belong to the cavity: vessels and thin septa.
_GAP_MM = 3.0
_SMALLEST_VOXELS = 8
#: Largest distance (mm) of orbital fat from the other structures of the orbit.
_FAT_REACH_MM = 25.0
#: Structures that may consist of several pieces.
LOOSE = ("orbital_fat", "bony_orbit")
_LONG = ("optic_nerve", *EXTRAOCULAR_MUSCLES)
_SOLID = ("eyeball", "lens", "lacrimal_gland", *_LONG)
#: Distances (mm) beyond the outline of a muscle at which the next structure is looked up.
_NEXT_MM = np.arange(0.0, 2.1, 0.5)
#: Distance (mm) from the globe within which the nerve's label does not show its course.
_FLARE_MM = 1.0
#: Distance (mm) from which on recti that extend beyond the nerve's end show that its outline ends before the apex, and
#: number of recti that are needed to see it. In phantoms and readers' outlines, recti end 1 to 6 mm in front of it.
_SHORT_NERVE_MM, _FEWEST_RECTI = 5.0, 2
#: Largest distance (mm) of the superior oblique's belly from the line of its posterior part: at the trochlea the tendon
#: turns back.
_BELLY_RADIUS_MM, _STRAIGHT_PART = 5.0, 0.6


class OrbitShapes:
    """The structures of one side.

    :param labels: label map in the product's values, any axis order.
    :param boxes: box around each label value.
    :param side: side of the patient.
    :param ct: Hounsfield units on the same grid, or ``None``.
    """

    def __init__(self, labels: Image, boxes: dict[int, Box], side: Side, ct: Image | None = None) -> None:
        self.labels, self.boxes, self.side, self.ct = labels, boxes, side, ct
        self._fields: dict[str, Field | None] = {}
        self._up_to_bone: dict[str, tuple[Field, str]] = {}
        self._outlines: dict[str, Outline | None] = {}

    def has(self, key: str) -> bool:
        """Return whether the label map holds the structure."""
        return self.field(key) is not None

    def field(self, key: str) -> Field | None:
        """Return the outline of a structure (an eyeball with its lens); ``None`` where it is absent."""
        if key not in self._fields:
            outline = self.outline(key)
            self._fields[key] = None if outline is None else field_of(outline.mask, self.labels.grid, outline.box,
                                                                      key == "eyeball")
        return self._fields[key]

    def muscle_field(self, key: str) -> Field:
        """Return the outline for a muscle's sections, which in CT reaches to the bone on which the muscle lies.

        This is only done if the label map has the orbit's fat, as unlabelled voxels then do not belong to the contents.
        The obliques stay as they are: they are so thin that voxels of fat and bone beside them would matter.
        """
        return self._to_the_bone(key)[0]

    def muscle_note(self, key: str) -> str:
        """Return a note if :meth:`muscle_field` is much larger than the muscle's own label; else empty."""
        return self._to_the_bone(key)[1]

    def _to_the_bone(self, key: str) -> tuple[Field, str]:
        is_open = not any(label_value(loose, self.side) in self.boxes for loose in LOOSE)
        if self.ct is None or is_open or "oblique" in key:
            return self.field(key), ""
        if key not in self._up_to_bone:
            grown, note = up_to_the_bone(self.outline(key), self.labels, self.ct)
            self._up_to_bone[key] = field_of(grown.mask, self.labels.grid, grown.box), note
        return self._up_to_bone[key]

    def beyond_outline(self, key: str, ends: np.ndarray, outward: np.ndarray, groups: np.ndarray) -> float:
        """Return how far (mm) a muscle extends beyond :meth:`muscle_field` to the edge of thick bone.

        Lines that first meet a structure other than fat are not used.

        :param key: key of the muscle.
        :param ends: points where lines across the muscle leave the outline, RAS mm (N, 3).
        :param outward: unit vector (3,) along the lines.
        :param groups: group number (N,) of each line; lines of a group lie behind each other.
        """
        muscle, fat = self.outline(key), self.outline("orbital_fat")
        if self.ct is None or fat is None:
            return 0.0
        others = [label_value(other, self.side) for other in _SOLID if other != key]
        indices = self.labels.grid.ijk_from_ras((ends[:, None] + _NEXT_MM[:, None] * outward).reshape(-1, 3))
        passed = ndimage.map_coordinates(self.labels.array, indices[:, ::-1].T, order=0).reshape(len(ends), -1)
        free = ~np.isin(passed, others).any(axis=1)
        if not free.any():
            return 0.0
        densities = (float(np.median(self.ct.array[each.box.slices][each.mask])) for each in (muscle, fat))
        return float(free.mean()) * beyond_outline(self.ct, ends[free], outward, *densities, groups[free])

    def outline(self, key: str) -> Outline | None:
        """Return the voxels of a structure (an eyeball with its lens); ``None`` where it is absent."""
        if key not in self._outlines:
            self._outlines[key] = self._outlined(key)
        return self._outlines[key]

    def why_lacking(self, *keys: str) -> str:
        """Return why one of these structures cannot be measured (absent, or in pieces); empty if all can."""
        for key in keys:
            if not self.has(key):
                return absent(key, self.side)
        return self.why_unclear(*keys)

    def why_unclear(self, *keys: str) -> str:
        """Return the reason if one of these structures is in pieces and it is not clear which is meant; else empty."""
        for key in keys:
            outline = self.outline(key)
            if outline is not None and outline.reason:
                return of_structure(key, self.side, outline.reason)
        return ""

    @cached_property
    def globe_center(self) -> np.ndarray:
        """RAS mm (3,) of the eyeball's middle."""
        return self.field("eyeball").voxels.mean(axis=0)

    @cached_property
    def nerve_line(self) -> Curve | None:
        """The optic nerve's line from the globe to the mouth of the optic canal."""
        field, globe = self.field("optic_nerve"), self.field("eyeball")
        if self.why_lacking("eyeball", "optic_nerve"):
            return None
        # Readers' outlines of the nerve spread along the globe, so the course of the part behind is continued there.
        behind = field.solid[globe.at(field.solid) < -_FLARE_MM]
        line = centre_line(field, self.globe_center, behind, degree=2)
        if line is None:
            return None
        line = line.part(-_FLARE_MM - 6.0, line.length)
        first_half = np.flatnonzero(line.places < line.length / 2)
        return line.part(_exit(line.places[first_half], globe.at(line.points[first_half])), line.length)

    @property
    def canal_mouth(self) -> np.ndarray | None:
        """The end of the nerve's label, RAS mm (3,), which readers draw as far as the optic canal."""
        return None if self.nerve_line is None else self.nerve_line.points[-1]

    @cached_property
    def why_no_apex(self) -> str:
        """The reason if the nerve's outline does not show the apex, since it ends far in front of the recti's."""
        recti = [self.field(key).voxels for key in RECTI if self.has(key)]
        if self.canal_mouth is None or len(recti) < _FEWEST_RECTI:
            return ""
        axis = (self.canal_mouth - self.globe_center) / np.linalg.norm(self.canal_mouth - self.globe_center)
        beyond = float(np.median([np.percentile((voxels - self.canal_mouth) @ axis, 99) for voxels in recti]))
        if beyond <= _SHORT_NERVE_MM:
            return ""
        return of_structure("optic_nerve", self.side, _(
            "its outline ends {distance:.0f} mm in front of those of the recti. Outline it up to the optic canal."
        ).format(distance=beyond))

    def muscle_line(self, key: str, lateral: np.ndarray) -> Curve | None:
        """Return a muscle's line from its origin to its insertion; ``None`` if it cannot be found.

        :param key: key of the muscle.
        :param lateral: unit vector (3,) away from the midline.
        """
        field = self.field(key)
        if field is None:
            return None
        if key == "inferior_oblique":
            known = not self.why_lacking("eyeball")
            return centre_line(field, self.globe_center - 40.0 * lateral) if known else None
        back = self.canal_mouth
        if back is None:
            return None
        return centre_line(field, back, _belly(field, back) if key == "superior_oblique" else None)

    @cached_property
    def cavity(self) -> Field | None:
        """Outline of the space inside the bone: all structures of the side with small gaps closed; needs the fat."""
        outline = self._cavity
        return None if outline is None else field_of(outline.mask, self.labels.grid, outline.box)

    @cached_property
    def _cavity(self) -> Outline | None:
        loose = [key for key in LOOSE if label_value(key, self.side) in self.boxes]
        if not loose:
            return None
        box = self._box_of_all(loose)
        mask = np.isin(self.labels.array[box.slices], [*_values_of(self.side)])
        return Outline(largest_piece(_closed(mask, self.labels.spacing[::-1]), by_corners=True), box)

    def _box_of_all(self, loose: list[str]) -> Box:
        """Return the box around all structures of the side, without fat that is far from the others."""
        solid = [outline.box for outline in map(self.outline, _SOLID) if outline]
        boxes = [self.boxes[label_value(key, self.side)] for key in loose]
        shape, spacing = self.labels.array.shape, np.array(self.labels.spacing[::-1])
        if self.outline("eyeball"):
            reach = tuple(np.ceil(_FAT_REACH_MM / spacing).astype(int))
            near = box_around_all(solid).grown(reach)
            boxes = [Box(tuple(np.maximum(near.start, box.start)), tuple(np.minimum(near.stop, box.stop)))
                     for box in boxes if near.meets(box)]
        margin = tuple(np.ceil(_GAP_MM / spacing).astype(int))
        return box_around_all([*solid, *boxes]).grown(margin).inside(shape)

    def _outlined(self, key: str) -> Outline | None:
        value = label_value(key, self.side)
        if value not in self.boxes:
            return None
        values, box = [value], self.boxes[value]
        lens = label_value("lens", self.side)
        if key == "eyeball" and lens in self.boxes:
            values, box = [value, lens], box_around_all([box, self.boxes[lens]])
        if key in LOOSE:
            return self._loose(value)
        mask = np.isin(self.labels.array[box.slices], values)
        if np.count_nonzero(mask) < _SMALLEST_VOXELS:
            return None
        return outline_of(mask, box, self.labels.spacing[::-1], key in _LONG, key == "superior_rectus")

    def _loose(self, value: int) -> Outline | None:
        """Return the voxels of a label within the cavity; others do not belong to the orbit."""
        cavity = self._cavity
        mask = (self.labels.array[cavity.box.slices] == value) & cavity.mask
        if np.count_nonzero(mask) < _SMALLEST_VOXELS:
            return None
        whole = np.count_nonzero(self.labels.array[self.boxes[value].slices] == value)
        elsewhere = (whole - np.count_nonzero(mask)) * self.labels.grid.voxel_volume
        return Outline(mask, cavity.box, left_out(elsewhere))


def shapes_of(labels: Image, ct: Image | None = None) -> dict[Side, OrbitShapes]:
    """Return the structures of both sides of a label map in the product's values.

    :param labels: label map.
    :param ct: Hounsfield units on the same grid, or ``None``.
    """
    found = ndimage.find_objects(labels.array, max_label=LABEL_VALUES[-1])
    boxes = {value: Box(tuple(part.start for part in place), tuple(part.stop for part in place))
             for value, place in enumerate(found, start=1) if place is not None}
    return {side: OrbitShapes(labels, boxes, side, ct) for side in Side}


def _exit(places: np.ndarray, depth: np.ndarray) -> float:
    """Return the place (mm) at which a line last leaves a structure, or comes closest to one that it does not meet.

    :param places: distances (N,) of points along the line (mm).
    :param depth: their signed distances (N,) from the structure's outline (mm), positive inside.
    """
    inside = np.flatnonzero(depth[:-1] > 0)
    if not inside.size:
        return float(places[depth.argmax()])
    last, after = inside[-1], inside[-1] + 1
    share = depth[last] / (depth[last] - min(depth[after], 0.0))
    return float(places[last] + share * (places[after] - places[last]))


def _values_of(side: Side) -> set[int]:
    return {label_value(key, side) for key in (*_SOLID, *LOOSE)}


def _closed(mask: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    """Return the mask with gaps up to :data:`_GAP_MM` and holes filled."""
    reach = _GAP_MM / 2
    grown = ndimage.distance_transform_edt(~mask, spacing) <= reach
    closed = ndimage.distance_transform_edt(grown, spacing) > reach
    return ndimage.binary_fill_holes(closed | mask)


def _belly(field: Field, back: np.ndarray) -> np.ndarray:
    """Return the points (N, 3) of the superior oblique up to the trochlea, near the line of its posterior part."""
    solid = field.solid
    distance = np.linalg.norm(solid - back, axis=1)
    hind = solid[distance < distance.min() + _STRAIGHT_PART * np.ptp(distance)]
    middle = hind.mean(axis=0)
    axis = np.linalg.svd(hind - middle, full_matrices=False)[2][0]
    offset = solid - middle
    beside = np.linalg.norm(offset - (offset @ axis)[:, None] * axis, axis=1)
    return solid[beside < _BELLY_RADIUS_MM]



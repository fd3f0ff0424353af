"""Measures of the bony orbit: its volume, the shares of muscles and fat in it, and Barrett's muscle index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, structure
from NeuroOrbitLib.imaging.boxes import Box
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.measurements.definitions import BONE_HU, CHORD_BAND_MM, CHORD_PLANES_MM, CHORD_REACH_MM
from NeuroOrbitLib.measurements.edges import greatest_band
from NeuroOrbitLib.measurements.field import Field, field_of
from NeuroOrbitLib.measurements.head_frame import HeadFrame
from NeuroOrbitLib.measurements.rays import foremost
from NeuroOrbitLib.measurements.reasons import absent, across_slices, is_near_the_edge, section_across_slices
from NeuroOrbitLib.measurements.rims import BONE as BONY_RIMS
from NeuroOrbitLib.measurements.rims import CONTENTS as FRONT_OF_CONTENTS
from NeuroOrbitLib.measurements.rims import Rims, bony_edges, cavity_edges
from NeuroOrbitLib.measurements.rows import Measured, Place
from NeuroOrbitLib.measurements.shapes import OrbitShapes
from NeuroOrbitLib.measurements.uncertainty import volume_uncertainty
from NeuroOrbitLib.sentences import sentence as _

#: Density of orbital fat in CT (HU).
FAT_HU = (-200.0, -30.0)
#: In CT: densities (HU) between air and bone, and largest distance (mm) of such voxels from the outlined contents.
SOFT_HU, TO_BONE_MM = (-250.0, BONE_HU), 2.0
LABEL, CONTENTS, BONE = (_("label of the bony orbit"), _("orbital fat and all that lies in it"),
                         _("orbital fat and all that lies in it, to the bone of the CT"))
NO_CAVITY = _("neither the orbital fat nor the bony orbit of this side is in the label map.")
CUT_ORBIT = _("the orbit is cut off at the edge of the scan.")
_STEP_MM, _LINE_STEP_MM = 0.2, 0.4
#: The rectus that lies on thick bone; the others lie on thin bone, or are separated from the bone by fat.
_ON_THICK_BONE = "lateral_rectus"
#: Lines at most about one voxel apart form one group, since they show the same voxels.
_LINES_OF_A_VOXEL = 2
_ALONG_MM = np.arange(-32.0, 32.0, _STEP_MM)
_BESIDE_MM = np.arange(-CHORD_REACH_MM, CHORD_REACH_MM + _LINE_STEP_MM, _LINE_STEP_MM)


@dataclass(frozen=True)
class Cavity:
    """The part of an orbit between the plane of its rims and the mouth of the optic canal.

    :param field: outline of the space inside the bone.
    :param share: share (K, J, I) of each voxel that belongs to the cavity, on the field's grid.
    :param plane: (2, 3), a point of the rims' plane and its normal to the front, RAS mm.
    :param walls: method by which the walls were found.
    :param rims: method by which the plane of the rims was found.
    """

    field: Field
    share: np.ndarray
    plane: np.ndarray
    walls: str
    rims: str

    @property
    def method(self) -> str:
        """Method by which the cavity was found, for the user to read."""
        return _("{walls}; rims: {rims}").format(walls=self.walls, rims=self.rims)

    @property
    def volume_ml(self) -> float:
        """Volume in ml."""
        return float(self.share.sum() * self.field.grid.voxel_volume / 1000.0)


def find_cavity(orbit: OrbitShapes, rims: Rims, ct: Image | None = None) -> Cavity | None:
    """Return the orbit's cavity; ``None`` if its fat, eyeball or nerve is missing, or its rims cannot be found.

    :param orbit: structures of the side.
    :param rims: lateral rims and axes of the head.
    :param ct: Hounsfield units on the grid of the label map, which show walls and rims; without a CT the outline of the
        contents stands for both.
    """
    field = orbit.cavity
    if field is None or not orbit.has("eyeball") or orbit.canal_mouth is None:
        return None
    edges, found_in = bony_edges(ct, orbit, rims) if ct is not None else None, BONY_RIMS
    if edges is None:
        edges, found_in = cavity_edges(field, orbit, rims.frame), FRONT_OF_CONTENTS
    if edges is None:
        return None
    walls = LABEL if orbit.has("bony_orbit") else CONTENTS if ct is None else BONE
    if walls == BONE:
        field = grown_to_bone(field, ct)
    points = np.array([*edges.values()])
    normal = np.linalg.svd(points - points.mean(axis=0))[2][2]
    normal = normal * np.sign(normal @ rims.frame.forward)
    plane = np.stack([points.mean(axis=0), normal])
    return Cavity(field, _share(field, plane, orbit.canal_mouth, rims.frame.forward), plane, walls, found_in)


def _share(field: Field, plane: np.ndarray, mouth: np.ndarray, forward: np.ndarray) -> np.ndarray:
    """Return the share (K, J, I) of each voxel behind a plane (2, 3) and in front of the canal's mouth (3,)."""
    share = np.zeros(field.mask.shape, dtype=np.float32)
    places = np.argwhere(field.mask)
    ras = field.grid.ras_from_ijk(places[:, ::-1])
    size = field.grid.voxel_volume ** (1 / 3)
    behind = np.clip(0.5 - (ras - plane[0]) @ plane[1] / size, 0.0, 1.0)
    ahead = np.clip(0.5 + (ras - mouth) @ forward / size, 0.0, 1.0)
    share[tuple(places.T)] = behind * ahead
    return share


def cavity_measures(orbit: OrbitShapes, cavity: Cavity, scan: Image | None, sigma: float) -> dict[str, Measured]:
    """Return the orbit's volume and the shares of muscles and fat in it, by quantity.

    :param orbit: structures of the side.
    :param cavity: cavity of the orbit.
    :param scan: CT on the grid of the label map, for the volume with the density of fat; ``None`` without a CT.
    :param sigma: standard deviation of the cavity's outline (mm).
    """
    volume = cavity.volume_ml
    place = Place("plane", cavity.plane, cavity.plane[1])
    found = {"volume": Measured(volume, volume_uncertainty(cavity.field, sigma), place, cavity.method)}
    reason = orbit.why_lacking(*EXTRAOCULAR_MUSCLES)
    if reason:
        found["muscle_volume"] = found["muscle_share"] = Measured.missing(reason)
    else:
        muscles = sum(orbit.field(key).volume_ml for key in EXTRAOCULAR_MUSCLES)
        found["muscle_volume"] = Measured(muscles)
        found["muscle_share"] = Measured(100 * muscles / volume, None, None, cavity.method)
    fat = orbit.field("orbital_fat")
    found["fat_share"] = (Measured.missing(absent("orbital_fat", orbit.side)) if fat is None
                          else Measured(100 * fat.volume_ml / volume, None, None, cavity.method))
    if scan is not None:
        found["fat_volume_by_density"] = _fat_by_density(cavity, scan)
    return found


def barrett_measures(orbit: OrbitShapes, cavity: Cavity, frame: HeadFrame, sigma: Callable[[str], float],
                     why_not_whole: Callable[[str], str]) -> dict[str, Measured]:
    """Return Barrett's index (percent), horizontal and vertical: chords of opposite muscles over that of the orbit.

    All chords lie in the plane half-way from the globe's back to the mouth of the optic canal. The orbit's chord runs
    through the nerve, a muscle's chord where it is longest.

    :param orbit: structures of the side.
    :param cavity: cavity of the orbit.
    :param frame: axes of the head.
    :param sigma: function that returns the standard deviation (mm) of a muscle's outline, given its key.
    :param why_not_whole: function that returns the reason if the outline of a muscle, or of the nerve, whose end lies
        at the apex, is not that of the whole structure and nothing else; empty if it is.
    """
    reason = why_not_whole("optic_nerve")
    if reason:
        return dict.fromkeys(("barrett_horizontal", "barrett_vertical"), Measured.missing(reason))
    back = foremost(orbit.field("eyeball"), orbit.globe_center, -frame.forward)
    middle = (back + orbit.canal_mouth) / 2
    places = [orbit.nerve_line.crossing(middle + offset * frame.forward, frame.forward) for offset in CHORD_PLANES_MM]
    if None in places:
        missing = Measured.missing(_("the nerve does not reach the plane half-way to the apex."))
        return {"barrett_horizontal": missing, "barrett_vertical": missing}
    nerves = orbit.nerve_line.at(np.array(places))
    pairs = {"barrett_horizontal": (frame.right, frame.up, ("medial_rectus", "lateral_rectus")),
             "barrett_vertical": (frame.up, frame.right, ("superior_rectus", "inferior_rectus"))}
    found = {}
    for name, (direction, sideways, keys) in pairs.items():
        reason = orbit.why_lacking(*keys) or next(filter(None, map(why_not_whole, keys)), "")
        found[name] = (Measured.missing(reason) if reason
                       else _index(orbit, cavity, nerves, sigma, direction, sideways, keys))
    return found


def _index(orbit: OrbitShapes, cavity: Cavity, nerves: np.ndarray, sigma: Callable[[str], float],
           direction: np.ndarray, sideways: np.ndarray, keys: tuple[str, str]) -> Measured:
    reason = across_slices(cavity.field, direction) or section_across_slices(
        cavity.field, np.cross(direction, sideways))
    if reason:
        return Measured.missing(reason)
    cross = _ALONG_MM[:, None, None] * direction + _BESIDE_MM[None, :, None] * sideways
    chords = [_chord_of_muscle(orbit, key, nerves, cross) for key in keys]
    beside = cross[:, np.abs(_BESIDE_MM) <= CHORD_BAND_MM + 1e-6]
    bands = [beside + point for point in nerves]
    insides = [_chord_of_orbit(cavity.field.at(band) > 0) for band in bands]
    width = float(np.mean([inside.sum(axis=0).mean() for inside in insides]) * _STEP_MM)
    band, inside = bands[len(bands) // 2], insides[len(insides) // 2]
    if min(chords) == 0.0 or width == 0.0:
        shorter = structure(keys[int(np.argmin(chords))]).name
        return Measured.missing(_("the {structure} does not reach this plane.").format(structure=shorter))
    ends = np.flatnonzero(inside[:, inside.shape[1] // 2])
    place = Place("line", band[ends[[0, -1]], inside.shape[1] // 2], np.cross(direction, sideways))
    if is_near_the_edge(place.points, orbit.labels.grid):
        return Measured.missing(CUT_ORBIT)
    sigmas = [sigma(key) for key in keys]
    of_voxels = float(np.linalg.norm(direction @ cavity.field.grid.affine[:3, :3]))
    # In CT the errors of borders are independent; in an MRI networks draw all muscles too thick, or all too thin.
    alike = orbit.ct is None
    of_muscles = 2 * sum(sigmas) if alike else 2**0.5 * float(np.linalg.norm(sigmas))
    of_orbit = of_voxels / (3**0.5 if alike else 6**0.5)
    index = sum(chords) / width
    error = np.hypot(of_muscles, index * of_orbit) / width
    return Measured(float(100 * index), float(100 * error), place, cavity.walls)


def _chord_of_muscle(orbit: OrbitShapes, key: str, nerves: np.ndarray, cross: np.ndarray) -> float:
    """Return the greatest chord (mm) of a muscle, as the mean of several planes.

    The chord of a muscle on thick bone extends to the bone's edge.

    :param nerves: points (N, 3) where the nerve passes the planes, RAS mm.
    :param cross: offsets of the points of a plane from the nerve, (along the chords, sideways, 3).
    """
    field = orbit.muscle_field(key)
    outward = cross[-1, 0] - cross[0, 0]
    outward = outward / np.linalg.norm(outward)
    to_the_end = (field.voxels.mean(axis=0) - nerves.mean(axis=0)) @ outward > 0
    lengths, ends, groups = [], [], []
    for point in nerves:
        plane = point + cross
        length, lines, borders = greatest_band(field.share_at(plane), _STEP_MM, _LINE_STEP_MM)
        lengths.append(length)
        ends.append(plane[0, lines] + borders[:, [int(to_the_end)]] * _STEP_MM * outward)
        groups.append((lines - lines[:1]) // _LINES_OF_A_VOXEL)
    length = float(np.mean(lengths))
    if key != _ON_THICK_BONE:
        return length
    outward = outward * (2 * to_the_end - 1)
    return length + orbit.beyond_outline(key, np.concatenate(ends), outward, np.concatenate(groups))


def _chord_of_orbit(inside: np.ndarray) -> np.ndarray:
    """Return the mask (P, L) of the points from the first to the last one inside on each line."""
    reached = np.cumsum(inside, axis=0) > 0
    return reached & (np.cumsum(inside[::-1], axis=0)[::-1] > 0)


def grown_to_bone(cavity: Field, ct: Image) -> Field:
    """Return the space inside the bone of a CT: the contents, and soft tissue up to :data:`TO_BONE_MM` from them.

    :param cavity: outline of the orbit's contents.
    :param ct: Hounsfield units on the grid of the label map.
    """
    spacing = cavity.grid.spacing[::-1]
    inner, outer = _shared(cavity.grid, ct)
    soft = np.zeros_like(cavity.mask)
    soft[inner] = (ct.array[outer] > SOFT_HU[0]) & (ct.array[outer] < SOFT_HU[1])
    near = ndimage.distance_transform_edt(~cavity.mask, spacing) <= TO_BONE_MM
    grown = ndimage.binary_opening(near & soft | cavity.mask) | cavity.mask
    whole = Box((0, 0, 0), grown.shape)
    return field_of(grown, cavity.grid, whole)


def _shared(grid: Grid, scan: Image) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return the overlap of a grid and a scan as slices (K, J, I) of the grid, and of the scan."""
    start = np.rint(scan.grid.ijk_from_ras(grid.affine[:3, 3])).astype(int)[::-1]
    low, high = np.maximum(-start, 0), np.minimum(np.array(scan.array.shape) - start, grid.shape)
    return (tuple(slice(first, last) for first, last in zip(low, high, strict=True)),
            tuple(slice(first, last) for first, last in zip(low + start, high + start, strict=True)))


def _fat_by_density(cavity: Cavity, scan: Image) -> Measured:
    grid = cavity.field.grid
    inner, outer = _shared(grid, scan)
    values = scan.array[outer]
    fat = (values > FAT_HU[0]) & (values < FAT_HU[1])
    return Measured(float((cavity.share[inner] * fat).sum() * grid.voxel_volume / 1000.0), None, None,
                    _("{low} to {high} HU within: {cavity}").format(low=f"{FAT_HU[0]:.0f}", high=f"{FAT_HU[1]:.0f}",
                                                                    cavity=cavity.method))

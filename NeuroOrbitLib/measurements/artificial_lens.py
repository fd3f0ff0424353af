"""Artificial lenses, as after cataract surgery: recognised by how thin they are, whatever was outlined.

The optic of an artificial lens is 0.5 to 1.1 mm thick, a patient's own lens 3.3 to 5.5 mm. A model that has learned
from natural lenses outlines one around an artificial one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.imaging.boxes import box_around
from NeuroOrbitLib.measurements.field import depth_within
from NeuroOrbitLib.sentences import sentence as _

#: Thickness (mm) below which what is seen cannot be a patient's own lens.
THINNEST_NATURAL_MM = 2.0
#: Least contrast with the vitreous, in SD of the vitreous, with which a lens can be seen.
_LEAST_CONTRAST = 4.0
#: Largest distance (mm) of voxels along the eye's axis with which a thin lens can be told from a thick one.
_COARSEST_MM = 1.7
#: Reach (mm) of the profile before and behind the outline's middle, its step, and distance of the lines around the axis
#: whose mean it is.
_REACH, _STEP, _BESIDE = 6.0, 0.2, 1.0
#: Largest distance (mm) of the brightest or darkest place from the outline's middle.
_NEAR_MIDDLE = 2.6
#: Vitreous: least depth (mm) inside the eye and least distance (mm) from the lens.
_DEPTH, _FROM_LENS = 2.0, 2.5
_FEWEST_VOXELS = 30


@dataclass(frozen=True)
class ArtificialLens:
    """A lens that is too thin to be the patient's own.

    :param side: side of the eye.
    :param thickness_mm: its thickness along the eye's axis (mm); of a thinner one, the scan's resolution.
    :param mask: voxels of the outline that hold it, bool (K, J, I).
    """

    side: Side
    thickness_mm: float
    mask: np.ndarray

    @property
    def remark(self) -> str:
        """A word or two for a table."""
        return _("artificial lens?")

    @property
    def reason(self) -> str:
        """The reason why it is not measured, as the end of a sentence that begins with "Not measurable because"."""
        return _("the lens is only {thickness:.1f} mm thick in the scan, as an artificial one.").format(
            thickness=self.thickness_mm)

    @property
    def text(self) -> str:
        """Sentence for the reader."""
        return _("The {side} eye has a lens of only {thickness:.1f} mm, as an artificial lens after cataract surgery. "
                 "The lens was not measured.").format(side=self.side.word, thickness=self.thickness_mm)


def artificial_lenses(scan: Image, labels: Image) -> dict[Side, ArtificialLens]:
    """Return the lenses that are too thin to be the patient's own; lenses that cannot be judged are left out.

    :param scan: grey values, CT or MRI.
    :param labels: label map on the same grid.
    """
    found = {side: _artificial_lens(scan, labels, side) for side in Side}
    return {side: lens for side, lens in found.items() if lens is not None}


def outlined_as_seen(labels: Image, lenses: Mapping[Side, ArtificialLens]) -> Image:
    """Return a label map in which the outlines of artificial lenses hold no more than these; the rest is eyeball."""
    array = labels.array.copy()
    for side, lens in lenses.items():
        array[(array == label_value("lens", side)) & ~lens.mask] = label_value("eyeball", side)
    return labels.with_array(array)


def _artificial_lens(scan: Image, labels: Image, side: Side) -> ArtificialLens | None:
    eyeball, lens = label_value("eyeball", side), label_value("lens", side)
    around = box_around(labels.array == eyeball)
    if around is None:
        return None
    box = around.grown((1, 1, 1)).inside(labels.array.shape).slices
    part, spacing = labels.array[box], labels.spacing[::-1]
    grey, drawn = scan.array[box].astype(np.float32), part == lens
    vitreous = grey[_vitreous(part == eyeball, drawn, spacing)]
    if not drawn.any() or len(vitreous) < _FEWEST_VOXELS:
        return None
    fluid = float(np.median(vitreous))
    noise = 1.4826 * float(np.median(np.abs(vitreous - fluid)))
    middle, axis = _axis(part == eyeball, drawn, labels.affine)
    if np.abs(axis @ labels.affine[:3, :3]).max() > _COARSEST_MM:
        return None
    profile = _profile(grey, _voxel_from(labels.affine), middle, axis) - fluid
    thickness, contrast = _width(profile)
    if thickness >= THINNEST_NATURAL_MM or abs(contrast) < _LEAST_CONTRAST * max(noise, 1e-6):
        return None
    mask = np.zeros(labels.array.shape, bool)
    mask[box] = drawn & ((grey - fluid) / contrast > 0.5)
    return ArtificialLens(side, thickness, mask)


def _vitreous(eyeball: np.ndarray, lens: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    """Return the mask (K, J, I) of the voxels well inside an eye and away from its lens."""
    depth = depth_within(eyeball | lens, spacing)
    away = ndimage.distance_transform_edt(~lens, spacing) if lens.any() else np.inf
    return (depth > _DEPTH) & (away > _FROM_LENS)


def _axis(eyeball: np.ndarray, lens: np.ndarray, affine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lens's middle (mm from the box's first voxel) and the unit vector from the eye's middle to it."""
    middles = [np.argwhere(mask).mean(axis=0)[::-1] @ affine[:3, :3].T for mask in (lens, eyeball | lens)]
    axis = middles[0] - middles[1]
    return middles[0], axis / max(float(np.linalg.norm(axis)), 1e-6)


def _voxel_from(affine: np.ndarray) -> np.ndarray:
    """Return the matrix (3, 3) from mm to indices in array order (K, J, I)."""
    return np.linalg.inv(affine[:3, :3])[::-1]


def _profile(grey: np.ndarray, voxel_from: np.ndarray, middle: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """Return the grey values (N,) along the eye's axis through the lens, means of lines on and around the axis."""
    beside = np.cross(axis, np.eye(3)[np.abs(axis).argmin()])
    beside /= np.linalg.norm(beside)
    other = np.cross(axis, beside)
    steps = np.arange(-_REACH, _REACH + _STEP / 2, _STEP)[:, None, None]
    lines = np.array([a * beside + b * other for a in (-1, 0, 1) for b in (-1, 0, 1)]) * _BESIDE
    places = middle + steps * axis + lines
    values = ndimage.map_coordinates(grey, np.moveaxis(places @ voxel_from.T, -1, 0), order=1, mode="nearest")
    return values.mean(axis=1)


def _width(profile: np.ndarray) -> tuple[float, float]:
    """Return the full width at half of the extreme (mm) of a profile near its middle, and the extreme itself."""
    steps = np.arange(len(profile)) * _STEP - _REACH
    peak = int(np.argmax(np.where(np.abs(steps) <= _NEAR_MIDDLE, np.abs(profile), -1.0)))
    contrast = float(profile[peak])
    within = profile / contrast > 0.5 if contrast else np.ones(len(profile), bool)
    first = last = peak
    while first > 0 and within[first - 1]:
        first -= 1
    while last < len(profile) - 1 and within[last + 1]:
        last += 1
    return (last - first + 1) * _STEP, contrast

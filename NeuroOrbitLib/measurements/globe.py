"""Eyeball and lens: axial length, diameters across it, the angle of its back, thickness of the lens."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.cornea import cornea_beyond
from NeuroOrbitLib.measurements.definitions import TENT_CHORD_MM
from NeuroOrbitLib.measurements.field import Field
from NeuroOrbitLib.measurements.head_frame import HeadFrame
from NeuroOrbitLib.measurements.rays import end_along
from NeuroOrbitLib.measurements.reasons import across_slices
from NeuroOrbitLib.measurements.rows import Measured, Place
from NeuroOrbitLib.measurements.sections import Section
from NeuroOrbitLib.measurements.uncertainty import by_perturbing
from NeuroOrbitLib.sentences import sentence as _

_RADIUS_MM, _STEP_MM = 17.0, 0.25


def optical_axis(globe: Field, lens: Field | None, frame: HeadFrame) -> tuple[np.ndarray, str]:
    """Return the unit vector (3,) from the globe's middle through the lens, and the method by which it was found.

    Without a lens it is the head's forward direction.

    :param globe: outline of the globe with its lens.
    :param lens: outline of the lens, or ``None``.
    :param frame: axes of the head.
    """
    if lens is None:
        return frame.forward, _("head's forward direction; the lens is not in the label map")
    axis = lens.voxels.mean(axis=0) - globe.voxels.mean(axis=0)
    return axis / np.linalg.norm(axis), _("axis through the lens")


def corneal_apex(globe: Field, lens: Field | None, frame: HeadFrame, ct: Image | None) -> np.ndarray | None:
    """Return the front of the cornea (RAS mm, (3,)) on the axis from the globe's middle through the lens.

    :param globe: outline of the globe with its lens.
    :param lens: outline of the lens, or ``None``.
    :param frame: axes of the head.
    :param ct: Hounsfield units, or ``None``.
    :return: ``None`` without a CT or a lens, or if the CT does not show the front of the cornea.
    """
    if ct is None or lens is None:
        return None
    axis, _method = optical_axis(globe, lens, frame)
    front = end_along(globe, globe.voxels.mean(axis=0), axis)
    beyond = cornea_beyond(ct, front, axis)
    return None if beyond is None else front + beyond * axis


def globe_measures(globe: Field, lens: Field | None, frame: HeadFrame, sigma: float,
                   apex: np.ndarray | None = None) -> dict[str, Measured]:
    """Return axial length and diameters of the eyeball by quantity.

    :param globe: outline of the globe with its lens.
    :param lens: outline of the lens, or ``None``.
    :param frame: axes of the head.
    :param sigma: standard deviation of the outline (mm).
    :param apex: front of the cornea, see :func:`corneal_apex`.
    """
    axis, method = optical_axis(globe, lens, frame)
    center = globe.voxels.mean(axis=0)
    if apex is not None:
        method = _("{method}; cornea's front from its edge in the CT").format(method=method)
    measured = {"axial_length": _along(globe, center, axis, frame, sigma, method, apex)}
    section = _equator(globe, center, axis, frame)
    for name, direction in (("transverse_diameter", section.first), ("vertical_diameter", section.second)):
        measured[name] = _across(globe, section, direction, sigma)
    return measured


def lens_thickness(lens: Field, globe: Field, frame: HeadFrame, sigma: float) -> Measured:
    """Return the thickness (mm) of the lens along the line from the globe's middle through it.

    It is the thickness of the ellipsoid with the same second moments, since the lens has few voxels from front to back.

    :param lens: outline of the lens.
    :param globe: outline of the globe with its lens.
    :param frame: axes of the head.
    :param sigma: standard deviation of the lens's outline (mm).
    """
    axis, _method = optical_axis(globe, lens, frame)
    reason = across_slices(lens, axis)
    if reason:
        return Measured.missing(reason)
    center = lens.voxels.mean(axis=0)
    thickness = float(2 * np.sqrt(5 * np.var((lens.voxels - center) @ axis)))
    ends = center + np.array([[0.5], [-0.5]]) * thickness * axis
    return Measured(thickness, 2 * sigma, Place("line", ends, _horizontal_across(axis, frame)),
                    _("ellipsoid of the same spread"))


def tent_angle(globe: Field, junction: np.ndarray, frame: HeadFrame, sigma: float) -> Measured:
    """Return the angle (degrees) at the nerve between the globe's back on both sides of it, in the head's plane.

    :param globe: outline of the globe with its lens.
    :param junction: point where the nerve's line leaves the globe, RAS mm (3,).
    :param frame: axes of the head.
    :param sigma: standard deviation of the outline (mm).
    """
    reason = across_slices(globe, frame.right) or across_slices(globe, frame.forward)
    if reason:
        return Measured.missing(reason)
    value, uncertainty = by_perturbing(lambda shift: _angle(_arms(globe, junction, frame, shift)), sigma)
    right, left, _ = _arms(globe, junction, frame, 0.0)
    return Measured(value, uncertainty, Place("angle", np.array([right, junction, left]), frame.up))


def _along(field: Field, center: np.ndarray, axis: np.ndarray, frame: HeadFrame, sigma: float, method: str,
           apex: np.ndarray | None) -> Measured:
    reason = across_slices(field, axis)
    if reason:
        return Measured.missing(reason)

    def ends(shift: float = 0.0) -> np.ndarray:
        front = end_along(field, center, axis, shift) if apex is None else apex + shift * axis
        return np.stack([front, end_along(field, center, -axis, shift)])

    value, uncertainty = by_perturbing(lambda shift: float(np.linalg.norm(np.subtract(*ends(shift)))), sigma)
    return Measured(value, uncertainty, Place("line", ends(), _horizontal_across(axis, frame)), method)


def _horizontal_across(axis: np.ndarray, frame: HeadFrame) -> np.ndarray:
    """Return the normal (3,) of the plane through ``axis`` (3,) that is nearest to the head's plane."""
    normal = frame.up - (frame.up @ axis) * axis
    return normal / np.linalg.norm(normal)


def _equator(globe: Field, center: np.ndarray, axis: np.ndarray, frame: HeadFrame) -> Section:
    """Return the section through the middle across the axis; its first direction is horizontal, its second vertical."""
    second = _horizontal_across(axis, frame)
    first = np.cross(axis, second)
    steps = np.arange(-_RADIUS_MM, _RADIUS_MM + _STEP_MM, _STEP_MM)
    points = center + steps[:, None, None] * first + steps[None, :, None] * second
    return Section(center, first, second, globe.at(points), globe.share_at(points), _STEP_MM)


def _across(globe: Field, section: Section, direction: np.ndarray, sigma: float) -> Measured:
    """Return the diameter of the ellipse with the section's second moments; outermost voxels would give steps."""
    reason = across_slices(globe, direction)
    if reason:
        return Measured.missing(reason)
    middle, diameter = section.spread(0 if direction is section.first else 1)
    # Interpolation between voxels increases the section's variance by a sixth of their size squared.
    blur = ((direction @ globe.grid.affine[:3, :3]) ** 2).sum() / 6
    diameter = float(np.sqrt(max(diameter**2 - 16 * blur, 0.0)))
    center = section.ras(middle)
    return Measured(diameter, 2 * sigma, Place("line", center + np.array([[-0.5], [0.5]]) * diameter * direction,
                                                     section.normal),
                    _("ellipse of the same spread"))


def _arms(globe: Field, junction: np.ndarray, frame: HeadFrame, shift: float) -> list[np.ndarray]:
    """Return the globe's outline at :data:`TENT_CHORD_MM` to the right and left of the nerve, and the junction."""
    turn = np.linspace(-np.pi / 3, np.pi / 2, 300)[:, None]
    ends = []
    for sideways in (frame.right, -frame.right):
        arc = junction + TENT_CHORD_MM * (np.cos(turn) * sideways + np.sin(turn) * frame.forward)
        values = globe.at(arc) + shift
        ends.append(arc[int((values > 0).argmax())])
    return [*ends, junction]


def _angle(arms: list[np.ndarray]) -> float:
    right, left, junction = arms
    cosine = (right - junction) @ (left - junction) / TENT_CHORD_MM**2
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))



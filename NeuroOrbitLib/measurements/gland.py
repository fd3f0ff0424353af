"""Lacrimal gland: length and width in its largest axial and coronal sections."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.measurements.calliper import Width, largest_width
from NeuroOrbitLib.measurements.field import Field
from NeuroOrbitLib.measurements.head_frame import HeadFrame
from NeuroOrbitLib.measurements.reasons import across_slices
from NeuroOrbitLib.measurements.rows import Measured, Place
from NeuroOrbitLib.measurements.sections import Section, sections
from NeuroOrbitLib.sentences import sentence as _

_RADIUS_MM, _STEP_MM = 16.0, 0.75


def gland_measures(field: Field, frame: HeadFrame, sigma: float) -> dict[str, Measured]:
    """Return length and width (calliper) of the gland in the head's plane and in the plane across it."""
    found = {}
    for name, normal in (("axial", frame.up), ("coronal", frame.forward)):
        cut = _largest_section(field, normal)
        length, width = _sizes(field, cut, sigma)
        found[f"{name}_length_of_gland"], found[f"{name}_width_of_gland"] = length, width
    return found


def _largest_section(field: Field, normal: np.ndarray) -> Section:
    middle = field.voxels.mean(axis=0)
    height = (field.voxels - middle) @ normal
    offsets = np.arange(height.min(), height.max() + _STEP_MM, _STEP_MM)
    cuts = sections(field, middle + offsets[:, None] * normal, np.broadcast_to(normal, (len(offsets), 3)), _RADIUS_MM)
    return max(cuts, key=lambda cut: cut.area)


def _sizes(field: Field, cut: Section, sigma: float) -> tuple[Measured, Measured]:
    outlines, narrow = cut.outlines(), cut.width()
    if not outlines or narrow is None:
        missing = Measured.missing(_("the gland is too thin for the voxels of this label map."))
        return missing, missing
    wide = largest_width(np.concatenate(outlines))
    return tuple(_measured(field, cut, width, sigma) for width in (wide, narrow))


def _measured(field: Field, cut: Section, width: Width, sigma: float) -> Measured:
    reason = across_slices(field, cut.direction(width.direction))
    if reason:
        return Measured.missing(reason)
    return Measured(width.value, 2 * sigma, Place("line", cut.ras(width.ends), cut.normal))

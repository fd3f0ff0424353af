"""Lacrimal gland: length and width in its largest axial and coronal sections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from NeuroOrbitLib.measurements.calliper import Width, largest_width
from NeuroOrbitLib.measurements.definitions import AUTOMATIC_GLAND_MM
from NeuroOrbitLib.measurements.field import Field
from NeuroOrbitLib.measurements.head_frame import HeadFrame
from NeuroOrbitLib.measurements.reasons import across_slices
from NeuroOrbitLib.measurements.rows import Measured, Place
from NeuroOrbitLib.measurements.sections import Section, sections
from NeuroOrbitLib.measurements.uncertainty import by_perturbing, edge_sigma
from NeuroOrbitLib.sentences import sentence as _

_RADIUS_MM, _STEP_MM = 16.0, 0.75


def gland_measures(field: Field, frame: HeadFrame, sigma: float, is_automatic: bool = False) -> dict[str, Measured]:
    """Return length and width (calliper) of the gland in its largest axial and coronal sections, by quantity.

    :param field: outline of the gland.
    :param frame: axes of the head.
    :param sigma: standard deviation of the outline (mm).
    :param is_automatic: whether a network outlined the gland.
    """
    found = {}
    for name, normal in (("axial", frame.up), ("coronal", frame.forward)):
        cut = _largest_section(field, normal)
        length, width = _sizes(field, cut, sigma, is_automatic)
        found[f"{name}_length_of_gland"], found[f"{name}_width_of_gland"] = length, width
    return found


def _largest_section(field: Field, normal: np.ndarray) -> Section:
    middle = field.voxels.mean(axis=0)
    height = (field.voxels - middle) @ normal
    offsets = np.arange(height.min(), height.max() + _STEP_MM, _STEP_MM)
    cuts = sections(field, middle + offsets[:, None] * normal, np.broadcast_to(normal, (len(offsets), 3)), _RADIUS_MM)
    return max(cuts, key=lambda cut: cut.area)


def _sizes(field: Field, cut: Section, sigma: float, is_automatic: bool) -> tuple[Measured, Measured]:
    if not cut.outlines() or cut.width() is None:
        missing = Measured.missing(_("the gland is too thin for the voxels of this label map."))
        return missing, missing
    length, width = (_measured(field, cut, measure, sigma) for measure in (_length, Section.width))
    if is_automatic and length.uncertainty is not None:
        length = replace(length, uncertainty=float(np.hypot(length.uncertainty, AUTOMATIC_GLAND_MM)))
    return length, width


def _length(cut: Section, shift: float = 0.0) -> Width | None:
    outlines = cut.outlines(shift)
    return largest_width(np.concatenate(outlines)) if outlines else None


def _measured(field: Field, cut: Section, measure: Callable[[Section, float], Width | None], sigma: float) -> Measured:
    width = measure(cut, 0.0)
    reason = across_slices(field, cut.direction(width.direction))
    if reason:
        return Measured.missing(reason)

    def value(shift: float) -> float | None:
        moved = measure(cut, shift)
        return None if moved is None else moved.value

    edge = edge_sigma(field, cut.direction(width.direction), sigma)
    # The ends of the gland are thin wedges, so an error of the outline moves them much further.
    uncertainty = max(2 * edge, by_perturbing(value, edge)[1] or 0.0)
    return Measured(width.value, uncertainty, Place("line", cut.ras(width.line()), cut.normal))

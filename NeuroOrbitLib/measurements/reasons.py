"""Reasons why something cannot be measured, as the end of "Not measurable because ..."."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side, structure
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.measurements.definitions import THICKEST_ALONG_MM, THICKEST_SLICE_MM
from NeuroOrbitLib.measurements.field import Field, has_slices_beyond
from NeuroOrbitLib.sentences import sentence as _

#: A direction runs across the slices if the cosine of its angle to their normal exceeds this.
_ACROSS = 0.8
#: A muscle lies along the slices if the cosine of the angle between its line and their normal is below this (17 degrees
#: from the slices' plane): along the muscle, the steps between slices are then so far apart that its sections do not
#: average them.
_ALONG = 0.3
#: Least number of slices that a section across them must cover.
_SHOWN_IN = 2.0
#: Least number of voxels at the edge of the scan from which a structure is taken to continue beyond it.
TOUCHING = 4

CUT = _("the structure is cut off at the edge of the scan.")
SECOND_PIECE = _("a second piece of its outline lies beside it there. Erase what does not belong to it, then measure "
                 "again.")


def absent(key: str, side: Side) -> str:
    """Return the reason for measures of a structure that is not in the label map."""
    return _("the {side} {structure} is not in the label map.").format(side=side.word, structure=structure(key).name)


def of_structure(key: str, side: Side, reason: str) -> str:
    """Return the reason for a measure that depends on a structure which cannot be measured for ``reason``."""
    return _("of the {side} {structure}: {reason}").format(side=side.word, structure=structure(key).name,
                                                            reason=reason)


def across_slices(field: Field, direction: np.ndarray) -> str:
    """Return the reason if ``direction`` (unit vector (3,)) runs across slices that are too thick; empty if not."""
    slices = field.slices
    if slices.spacing <= THICKEST_SLICE_MM or abs(direction @ slices.normal) < _ACROSS:
        return ""
    return _("it runs across slices that are {spacing:.1f} mm apart; at most {thickest:.0f} mm will do.").format(
        spacing=slices.spacing, thickest=THICKEST_SLICE_MM)


def rim_between_slices(field: Field) -> str:
    """Return the reason if the front of the orbit's fat, a thin wedge, lies between slices that are too thick."""
    spacing = field.slices.spacing
    if spacing <= THICKEST_SLICE_MM:
        return ""
    return _("the rim is taken from the front of the orbit's fat, which slices that are {spacing:.1f} mm apart do not "
             "show well enough; at most {thickest:.0f} mm will do.").format(
        spacing=spacing, thickest=THICKEST_SLICE_MM)


def section_across_slices(field: Field, normal: np.ndarray, extent: float | None = None) -> str:
    """Return the reason if a section across ``normal`` (3,) consists of too few thick slices; empty if not.

    :param field: outline of the structure.
    :param normal: unit vector (3,) across the section.
    :param extent: size of the section across the slices (mm); if it covers enough slices, the width is known.
    """
    slices = field.slices
    if slices.spacing <= THICKEST_SLICE_MM or abs(normal @ slices.normal) > 0.6:
        return ""
    if extent is not None and extent > _SHOWN_IN * slices.spacing:
        return ""
    return _("its section stands across slices that are {spacing:.1f} mm apart; at most {thickest:.0f} mm will do."
             ).format(spacing=slices.spacing, thickest=THICKEST_SLICE_MM)


def lies_along_slices(field: Field, normal: np.ndarray, direction: np.ndarray, extent: float) -> str:
    """Return the reason if a muscle lies along slices that are too thick to show its section; empty if it does not.

    Voxels of about equal sides have no slices: all diameters are then equally uncertain, and their uncertainty says so.

    :param field: outline of the muscle.
    :param normal: unit vector (3,) across the section, along the muscle.
    :param direction: unit vector (3,) of the section's smallest width.
    :param extent: size of the section across the slices (mm).
    """
    slices = field.slices
    if not has_slices_beyond(THICKEST_ALONG_MM, field.grid.spacing) or abs(normal @ slices.normal) > _ALONG:
        return ""
    if abs(direction @ slices.normal) < _ACROSS and extent > _SHOWN_IN * slices.spacing:
        return ""
    return _("the muscle lies along slices that are {spacing:.1f} mm apart, too few of which show its thickness; at "
             "most {thickest:.2f} mm will do.").format(spacing=slices.spacing, thickest=THICKEST_ALONG_MM)


def gap_reason(field: Field) -> str:
    """Return the reason why a value cannot be measured beside a gap, in the outline or between thick slices."""
    spacing = field.slices.spacing
    if spacing <= THICKEST_SLICE_MM:
        return _("its outline has a gap there. Close it, then measure again.")
    return _("its outlines in slices that are {spacing:.1f} mm apart do not overlap there.").format(spacing=spacing)


def gap_note(field: Field, length: float) -> str:
    """Return a note that an outline has gaps of ``length`` mm along its line; empty if thick slices cause them."""
    thin = field.slices.spacing
    if length <= (0.0 if thin <= THICKEST_SLICE_MM else 1.5 * thin):
        return ""
    return _("The outline has a gap of {length:.0f} mm: the length runs across it, the volume lacks it.").format(
        length=max(length, 1.0))


def at_the_edge(labels: Image) -> set[int]:
    """Return the label values that reach the edge of the label map with at least :data:`TOUCHING` voxels."""
    counts = sum(np.bincount(np.take(labels.array, place, axis).ravel(), minlength=256)
                 for axis in range(3) for place in (0, -1))
    return {int(value) for value in np.flatnonzero(counts >= TOUCHING) if value}


def is_near_the_edge(points: np.ndarray, grid: Grid) -> bool:
    """Return whether one of these points (..., 3), RAS mm, lies beyond the middles of a grid's last voxels but one."""
    ijk = grid.ijk_from_ras(points)
    return bool(((ijk < 1.0) | (ijk > np.array(grid.shape[::-1]) - 2.0)).any())

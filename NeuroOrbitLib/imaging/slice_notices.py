"""Notices about scans whose slices differ in plane or distance from those that a model was made for."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.sentences import sentence as _

#: Largest angle (degrees) between the normal of coronal slices and the axis from back to front.
_TILT = 35


def coronal_notices(grid: Grid, step_range: tuple[float, float]) -> list[str]:
    """Return notices for the user, in sentences, about slices of a T2 scan that are unusual for models of coronal T2.

    :param grid: grid of the scan.
    :param step_range: smallest and largest distance between slices (mm) that the models were made for.
    """
    spacing, (low, high) = np.array(grid.spacing), step_range
    thick = int(np.argmax(spacing))
    step = float(spacing[thick])
    if step < 1.3 * float(np.sort(spacing)[1]) and step < low:
        return [_("The voxels are nearly as thin ({step:.1f} mm) in all directions; the models were made for coronal "
                  "slices of {low:g} to {high:g} mm, so the result is less certain.").format(
            step=step, low=low, high=high)]
    normal = grid.affine[:3, thick] / step
    notices = []
    if abs(normal[1]) < np.cos(np.radians(_TILT)):
        notices.append(_("The slices are not coronal; the models were made for coronal T2, so the result is less "
                         "certain."))
    if not low <= step <= high:
        notices.append(_("The slices are {step:.1f} mm apart instead of {low:g} to {high:g} mm: the result is less "
                         "certain.").format(step=step, low=low, high=high))
    return notices

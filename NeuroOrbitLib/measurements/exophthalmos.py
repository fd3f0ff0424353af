"""Position of the eyes: exophthalmos before the line between the lateral rims, and distances between the orbits."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.measurements.cornea import foremost_of_cornea
from NeuroOrbitLib.measurements.definitions import AUTOMATIC_RIM_MM
from NeuroOrbitLib.measurements.head_frame import HeadFrame
from NeuroOrbitLib.measurements.rays import foremost
from NeuroOrbitLib.measurements.reasons import absent, across_slices, rim_between_slices
from NeuroOrbitLib.measurements.rims import AXES_OF_THE_SCAN, CONTENTS, Rims
from NeuroOrbitLib.measurements.rows import Measured, Place
from NeuroOrbitLib.measurements.shapes import OrbitShapes
from NeuroOrbitLib.measurements.uncertainty import by_perturbing
from NeuroOrbitLib.sentences import sentence as _

ONE_ORBIT = _("both eyeballs and both optic nerves are needed for the axes of the head.")
NO_RIM = _("the lateral rims are unknown: they are taken from the bone of a CT or from a label of orbital fat or bony "
           "orbit.")


def exophthalmos(orbit: OrbitShapes, rims: Rims, sigma: float, apex: np.ndarray | None = None,
                 is_automatic: bool = False) -> Measured:
    """Return how far (mm) the globe's frontmost point lies before the line between the lateral rims.

    Both lie in the head's plane, so that neither gaze nor a tilted head changes it.

    :param sigma: how far the globe's outline may lie off (mm).
    :param apex: see :func:`~NeuroOrbitLib.measurements.globe.corneal_apex`.
    :param is_automatic: whether a network outlined the orbit's fat, at whose front the rims are taken in MRI.
    """
    globe = orbit.field("eyeball")
    if globe is None:
        return Measured.missing(absent("eyeball", orbit.side))
    if not rims.points:
        return Measured.missing(NO_RIM if rims.frame.method != AXES_OF_THE_SCAN else ONE_ORBIT)
    reason = across_slices(globe, rims.frame.forward) or (rim_between_slices(globe) if rims.method == CONTENTS else "")
    if reason:
        return Measured.missing(reason)

    def front_of(grown: float = 0.0) -> np.ndarray:
        if apex is not None:
            return foremost_of_cornea(apex, orbit.globe_center, rims.frame.forward) + grown * rims.frame.forward
        return foremost(globe, orbit.globe_center, rims.frame.forward, grown)

    def protrusion(grown: float) -> float:
        return float((front_of(grown) - rims.points[Side.RIGHT]) @ rims.frame.forward)

    value, uncertainty = by_perturbing(protrusion, sigma)
    front = front_of()
    foot = front - value * rims.frame.forward
    # The rim's own place is as uncertain as the outline of the globe, but not where networks end a thin wedge of fat.
    of_rim = AUTOMATIC_RIM_MM if is_automatic and rims.method == CONTENTS else uncertainty
    spread = None if uncertainty is None else float(np.hypot(uncertainty, of_rim))
    place = Place("line", np.array([foot, front]), rims.frame.up)
    return Measured(value, spread, place, _("lateral rims: {method}").format(method=rims.method))


def distance_between(points: Mapping[Side, np.ndarray | None], reason: str, sigma: float, frame: HeadFrame,
                     method: str = "") -> Measured:
    """Return the distance (mm) between a point (3,) on each side.

    :param reason: why there is none, where a point is ``None``. :param sigma: how far each may lie off (mm).
    :param frame: axes of the head.
    """
    right, left = points.get(Side.RIGHT), points.get(Side.LEFT)
    if right is None or left is None:
        return Measured.missing(reason)
    place = Place("line", np.array([right, left]), frame.up)
    return Measured(float(np.linalg.norm(right - left)), sigma * 2**0.5, place, method)


def difference(right: Measured, left: Measured) -> Measured:
    """Return by how much exophthalmos differs between the sides (mm)."""
    if right.value is None or left.value is None:
        return Measured.missing(_("exophthalmos of one side is not known."))
    spread = None if right.uncertainty is None or left.uncertainty is None else float(
        np.hypot(right.uncertainty, left.uncertainty))
    return Measured(abs(right.value - left.value), spread, None, right.method)

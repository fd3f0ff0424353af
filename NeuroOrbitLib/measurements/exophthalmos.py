"""Position of the eyes: exophthalmos relative to the lateral rims, and distances between the orbits."""

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
OTHER_FRONTS = _("the CT shows the front of the cornea on one side only; outlines may end before it.")
NO_RIM = _("the lateral rims are unknown: they are taken from the bone of a CT or from a label of orbital fat or bony "
           "orbit.")
CUT_RIM = _("a lateral rim is cut off at the edge of the scan.")


def why_no_rims(rims: Rims) -> str:
    """Return why the lateral rims are not known; empty if they are."""
    if rims.points:
        return ""
    if rims.frame.method == AXES_OF_THE_SCAN:
        return ONE_ORBIT
    return CUT_RIM if rims.are_cut else NO_RIM


def exophthalmos(orbit: OrbitShapes, rims: Rims, sigma: float, apex: np.ndarray | None = None,
                 is_automatic: bool = False) -> Measured:
    """Return the distance (mm) of the globe's frontmost point in front of the line between the lateral rims.

    It is measured in the head's plane, so that neither gaze nor a tilted head changes it.

    :param orbit: structures of the side.
    :param rims: lateral rims and axes of the head.
    :param sigma: standard deviation of the globe's outline (mm).
    :param apex: front of the cornea, see :func:`~NeuroOrbitLib.measurements.globe.corneal_apex`.
    :param is_automatic: whether a network outlined the orbit's fat, whose front stands for the rims in MRI.
    """
    globe = orbit.field("eyeball")
    if globe is None:
        return Measured.missing(absent("eyeball", orbit.side))
    reason = why_no_rims(rims)
    if reason:
        return Measured.missing(reason)
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
    # The rim is as uncertain as the outline of the globe, except where a network drew the thin wedge of fat beside it.
    of_rim = AUTOMATIC_RIM_MM if is_automatic and rims.method == CONTENTS else uncertainty
    spread = None if uncertainty is None else float(np.hypot(uncertainty, of_rim))
    place = Place("line", np.array([foot, front]), rims.frame.up)
    method = (_("lateral rims: {method}") if apex is None
              else _("lateral rims: {method}; front of the cornea in the CT")).format(method=rims.method)
    return Measured(value, spread, place, method)


def distance_between(points: Mapping[Side, np.ndarray | None], reason: str, sigma: float, frame: HeadFrame,
                     method: str = "") -> Measured:
    """Return the distance (mm) between two points, one on each side.

    :param points: point (3,) of each side, RAS mm; ``None`` if it is not known.
    :param reason: reason for a measure without a value if a point is missing.
    :param sigma: standard deviation of each point (mm).
    :param frame: axes of the head.
    :param method: method by which the points were found, if there is more than one.
    """
    right, left = points.get(Side.RIGHT), points.get(Side.LEFT)
    if right is None or left is None:
        return Measured.missing(reason)
    place = Place("line", np.array([right, left]), frame.up)
    return Measured(float(np.linalg.norm(right - left)), sigma * 2**0.5, place, method)


def difference(right: Measured, left: Measured) -> Measured:
    """Return the absolute difference in exophthalmos between the sides (mm), with its uncertainty."""
    if right.value is None or left.value is None:
        return Measured.missing(_("exophthalmos of one side is not known."))
    spread = None if right.uncertainty is None or left.uncertainty is None else float(
        np.hypot(right.uncertainty, left.uncertainty))
    return Measured(abs(right.value - left.value), spread, None, right.method)

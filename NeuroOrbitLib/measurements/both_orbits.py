"""Measures of both orbits together: the position of the eyes relative to each other, and distances."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.measurements.altered_eyes import AlteredEye
from NeuroOrbitLib.measurements.definitions import AUTOMATIC_RIM_MM, RIM_TOLERANCE_MM
from NeuroOrbitLib.measurements.exophthalmos import OTHER_FRONTS, difference, distance_between, why_no_rims
from NeuroOrbitLib.measurements.orbit import CUT_ORBIT
from NeuroOrbitLib.measurements.rims import CONTENTS, Rims, cavity_edges
from NeuroOrbitLib.measurements.rows import HEAD, Measured, Row
from NeuroOrbitLib.measurements.shapes import LOOSE, OrbitShapes
from NeuroOrbitLib.sentences import sentence as _


def rows_of_head(rows: Iterable[Row], shapes: Mapping[Side, OrbitShapes], rims: Rims, spacing: tuple[float, ...],
                 cut: Collection[int], altered: Mapping[Side, AlteredEye], is_automatic: bool = False) -> Iterator[Row]:
    """Yield the measures of both orbits together.

    :param rows: measures of both orbits, from which the difference between the sides is computed.
    :param shapes: structures of each side.
    :param rims: rims of the orbits and axes of the head.
    :param spacing: voxel size of the label map (mm).
    :param cut: label values of structures that the scan's edge cuts off.
    :param altered: eyes that are missing or were operated on; their lenses are not measured.
    :param is_automatic: whether a network outlined the orbits' fat, whose front stands for the rims if the scan
        shows no bone.
    """
    forward = {row.side: row.measured for row in rows if row.quantity == "exophthalmos"}
    lenses = {side: orbit.field("lens") for side, orbit in shapes.items()}
    is_cut = {side: label_value("lens", side) in cut for side in shapes}
    middles = {side: lens.voxels.mean(axis=0) for side, lens in lenses.items()
               if lens and side not in altered and not is_cut[side]}
    no_lens = _("a lens is cut off at the edge of the scan.") if any(is_cut.values()) else next(
        (eye.reason for eye in altered.values()), _("the lenses of both eyes are not in the label map."))
    sigma = max(spacing) / 2 / 3**0.5
    # A medial rim is a corner of an outline; it is known to within the band in which it is looked for.
    of_medial_rim = float(np.hypot(sigma, RIM_TOLERANCE_MM / 3**0.5))
    of_lateral_rim = AUTOMATIC_RIM_MM if is_automatic and rims.method == CONTENTS else sigma
    measures = {
        "exophthalmos_difference": _difference(forward[Side.RIGHT], forward[Side.LEFT]),
        "interpupillary_distance": distance_between(middles, no_lens, sigma / 2, rims.frame),
        "interorbital_distance": distance_between(_medial_rims(shapes, rims, cut), _why_no_medial_rims(shapes, cut),
                                                  of_medial_rim, rims.frame, _("medial rims")),
        "interzygomatic_distance": distance_between(rims.points, why_no_rims(rims), of_lateral_rim, rims.frame,
                                                    rims.method),
    }
    for name, measured in measures.items():
        yield Row(HEAD, None, name, measured)


def _difference(right: Measured, left: Measured) -> Measured:
    """Return the difference in exophthalmos, if both sides were measured by the same method."""
    if None not in (right.value, left.value) and right.method != left.method:
        return Measured.missing(OTHER_FRONTS)
    return difference(right, left)


def _medial_rims(shapes: Mapping[Side, OrbitShapes], rims: Rims, cut: Collection[int]) -> dict[Side, np.ndarray]:
    found = {}
    for side, orbit in shapes.items():
        whole = orbit.has("eyeball") and orbit.cavity and not _is_cut(side, cut)
        edges = cavity_edges(orbit.cavity, orbit, rims.frame) if whole else None
        if edges:
            found[side] = edges["medial"]
    return found


def _why_no_medial_rims(shapes: Mapping[Side, OrbitShapes], cut: Collection[int]) -> str:
    lacking = (orbit.why_lacking("eyeball") for orbit in shapes.values())
    cut_off = CUT_ORBIT if any(_is_cut(side, cut) for side in shapes) else ""
    return next(filter(None, lacking), "") or cut_off or _(
        "orbital fat or bony orbit of both sides are not in the label map.")


def _is_cut(side: Side, cut: Collection[int]) -> bool:
    """Return whether the scan ends within what shows the walls of an orbit."""
    return any(label_value(key, side) in cut for key in LOOSE)

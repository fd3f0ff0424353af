"""New values of a measure whose points the user has moved."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from NeuroOrbitLib.measurements.calliper import polygon_area
from NeuroOrbitLib.measurements.codes import quantity
from NeuroOrbitLib.measurements.rows import HEAD, Measured, Place, Row
from NeuroOrbitLib.sentences import sentence as _

#: Quantities whose value does not follow from the points of their place.
_NOT_FROM_PLACE = ("barrett_horizontal", "barrett_vertical", "tortuosity", "apical_crowding", "crowding_grade",
                   "signal_hottest")
#: The quantity whose line has a way: an eye that lies behind the rims has a negative value.
_SIGNED = "exophthalmos"
EDITED = "drawn by the user"
#: Mark beside a value that the user has drawn.
EDITED_MARK = "✎"
NO_ARM = _("the corner of the angle lies on one of its ends; drag them apart.")
#: A shorter arm (mm) of an angle points nowhere.
_SHORTEST_MM = 1e-3
#: Tolerance within which a matrix counts as a rotation.
_RIGID = 1e-4


def can_be_edited(row: Row) -> bool:
    """Return whether moving the points of a row's place changes its value."""
    place = row.measured.place
    return place is not None and place.kind in ("line", "polyline", "angle") and row.quantity not in _NOT_FROM_PLACE


def are_comparable(first: Measured, second: Measured) -> bool:
    """Return whether two values were measured by the same method, or the user has drawn one of them."""
    return first.method == second.method or EDITED in (first.method, second.method)


def edited(row: Row, points: np.ndarray, automatic: Measured | None = None) -> Measured:
    """Return the measure after its points were moved; it has no uncertainty, since the user placed the points by eye.

    :param row: measure before the points were moved.
    :param points: (N, 3) RAS mm: end points of a line, points of an outline or a curve, or end, corner, end.
    :param automatic: what was measured before the user changed it; by default the row's measure. It says which way an
        eye stands in front of the rims, and which way behind them.
    :return: without a value, and with the reason, while the points are not apart enough to give one.
    :raises ValueError: for a row that cannot be edited.
    """
    if not can_be_edited(row):
        raise ValueError(f"{row.name} does not follow from the points at which it is shown.")
    before = row.measured
    points = np.asarray(points, dtype=float)
    place, value = Place(before.place.kind, points, before.place.normal), _size(row, points)
    if value is None:
        return Measured(None, None, place, reason=NO_ARM)
    if row.quantity == _SIGNED:
        value *= _way(automatic or before, points)
    return Measured(value, None, place, EDITED)


def _way(measured: Measured, points: np.ndarray) -> int:
    """1 for a line that points where a positive value of a measure points, -1 for one that points the other way."""
    forward = np.diff(measured.place.points, axis=0)[0] * math.copysign(1.0, measured.value)
    return -1 if np.diff(points, axis=0)[0] @ forward < 0 else 1


def carried(row: Row, matrix: np.ndarray) -> Measured:
    """Return the user's measure after the patient was moved, between the same points of the patient.

    :param row: measure that the user has edited.
    :param matrix: (4, 4) from the previous to the present RAS coordinates of the patient. Only a matrix that is not
        rigid changes the value.
    :raises ValueError: for a row that cannot be edited.
    """
    linear, before = matrix[:3, :3], row.measured
    after = edited(row, before.place.points @ linear.T + matrix[:3, 3])
    normal = before.place.normal
    if normal is not None:
        normal = normal @ np.linalg.inv(linear)
        normal = normal / np.linalg.norm(normal)
    value, is_rigid = before.value, np.allclose(linear @ linear.T, np.eye(3), atol=_RIGID)
    if value is not None and not is_rigid:
        value = math.copysign(after.value, value)
    return replace(before, value=value, place=replace(after.place, normal=normal))


def derived(rows: Sequence[Row]) -> Iterator[tuple[int, Measured, tuple[int, int]]]:
    """Yield each row that is computed from two others: its number, its new measure, and the numbers of the two rows."""
    from NeuroOrbitLib.measurements.exophthalmos import difference  # not needed before a value is edited

    numbers = {row.key: number for number, row in enumerate(rows)}
    place = numbers.get((HEAD, "", "exophthalmos_difference"))
    eyes = [number for number, row in enumerate(rows) if row.quantity == "exophthalmos"]
    if place is not None and len(eyes) == 2:
        yield place, replace(difference(*(rows[eye].measured for eye in eyes)), method=EDITED), tuple(eyes)


def _size(row: Row, points: np.ndarray) -> float | None:
    """Length, area or angle of points; None of an angle whose corner lies on one of its ends."""
    unit = quantity(row.quantity).unit
    if unit == "°":
        arms = points[[0, 2]] - points[1]
        lengths = np.linalg.norm(arms, axis=1)
        if lengths.min() < _SHORTEST_MM:
            return None
        cosine = arms[0] @ arms[1] / np.prod(lengths)
        return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
    if unit == "mm²":
        middle = points.mean(axis=0)
        axes = np.linalg.svd(points - middle, full_matrices=False)[2][:2]
        return polygon_area((points - middle) @ axes.T)
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())

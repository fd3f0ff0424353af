"""Measures of one structure or finding as a group of a structured report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side, label_name, label_value, structure
from NeuroOrbitLib.anatomy.terminology import SCHEME
from NeuroOrbitLib.measurements.codes import Code, Quantity, quantity
from NeuroOrbitLib.measurements.rows import HEAD, Measured, Row

_HEAD = Code("69536005", SCHEME, "Head")
_STRUCTURE = Code("123037004", SCHEME, "Anatomical Structure")


@dataclass(frozen=True)
class GroupMeasure:
    """A measure with a value.

    :param key: identifier of the measure within its group.
    :param quantity: the quantity measured.
    :param measured: value, uncertainty and place of the measure.
    """

    key: str
    quantity: Quantity
    measured: Measured


@dataclass(frozen=True)
class Group:
    """A structure or finding with its measures.

    :param name: identifier of the structure or finding, e.g. "right_medial_rectus".
    :param category, finding: codes of its category and type.
    :param measures: measures, at least one.
    :param site, side: its place; no site if the finding's code already implies it.
    :param segment: label of the segment that shows it; "" if none does.
    :param traits: qualitative properties, each a pair of codes for question and answer.
    :param only_in: identifier of the object within which ``name`` is valid; "" if it is valid in all studies of a
        patient.
    """

    name: str
    category: Code
    finding: Code
    measures: tuple[GroupMeasure, ...]
    site: Code | None = None
    side: Side | None = None
    segment: str = ""
    traits: tuple[tuple[Code, Code], ...] = ()
    only_in: str = ""


def orbit_groups(rows: Iterable[Row]) -> list[Group]:
    """Return the measures of orbits by structure and side; measures without a value are left out."""
    measured = [row for row in rows if row.value is not None and np.isfinite(row.value)]
    return [_orbit_group(list(members)) for _, members in groupby(sorted(measured, key=_order), key=_order)]


def _order(row: Row) -> tuple[str, str]:
    return row.structure, row.side.value if row.side else ""


def _orbit_group(rows: list[Row]) -> Group:
    first = rows[0]
    measures = tuple(GroupMeasure(row.quantity, quantity(row.quantity), row.measured) for row in rows)
    if first.structure == HEAD:
        return Group(f"{first.side.value}_{HEAD}" if first.side else HEAD, _STRUCTURE, _HEAD, measures)
    what = structure(first.structure)
    code = Code(what.code, SCHEME, what.meaning)
    return Group(f"{first.side.value}_{first.structure}" if first.side else first.structure, _STRUCTURE, code, measures,
                 code, first.side, label_name(label_value(first.structure, first.side)))

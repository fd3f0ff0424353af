"""Values of a patient's columns that are already known, from the scan's DICOM fields or measured on a scan."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from NeuroOrbitLib.classifiers.columns import Column
from NeuroOrbitLib.dicom.patient import age_of, sex_of
from NeuroOrbitLib.sentences import sentence as _


@dataclass(frozen=True)
class Prefilled:
    """A value that the user need not type.

    :param value: value in the column's unit.
    :param source: origin of the value as shown to the user, e.g. ``"DICOM"``.
    """

    value: float
    source: str


def from_dicom(tags: Mapping[str, str]) -> dict[str, Prefilled]:
    """Return ``age`` (years) and ``sex`` (1 for male) from DICOM fields, without those missing or unreadable.

    :param tags: DICOM fields by name, see :mod:`NeuroOrbitLib.dicom.patient`.
    """
    found = {}
    age, sex = age_of(tags), sex_of(tags)
    if age is not None:
        found["age"] = Prefilled(age, "DICOM")
    if sex:
        found["sex"] = Prefilled(float(sex == "male"), "DICOM")
    return found


def from_both_sides(name: str, values: Sequence[float | None]) -> dict[str, Prefilled]:
    """Return a measurement of the worse side, the side with the larger value; empty if neither is known.

    :param name: name of the column.
    :param values: measurement of each side in the column's unit; None or NaN where missing.
    """
    known = [float(value) for value in values if value is not None and math.isfinite(value)]
    return {name: Prefilled(round(max(known), 1), _("measured on the scan"))} if known else {}


def prefilled(columns: Sequence[Column], shipped: Sequence[Column], *sources: Mapping[str, Prefilled]) -> dict[
        str, Prefilled]:
    """Return the known values of columns, without those that are impossible or mean something else in a column.

    :param columns: columns to fill in, which may be the user's own.
    :param shipped: columns whose units and words the sources use.
    :param sources: known values by column; earlier sources take precedence.
    """
    found: dict[str, Prefilled] = {}
    meant = {column.name: column for column in shipped}
    for column in columns:
        given = next((source[column.name] for source in sources if column.name in source), None)
        if given is not None and column.means_the_same(meant.get(column.name)) and column.can_be(given.value):
            found[column.name] = given
    return found

"""Reads the measures of structured reports (TID 1500) of this product, or of another that uses the same codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib.anatomy.structures import STRUCTURES, Side
from NeuroOrbitLib.dicom.concepts import short_value
from NeuroOrbitLib.dicom.result_files import REPORTS, damage_named, read_result
from NeuroOrbitLib.measurements.codes import QUANTITIES
from NeuroOrbitLib.measurements.rows import HEAD, Measured, Row
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from pydicom import Dataset

_MEASURED = {HEAD, *(one.key for one in STRUCTURES)}
_QUANTITY_CODES = {short_value(key.upper()) for key in QUANTITIES}
_TRACKING, _UPPER, _METHOD, _COMMENT = "112039", "371886008", "370129005", "121106"
_RAS_FROM_LPS = np.array([-1.0, -1.0, 1.0])


@dataclass(frozen=True)
class ReadMeasure:
    """A measure with a value.

    :param group: name of what was measured, e.g. "right_eyeball".
    :param key: name of the measure within its group, e.g. "volume".
    :param spread: uncertainty, one standard deviation; ``None`` if it is not given.
    :param method: text of the measurement method; "" if it is only the quantity's name.
    :param points: points (N, 3) at which the measure was taken, RAS mm; (0, 3) if they are not given.
    """

    group: str
    key: str
    value: float
    spread: float | None
    method: str
    points: np.ndarray


@dataclass(frozen=True)
class ReadGroup:
    """Measures that belong together.

    :param name: identifier of what was measured; "" if there is none.
    :param measures: measures with a value.
    :param note: comments, joined into one text.
    :param traits: code values of the answers, by code values of the questions.
    """

    name: str
    measures: tuple[ReadMeasure, ...]
    note: str
    traits: Mapping[str, str]


def read_groups(path: Path) -> list[ReadGroup]:
    """Read the groups of measures in a structured report; groups without any measure are left out.

    :raises Problem: if the file is no structured report, or is damaged.
    """
    dataset = read_result(path, REPORTS, _("{name} is no structured report."))
    with damage_named(path):
        groups = [_group(item) for item in [dataset, *_items(dataset)]]
    return [group for group in groups if group.measures]


def read_measurements(path: Path) -> list[Row]:
    """Read the measures of orbits in a structured report that this product wrote.

    :raises Problem: if the file is no such report.
    """
    rows = [row for group in read_groups(path) for measure in group.measures for row in _rows(measure, group.note)]
    if not rows:
        raise Problem(_("{name} holds no measures of orbits that this product wrote.").format(name=path.name))
    return rows


def _rows(measure: ReadMeasure, note: str) -> Iterator[Row]:
    """Yield the measure as a row; nothing if it is from another product, or not of an orbit."""
    side_name, _underscore, rest = measure.group.partition("_")
    side = Side(side_name) if side_name in (one.value for one in Side) else None
    key = rest if side else measure.group
    if measure.key in QUANTITIES and key in _MEASURED:
        yield Row(key, side, measure.key, Measured(measure.value, measure.spread, method=measure.method, note=note))


def _items(dataset: Dataset) -> Iterator[Dataset]:
    for item in dataset.get("ContentSequence") or []:
        yield item
        yield from _items(item)


def _group(item: Dataset) -> ReadGroup:
    """Return the measures, comments and answers directly below a content item."""
    items = [(_concept(child), child) for child in item.get("ContentSequence") or []]
    texts = [(concept, str(child.get("TextValue", ""))) for concept, child in items if child.ValueType == "TEXT"]
    answers = {concept: str(child.ConceptCodeSequence[0].get("CodeValue")) for concept, child in items
               if child.ValueType == "CODE" and child.get("ConceptCodeSequence")}
    measures = (_measure(child) for _concept_value, child in items if child.ValueType == "NUM")
    return ReadGroup(next((text for concept, text in texts if concept == _TRACKING), ""),
                     tuple(measure for measure in measures if measure is not None),
                     " ".join(text for concept, text in texts if concept == _COMMENT), answers)


def _measure(item: Dataset) -> ReadMeasure | None:
    """Return the measure in a numeric content item; None without a value."""
    children = {_concept(child): child for child in item.get("ContentSequence") or []}
    name = str(children[_TRACKING].get("TextValue", "")) if _TRACKING in children else ""
    value = _number(item)
    if value is None:
        return None
    group, _dot, key = name.partition(".")
    return ReadMeasure(group, key, value, _number(children[_UPPER]) if _UPPER in children else None,
                       _method_text(children.get(_METHOD), children.get(_COMMENT)), _points(item))


def _concept(item: Dataset) -> str:
    """Return the value of the code that names a content item; "" without one."""
    names = item.get("ConceptNameCodeSequence")
    return str(names[0].get("CodeValue")) if names else ""


def _points(item: Dataset) -> np.ndarray:
    """Return the points (N, 3) at which a measure was taken, RAS mm."""
    found = [child.GraphicData for child in item.get("ContentSequence") or [] if child.ValueType == "SCOORD3D"]
    return np.array(found[0] if found else [], dtype=float).reshape(-1, 3) * _RAS_FROM_LPS


def _method_text(item: Dataset | None, comment: Dataset | None) -> str:
    """Return the text of a measurement method; "" if it is only the quantity's name.

    :param item: the method as a code.
    :param comment: comment of the measure, which holds the method in full if the code's meaning is its beginning.
    """
    if item is None:
        return ""
    code = item.ConceptCodeSequence[0]
    value = str(code.get("CodeValue"))
    if value in _QUANTITY_CODES:
        return ""
    cut, whole = str(code.CodeMeaning), "" if comment is None else str(comment.get("TextValue", ""))
    return whole if whole.startswith(cut) else cut


def _number(item: Dataset) -> float | None:
    measured = item.get("MeasuredValueSequence")
    if not measured:
        return None
    value = measured[0].get("FloatingPointValue")
    return float(measured[0].NumericValue if value is None else value)

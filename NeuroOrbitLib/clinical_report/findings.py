"""Findings as sentences, made by rule from measures; a reader may edit them."""

from __future__ import annotations

from collections.abc import Sequence

from NeuroOrbitLib.anatomy.structures import structure
from NeuroOrbitLib.measurements.codes import quantity
from NeuroOrbitLib.measurements.normal import (
    Judgement,
    NormalTable,
    SideDifference,
    judge_all,
    side_differences,
    with_volumes,
)
from NeuroOrbitLib.measurements.rows import HEAD, Row
from NeuroOrbitLib.number_text import fixed
from NeuroOrbitLib.sentences import Sentence, capitalized
from NeuroOrbitLib.sentences import sentence as _

#: Differences between the sides that are reported: those of these quantities that exceed this share of their mean,
_COMPARED = ("greatest_diameter", "volume", "sheath_diameter_3mm")
_SHARE = 0.15
#: and those of positions that exceed this distance (mm); a share says nothing, since a position may be 0 or negative.
_POSITIONS = {"exophthalmos": 2.0}
#: Share of the smallest normal volume below which the structure was probably not outlined completely.
_TINY = 1 / 3


def judgements_of(rows: Sequence[Row], table: NormalTable | None, modality: str) -> list[Judgement | None]:
    """Return the comparison of each row with the chosen table, or for other volumes with all published groups.

    :param rows: all measures.
    :param table: normative table that was chosen; ``None`` without one.
    :param modality: modality of the scan, "CT" or "MRI".
    :raises Problem: if the table is of another modality.
    """
    return with_volumes(rows, judge_all(rows, table, modality) if table else [None] * len(rows))


def findings_of(rows: Sequence[Row], judgements: Sequence[Judgement | None]) -> list[Sentence]:
    """Return a sentence about each value outside of its published range, and about differences between the sides.

    Both sides share a sentence if the same is true of both. Values outside by less than their uncertainty come after
    the others, and their sentences say so.

    :param rows: all measures.
    :param judgements: comparison of each row with normal values; ``None`` if it was not compared.
    """
    outside = _outside(rows, judgements)
    found = sorted((_sentence(pair) for pair in outside), key=lambda sentence: sentence[0])
    told = [sentence for _borderline, sentence in found]
    if not told:
        compared = sum(judged is not None and bool(judged.level) for judged in judgements)
        told = [_("None of the {count} values that could be compared lies outside of its published range.").format(
            count=compared)] if compared else [_("The values were not compared with published ranges.")]
    return [*told, *(_unequal(one) for one in side_differences(rows) if _is_told(one))]


def _outside(rows: Sequence[Row], judgements: Sequence[Judgement | None]) -> list[list[tuple[Row, Judgement]]]:
    """Return the values outside of their published ranges; both sides together if they share a sentence."""
    found: dict[tuple, list[tuple[Row, Judgement]]] = {}
    for row, judged in zip(rows, judgements, strict=True):
        if judged is not None and judged.level in ("high", "low"):
            key = (row.structure, row.quantity, judged.level, _is_borderline(row, judged), _is_tiny(row, judged))
            found.setdefault(key, []).append((row, judged))
    return [*found.values()]


def _is_borderline(row: Row, judged: Judgement) -> bool:
    """Return whether a value is outside of its range by less than its uncertainty."""
    low, high = judged.normal.limits
    return max(low - row.value, row.value - high) < (row.measured.uncertainty or 0.0)


def _is_tiny(row: Row, judged: Judgement) -> bool:
    return row.quantity == "volume" and row.value < _TINY * judged.normal.limits[0]


def _sentence(pair: Sequence[tuple[Row, Judgement]]) -> tuple[bool, Sentence]:
    """Return whether the value of one side, or of both, is borderline, and the sentence about it."""
    row, judged = pair[0]
    decimals, limits = quantity(row.quantity).decimals, judged.normal.limits
    range_ = _("{low} to {high} {unit} ({source})").format(
        low=f"{limits[0]:.{decimals}f}", high=f"{limits[1]:.{decimals}f}", unit=row.unit, source=judged.source)
    values = {"value": _values(pair, decimals), "range": range_}
    borderline = _is_borderline(row, judged)
    if _is_tiny(row, judged):
        told = _("{value}, far below the published range of {range}: look whether its outline is right.")
    elif borderline:
        told = (_("{value}, above the published range of {range}, though within the uncertainty of the measurement.")
                if judged.level == "high" else
                _("{value}, below the published range of {range}, though within the uncertainty of the measurement."))
    else:
        told = (_("{value}, above the published range of {range}.") if judged.level == "high"
                else _("{value}, below the published range of {range}."))
    return borderline, told.format(**values)


def _values(pair: Sequence[tuple[Row, Judgement]], decimals: int) -> Sentence:
    row = pair[0][0]
    if len(pair) == 1:
        return _("{name} {value} {unit}").format(name=row.name, value=fixed(row.value, decimals), unit=row.unit)
    right, left = (fixed(one.value, decimals) for one, _judged in pair)
    name = _("{structure}: {quantity}").format(structure=structure(row.structure).name,
                                               quantity=quantity(row.quantity).name)
    return _("{name} {right} {unit} on the right and {left} {unit} on the left").format(
        name=capitalized(name), right=right, left=left, unit=row.unit)


def _is_told(difference: SideDifference) -> bool:
    if difference.quantity in _POSITIONS:
        large = abs(difference.difference) > _POSITIONS[difference.quantity]
    else:
        large = difference.quantity in _COMPARED and abs(difference.relative) > _SHARE
    return bool(difference.beyond_noise) and large


def _unequal(difference: SideDifference) -> Sentence:
    words = quantity(difference.quantity)
    name = words.name if difference.structure == HEAD else _("{structure}: {quantity}").format(
        structure=structure(difference.structure).name, quantity=words.name)
    values = {"name": capitalized(name), "value": f"{abs(difference.difference):.{words.decimals}f}",
              "unit": words.unit}
    if difference.quantity in _POSITIONS:
        return (_("{name} is {value} {unit} larger on the right than on the left, more than the uncertainty of the "
                  "measurement explains.")
                if difference.difference > 0 else
                _("{name} is {value} {unit} larger on the left than on the right, more than the uncertainty of the "
                  "measurement explains.")
                ).format(**values)
    values["percent"] = f"{100 * difference.excess:.0f}"
    if difference.difference > 0:
        return _("{name} is {value} {unit} ({percent} %) larger on the right than on the left, more than the "
                 "uncertainty of the measurement explains.").format(**values)
    return _("{name} is {value} {unit} ({percent} %) larger on the left than on the right, more than the uncertainty "
             "of the measurement explains.").format(**values)

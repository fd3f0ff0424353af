"""Findings as sentences, made by rule from measures; a reader may edit them."""

from __future__ import annotations

from collections.abc import Sequence

from NeuroOrbitLib.anatomy.structures import structure
from NeuroOrbitLib.measurements.codes import quantity
from NeuroOrbitLib.measurements.normal import Judgement, SideDifference, side_differences
from NeuroOrbitLib.measurements.rows import HEAD, Row
from NeuroOrbitLib.number_text import fixed
from NeuroOrbitLib.sentences import Sentence, capitalized
from NeuroOrbitLib.sentences import sentence as _

#: Differences between the sides that are told: of these quantities, and larger than this share of their mean.
_COMPARED = ("greatest_diameter", "volume", "exophthalmos", "sheath_diameter_3mm")
_SHARE = 0.15


def findings_of(rows: Sequence[Row], judgements: Sequence[Judgement | None]) -> list[Sentence]:
    """Return a sentence about each value outside of its published range, and about differences between the sides.

    :param judgements: how each row compares with a normative table; None where it does not.
    """
    found = [_outside(row, judged) for row, judged in zip(rows, judgements, strict=True)
             if judged is not None and judged.level in ("high", "low")]
    if not found:
        compared = sum(judged is not None and bool(judged.level) for judged in judgements)
        found = [_("None of the {count} values that could be compared lies outside of its published range.").format(
            count=compared)] if compared else [_("The values were not compared with published ranges.")]
    return [*found, *(_unequal(one) for one in side_differences(rows) if _is_told(one))]


def _outside(row: Row, judged: Judgement) -> Sentence:
    decimals, limits = quantity(row.quantity).decimals, judged.normal.limits or (float("nan"), float("nan"))
    values = {"name": row.name, "value": fixed(row.value, decimals), "unit": row.unit,
              "low": f"{limits[0]:.{decimals}f}", "high": f"{limits[1]:.{decimals}f}", "source": judged.source}
    if judged.level == "high":
        return _("{name} {value} {unit}, above the published range of {low} to {high} {unit} ({source}).").format(
            **values)
    return _("{name} {value} {unit}, below the published range of {low} to {high} {unit} ({source}).").format(**values)


def _is_told(difference: SideDifference) -> bool:
    large = abs(difference.relative) > _SHARE
    return difference.quantity in _COMPARED and bool(difference.beyond_noise) and large


def _unequal(difference: SideDifference) -> Sentence:
    words = quantity(difference.quantity)
    name = words.name if difference.structure == HEAD else _("{structure}: {quantity}").format(
        structure=structure(difference.structure).name, quantity=words.name)
    values = {"name": capitalized(name), "value": f"{abs(difference.difference):.{words.decimals}f}",
              "unit": words.unit, "percent": f"{abs(100 * difference.relative):.0f}"}
    if difference.difference > 0:
        return _("{name} is {value} {unit} ({percent} %) larger on the right than on the left, more than measuring "
                 "explains.").format(**values)
    return _("{name} is {value} {unit} ({percent} %) larger on the left than on the right, more than measuring "
             "explains.").format(**values)

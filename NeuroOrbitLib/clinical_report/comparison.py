"""Comparison with an earlier scan in a report: measures that changed by more than repeated measurements vary."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from NeuroOrbitLib.measurements.changes import VERDICTS
from NeuroOrbitLib.measurements.codes import quantity
from NeuroOrbitLib.measurements.rows import HEAD, Row, by_key
from NeuroOrbitLib.number_text import fixed, signed, with_band
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import Sentence
from NeuroOrbitLib.sentences import sentence as _

_CHANGED = ("increased", "decreased")
#: Largest relative difference between a volume of a comparison's last scan and the same volume measured again.
_LARGEST_DIFFERENCE = 0.01


def comparison_sentences(comparison: Mapping[str, Any] | None) -> list[Sentence]:
    """Return one sentence for each measure that changed, and one with the number of those that did not.

    :param comparison: ``changes``, as :meth:`NeuroOrbitLib.measurements.changes.Change.as_data` returns them, and, if
        known, the days of the two scans as ``first`` and ``second``; ``None`` without a comparison.
    :raises Problem: if the data are of another form.
    """
    if comparison is None:
        return []
    try:
        known = [change for change in comparison["changes"] if change["verdict"]]
        told = [_changed(change) for change in known if change["verdict"] in _CHANGED]
    except (KeyError, TypeError, ValueError) as error:
        raise Problem(_("The comparison with the earlier scan cannot be read. Compare again.")) from error
    days = [comparison.get(name) for name in ("first", "second")]
    start = [_("Scan of {second} compared with that of {first}.").format(first=days[0], second=days[1])] \
        if all(days) else []
    others = len(known) - len(told)
    return [*start, *told, _rest(others, bool(told))]


def _rest(count: int, is_rest: bool) -> Sentence:
    if is_rest:
        return _("Other measures whose change is within the variation of the measurement: {count}.").format(count=count)
    return _("No measure changed by more than the variation of the measurement; compared: {count}.").format(count=count)


def _changed(change: Mapping[str, Any]) -> Sentence:
    words = quantity(change["quantity"])
    difference, band = with_band(change["difference"], change["band"], words.decimals)
    values = {"name": change["name"], "unit": words.unit, "first": fixed(change["first"], words.decimals),
              "second": fixed(change["second"], words.decimals),
              "difference": difference, "band": band, "verdict": VERDICTS[change["verdict"]]}
    if change["percent"] is None or change["structure"] == HEAD:
        return _("{name} {verdict} from {first} to {second} {unit} ({difference} {unit}; variation of the measurement "
                 "{band} {unit}).").format(**values)
    return _("{name} {verdict} from {first} to {second} {unit} ({difference} {unit}, {percent} %; variation of the "
             "measurement {band} {unit}).").format(**values, percent=signed(change["percent"], 0))


def read_comparison(path: Path) -> dict[str, Any]:
    """Return the changes in a file that ``compare --json`` wrote, reduced to the main measures and those that changed.

    :return: ``changes``, and the name of the file as ``file``, see :func:`check_is_of`.
    :raises Problem: if the file cannot be read.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {"changes": main_changes(data["changes"]), "file": path.name}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(_("The comparison {path} cannot be read. Give the file that 'compare --json' wrote.").format(
            path=str(path))) from error


def check_is_of(rows: Sequence[Row], comparison: Mapping[str, Any] | None) -> None:
    """Refuse a comparison from a file whose last scan is another than that of the report, or had other labels.

    :param rows: measures of the report.
    :param comparison: see :func:`comparison_sentences`; only one with ``file``, from :func:`read_comparison`, is
        checked.
    :raises Problem: naming a volume that differs.
    """
    if comparison is None or "file" not in comparison:
        return
    known = by_key(rows)
    for change in comparison["changes"]:
        row, then = known.get((change["structure"], change.get("side") or "", change["quantity"])), change.get("second")
        if row is None or row.value is None or "volume" not in row.quantity or not isinstance(then, float):
            continue
        if abs(row.value - then) > _LARGEST_DIFFERENCE * max(row.value, then):
            raise Problem(_("The comparison {file} does not end with this scan and these labels: {measure} is "
                            "{then:.2f} ml in it, here {now:.2f} ml. Compare again, with this scan last.").format(
                file=comparison["file"], measure=row.name, then=then, now=row.value))


def main_changes(changes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the changes of the main measures, and of all others that increased or decreased."""
    from NeuroOrbitLib.measurements.pairs import Pair

    return [change for change in changes
            if change["verdict"] in _CHANGED or Pair(change["structure"], change["quantity"]).is_main]

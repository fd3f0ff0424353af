"""The texts of an answer's report: the estimate, its limits, the lesions and the criteria."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from NeuroDifferentialLib.criteria import is_fulfilled
from NeuroDifferentialLib.differential.words import BRAIN_ONLY, decision_text
from NeuroDifferentialLib.places.regions import REGION_WORDS, Region
from NeuroOrbitLib.classifiers.report import ReportTable, ReportWords
from NeuroOrbitLib.classifiers.wording import limit_lines, percent
from NeuroOrbitLib.number_text import signed, with_change
from NeuroOrbitLib.sentences import Sentence, joined
from NeuroOrbitLib.sentences import sentence as _

#: Largest number of lesions in a report's table of effects.
_MOST_EFFECTS = 12


def report_words(record: Mapping[str, object], edited: Mapping[str, bool] | None = None,
                 effects: Sequence[Mapping[str, object]] = (),
                 changes: Mapping[str, object] | None = None) -> ReportWords:
    """Return the texts of a result's report.

    :param record: record of the result, see :func:`NeuroDifferentialLib.run_differential.classify_lesions`.
    :param edited: criteria that the reader has ticked or unticked, by ``"set: box"``; none by default.
    :param effects: effect of each lesion on the answer, the largest first, if it was explained.
    :param changes: changes since an earlier visit, see :func:`NeuroDifferentialLib.run_differential.compare_lesions`.
    """
    tables = [_totals(record), _lesions(record), _criteria(record["criteria"], edited or {}), _effects(effects),
              _changes(changes)]
    return ReportWords(_("NMOSD or MS by the lesions of the brain"), _lines(record),
                       _("The lesions as the classifier saw them, from below to above"), lambda _explanation: "",
                       [table for table in tables if table is not None and table.rows], outlined=True)


def _lines(record: Mapping[str, object]) -> list[tuple[str, str]]:
    probability = record["probability_of_nmosd"]
    if probability is None:
        return [(_("Lesions"), _("none found; no estimate")), (_("Limits"), BRAIN_ONLY)]
    novelty = record.get("novelty")
    words = _("unlike those of the training") if novelty and novelty["unusual"] else _("like those of the training")
    text = {**novelty, "text": words} if novelty else None
    return [(_("Probability"), _("{percent} for NMOSD").format(percent=percent(probability))),
            (_("Lesions"), lesions_text(record)), (_("Limits"), BRAIN_ONLY),
            *limit_lines({**record, "novelty": text}, decision_text(record))]


def lesions_text(record: Mapping[str, object]) -> Sentence:
    """Return a text with number, volume and share of the lesions of a result."""
    return _("{count}, {volume} ml, {share} % of the intracranial volume").format(
        count=record["lesion_count"], volume=f"{record['volume_ml']:.2f}",
        share=f"{record['percent_of_intracranial']:.2f}")


def places_text(record: Mapping[str, object]) -> Sentence:
    """Return a text with the number of lesions in each region; empty for records of earlier versions."""
    counted = [_("{place} {count} ({volume} ml)").format(
        place=REGION_WORDS[Region(name)], count=each["count"], volume=f"{each['volume_ml']:.2f}")
        for name, each in record.get("regions", {}).items() if each["count"]]
    return joined(counted, ", ")


def _totals(record: Mapping[str, object]) -> ReportTable:
    rows = [[REGION_WORDS[Region(name)], str(each["count"]), f"{each['volume_ml']:.2f}"]
            for name, each in record.get("regions", {}).items() if each["count"]]
    return ReportTable(_("Lesions by place"), [_("Place"), _("Lesions"), _("Volume (ml)")], rows)


def _lesions(record: Mapping[str, object]) -> ReportTable:
    header = [_("Lesion"), _("Place"), _("Volume (mm3)"), _("Diameter (mm)"), _("Elongation"), _("Angle (°)"),
              _("To ventricle (mm)"), _("To cortex (mm)")]
    rows = [[str(row["lesion"]), REGION_WORDS[Region(row["region"])], f"{row['volume_mm3']:.0f}",
             f"{row['diameter_mm']:.1f}", f"{row['elongation']:.1f}", _number(row["ventricle_angle_deg"], 0),
             _number(row["to_lateral_ventricle_mm"], 1), _number(row["to_cortex_mm"], 1)]
            for row in record["lesions"]]
    return ReportTable(_("Lesions"), header, rows, _(
        "Confluent lesions are split first. The angle is that between the long axis and the surface of the nearest "
        "lateral ventricle; 90 is perpendicular."))


def _criteria(criteria: Sequence[Mapping[str, object]], ticks: Mapping[str, bool]) -> ReportTable:
    rows = [row for each in criteria for row in _of_set(each, ticks)]
    return ReportTable(_("Criteria"), [_("Criteria"), _("Feature"), _("Brain MRI")], rows, _(
        "Computed from the lesions; what brain MRI cannot tell is left open unless the reader has decided it."))


def _of_set(criteria: Mapping[str, object], ticks: Mapping[str, bool]) -> list[list[Sentence | str]]:
    """Return the row of a set of criteria, with whether it is fulfilled, and a row for each of its boxes."""
    edited = [ticks.get(f"{criteria['name']}: {box['name']}") for box in criteria["boxes"]]
    computed = [bool(box["fulfilled"]) for box in criteria["boxes"]]
    now = [was if tick is None else tick for was, tick in zip(computed, edited, strict=True)]
    changed = now != computed and "ways" in criteria  # results of earlier versions lack them
    fulfilled = is_fulfilled(criteria["ways"], now) if changed else criteria["fulfilled"]
    if changed:
        told = _("fulfilled, as changed by the reader") if fulfilled else _("not fulfilled, as changed by the reader")
    else:
        told = _("fulfilled") if fulfilled else _("not fulfilled")
    boxes = [["", str(box["name"]), _state(box, tick)] for box, tick in zip(criteria["boxes"], edited, strict=True)]
    return [[str(criteria["name"]), str(criteria["note"]), told], *boxes]


def _effects(effects: Sequence[Mapping[str, object]]) -> ReportTable:
    rows = [[str(row["lesion"]), REGION_WORDS[Region(row["region"])], signed(100 * row["change"], 1),
             signed(100 * row["beyond_volume"], 1)] for row in effects[:_MOST_EFFECTS]]
    return ReportTable(_("What each lesion changes"), [_("Lesion"), _("Place"), _("Change (points)"),
                                                       _("Beyond its volume (points)")], rows, _(
        "Probability of NMOSD with the lesion minus that without it, in percentage points: above 0 it speaks for "
        "NMOSD, below 0 for MS. The largest effects beyond the lesion's volume come first."))


def _changes(changes: Mapping[str, object] | None) -> ReportTable | None:
    if changes is None:
        return None
    words = {"new": _("New lesions"), "grown": _("Grown lesions"), "shrunk": _("Shrunk lesions"),
             "vanished": _("Vanished lesions"), "stable": _("Stable lesions")}
    before, after, change, noise = with_change(changes["before_ml"], changes["after_ml"], changes["noise_ml"], 2)
    rows = [[_("Volume before (ml)"), before], [_("Volume now (ml)"), after], [_("Change (ml)"), change],
            [_("A smaller change means nothing (ml)"), noise],
            *([title, str(changes[name])] for name, title in words.items())]
    return ReportTable(_("Since the earlier visit"), ["", ""], rows)


def _number(value: float | None, decimals: int) -> str:
    return "" if value is None else f"{value:.{decimals}f}"


def _state(box: Mapping[str, object], edited: bool | None = None) -> Sentence | str:
    if edited is not None and edited != bool(box["fulfilled"]):
        return _("yes, changed by the reader") if edited else _("no, changed by the reader")
    if box["cannot_tell"]:
        return str(box["cannot_tell"])
    numbers = ", ".join(map(str, box["lesions"]))
    return _("yes, lesions {numbers}").format(numbers=numbers) if box["fulfilled"] else _("no")

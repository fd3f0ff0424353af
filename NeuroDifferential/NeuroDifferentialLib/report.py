"""What the report of an answer says: the estimate, its limits, the lesions and the criteria."""

from __future__ import annotations

from collections.abc import Mapping

from NeuroDifferentialLib.differential.words import BRAIN_ONLY, decision_text
from NeuroDifferentialLib.places.regions import REGION_WORDS, Region
from NeuroOrbitLib.classifiers.report import ReportTable, ReportWords
from NeuroOrbitLib.classifiers.wording import limit_lines, percent
from NeuroOrbitLib.sentences import Sentence
from NeuroOrbitLib.sentences import sentence as _


def report_words(record: Mapping[str, object], edited: Mapping[str, bool] | None = None) -> ReportWords:
    """Return what the report of a result says.

    :param record: of the result, see :func:`NeuroDifferentialLib.run_differential.classify_lesions`.
    :param edited: criteria that the reader has ticked or unticked, by ``"set: box"``; none by default.
    """
    ticks = edited or {}
    lesions = ReportTable(_("Lesions"), [_("Lesion"), _("Place"), _("Volume (mm3)"), _("Diameter (mm)"),
                                         _("Elongation")], [
        [str(row["lesion"]), REGION_WORDS[Region(row["region"])], f"{row['volume_mm3']:.0f}",
         f"{row['diameter_mm']:.1f}", f"{row['elongation']:.1f}"] for row in record["lesions"]],
        _("Confluent lesions are split first."))
    criteria = ReportTable(_("Criteria"), [_("Criteria"), _("Feature"), _("Brain MRI")], [
        [str(each["name"]), str(box["name"]), _state(box, ticks.get(f"{each['name']}: {box['name']}"))]
        for each in record["criteria"] for box in each["boxes"]],
        _("Computed from the lesions; what brain MRI cannot tell is left open unless the reader has decided it."))
    return ReportWords(_("NMOSD or MS by the lesions of the brain"), _lines(record),
                       _("The lesions as the classifier saw them, from below to above"), lambda _explanation: "",
                       [lesions, criteria], outlined=True)


def _lines(record: Mapping[str, object]) -> list[tuple[str, str]]:
    probability = record["probability_of_nmosd"]
    if probability is None:
        return [(_("Lesions"), _("none found; no estimate")), (_("Limits"), BRAIN_ONLY)]
    novelty = record.get("novelty")
    words = _("unlike those of the training") if novelty and novelty["unusual"] else _("like those of the training")
    text = {**novelty, "text": words} if novelty else None
    return [(_("Probability"), _("{percent} for NMOSD").format(percent=percent(probability))),
            (_("Limits"), BRAIN_ONLY), *limit_lines({**record, "novelty": text}, decision_text(record))]


def _state(box: Mapping[str, object], edited: bool | None = None) -> Sentence | str:
    if edited is not None and edited != bool(box["fulfilled"]):
        return _("yes, changed by the reader") if edited else _("no, changed by the reader")
    if box["cannot_tell"]:
        return str(box["cannot_tell"])
    return _("yes, lesions {numbers}").format(numbers=box["lesions"]) if box["fulfilled"] else _("no")

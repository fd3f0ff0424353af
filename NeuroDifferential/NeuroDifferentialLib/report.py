"""What the report of an answer says: the estimate, its limits, the lesions and the criteria."""

from __future__ import annotations

from collections.abc import Mapping

from NeuroDifferentialLib.differential.words import BRAIN_ONLY
from NeuroOrbitLib.classifiers.report import ReportTable, ReportWords
from NeuroOrbitLib.classifiers.wording import limit_lines, percent


def report_words(record: Mapping[str, object], edited: Mapping[str, bool] | None = None) -> ReportWords:
    """Return what the report of a result says.

    :param record: of the result, see :func:`NeuroDifferentialLib.run_differential.classify_lesions`.
    :param edited: criteria that the reader has ticked or unticked, by ``"set: box"``; none by default.
    """
    ticks = edited or {}
    lesions = ReportTable("Lesions", ["Lesion", "Place", "Volume (mm3)", "Diameter (mm)", "Elongation"], [
        [str(row["lesion"]), str(row["region"]), f"{row['volume_mm3']:.0f}", f"{row['diameter_mm']:.1f}",
         f"{row['elongation']:.1f}"] for row in record["lesions"]], "Confluent lesions are split first.")
    criteria = ReportTable("Criteria", ["Criteria", "Feature", "Brain MRI"], [
        [str(each["name"]), str(box["name"]), _state(box, ticks.get(f"{each['name']}: {box['name']}"))]
        for each in record["criteria"] for box in each["boxes"]],
        "Computed from the lesions; what brain MRI cannot tell is left open unless the reader has decided it.")
    return ReportWords("NMOSD or MS by the lesions of the brain", _lines(record), "The lesions as the classifier saw "
                       "them, from below to above", lambda _explanation: "", [lesions, criteria],
                       [("Limits", BRAIN_ONLY)], outlined=True)


def _lines(record: Mapping[str, object]) -> list[tuple[str, str]]:
    probability = record["probability_of_nmosd"]
    if probability is None:
        return [("Lesions", "none found; no estimate")]
    novelty = record.get("novelty")
    text = {**novelty, "text": "unlike those of the training" if novelty["unusual"] else "like those of the training"} \
        if novelty else None
    return [("Probability", f"{percent(probability)} for NMOSD"),
            *limit_lines({**record, "novelty": text}, str(record["decision"]))]


def _state(box: Mapping[str, object], edited: bool | None = None) -> str:
    if edited is not None and edited != bool(box["fulfilled"]):
        return f"{'yes' if edited else 'no'}, changed by the reader"
    if box["cannot_tell"]:
        return str(box["cannot_tell"])
    return f"yes, lesions {', '.join(map(str, box['lesions']))}" if box["fulfilled"] else "no"

"""What the report of an answer says: the number, its limits, slices of the recti, the numbers behind the answer."""

from __future__ import annotations

from collections.abc import Mapping

from IVGCResponseLib.clinical import clinical_columns
from IVGCResponseLib.number_words import words_of
from IVGCResponseLib.wording import answer_lines, method_text
from NeuroOrbitLib.classifiers.report import ReportTable, ReportWords

#: Every fourth slice is drawn.
_STEP = 4


def report_words(record: Mapping[str, object]) -> ReportWords:
    """Return what the report of a result says.

    :param record: of the result, see :func:`IVGCResponseLib.run_response.classify_volume`.
    """
    slices = range(1, int(record["grid"]["shape"][0]), _STEP)
    return ReportWords("Response to intravenous glucocorticoids", answer_lines(record),
                       "What the classifier saw, from front to back", method_text,
                       [_clinical(record), _numbers(record), _ratios(record)], slices=slices)


def _clinical(record: Mapping[str, object]) -> ReportTable:
    given = record.get("clinical", {})
    rows = [[column.heading, _shown(column.name, given.get(column.name))] for column in clinical_columns()]
    return ReportTable("The patient's data", ["Feature", "Value"], rows, "An empty value was not given.")


def _numbers(record: Mapping[str, object]) -> ReportTable:
    rows = [[words_of(str(place["name"])).title,
             *(_shown(str(place["name"]), place[key]) for key in ("value", "low", "high")),
             _percentile(place["percentile"])] for place in record.get("places", [])]
    return ReportTable("Numbers that the model takes", ["Number", "Value", "5th percentile", "95th percentile",
                       "Percentile"], rows, "Where each number lies among those of the training.")


def _ratios(record: Mapping[str, object]) -> ReportTable:
    rows = [[words_of(name).title, _shown(name, value)] for name, value in record.get("ratios", {}).items()]
    return ReportTable("Signal ratios", ["Muscles", "To temporal muscle"], rows,
                       "Signal of the muscles over that of the temporal muscles, which the disease spares.")


def _shown(name: str, value: float | None) -> str:
    return words_of(name).text(value) or "–"


def _percentile(value: float | None) -> str:
    return "–" if value is None or value != value else f"{value:.0f}"

"""What the report of an answer says: the number, its limits, slices of the recti, the numbers behind the answer."""

from __future__ import annotations

from collections.abc import Mapping

from IVGCResponseLib.clinical import FEATURES, clinical_columns
from IVGCResponseLib.number_words import words_of
from IVGCResponseLib.wording import answer_lines, method_text
from NeuroOrbitLib.classifiers.report import ReportTable, ReportWords
from NeuroOrbitLib.classifiers.report_tables import places_table, shown

#: Every fourth slice is drawn.
_STEP = 4


def report_words(record: Mapping[str, object]) -> ReportWords:
    """Return what the report of a result says.

    :param record: of the result, see :func:`IVGCResponseLib.run_response.classify_volume`.
    """
    slices = range(1, int(record["grid"]["shape"][0]), _STEP)
    with FEATURES.of(record):
        return ReportWords("Response to intravenous glucocorticoids", answer_lines(record),
                           "What the classifier saw, from front to back", method_text,
                           [_clinical(record), places_table(record.get("places", []), words_of), _ratios(record)],
                           slices=slices, heat_of=("by_muscle", "Muscle"))


def _clinical(record: Mapping[str, object]) -> ReportTable:
    given = record.get("clinical", {})
    rows = [[column.heading, shown(words_of, column.name, given.get(column.name))] for column in clinical_columns()]
    return ReportTable("The patient's data", ["Feature", "Value"], rows, "An empty value was not given.")


def _ratios(record: Mapping[str, object]) -> ReportTable:
    rows = [[words_of(name).title, shown(words_of, name, value)] for name, value in record.get("ratios", {}).items()]
    return ReportTable("Signal ratios", ["Muscles", "To temporal muscle"], rows,
                       "Signal of the muscles over that of the temporal muscles, which the disease spares.")

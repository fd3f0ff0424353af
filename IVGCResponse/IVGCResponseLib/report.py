"""Content of the report of an answer: the probability, its limits, slices of the recti, the input numbers."""

from __future__ import annotations

from collections.abc import Mapping

from IVGCResponseLib.clinical import FEATURES, clinical_columns
from IVGCResponseLib.number_words import words_of
from IVGCResponseLib.wording import answer_lines, method_text
from NeuroOrbitLib.classifiers.report import ReportTable, ReportWords
from NeuroOrbitLib.classifiers.report_tables import places_table, shown
from NeuroOrbitLib.sentences import sentence as _

#: Distance between the slices that are drawn, in slices.
_STEP = 4


def report_words(record: Mapping[str, object]) -> ReportWords:
    """Return the content of the report of a result.

    :param record: record of the result, see :func:`IVGCResponseLib.run_response.classify_volume`.
    """
    slices = range(1, int(record["grid"]["shape"][0]), _STEP)
    with FEATURES.of(record):
        return ReportWords(_("Response to intravenous glucocorticoids"), answer_lines(record),
                           _("What the classifier saw, from front to back"), method_text,
                           [_clinical(record), places_table(record.get("places", []), words_of), _ratios(record)],
                           slices=slices, heat_of=("by_muscle", _("Muscle")))


def _clinical(record: Mapping[str, object]) -> ReportTable:
    given = record.get("clinical", {})
    rows = [[column.heading, shown(words_of, column.name, given.get(column.name))] for column in clinical_columns()]
    return ReportTable(_("The patient's data"), [_("Feature"), _("Value")], rows, _("An empty value was not given."))


def _ratios(record: Mapping[str, object]) -> ReportTable:
    rows = [[words_of(name).title, shown(words_of, name, value)] for name, value in record.get("ratios", {}).items()]
    return ReportTable(_("Signal ratios"), [_("Muscles"), _("To temporal muscle")], rows,
                       _("Signal of the muscles over that of the temporal muscles, which the disease spares."))

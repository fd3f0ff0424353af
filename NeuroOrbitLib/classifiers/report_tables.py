"""Tables of numbers in the report of an answer, in the words of a task."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from NeuroOrbitLib.classifiers.number_words import NumberWords
from NeuroOrbitLib.classifiers.report import ReportTable
from NeuroOrbitLib.sentences import sentence as _

#: Returns the words of a number, given the name of its column in cohorts.
WordsOf = Callable[[str], NumberWords]


def places_table(places: Sequence[Mapping[str, object]], words_of: WordsOf) -> ReportTable:
    """Return the table of the positions of numbers among those of the training.

    :param places: positions as plain data, see :meth:`NeuroOrbitLib.classifiers.distribution.NumberPlace.as_data`.
    :param words_of: returns the words of a number.
    """
    rows = [[words_of(str(place["name"])).title,
             *(shown(words_of, str(place["name"]), place[key]) for key in ("value", "low", "high")),
             _percentile(place["percentile"])] for place in places]
    return ReportTable(_("Numbers that the model takes"), [_("Number"), _("Value"), _("5th percentile"),
                       _("95th percentile"), _("Percentile")], rows,
                       _("Where each number lies among those of the training."))


def shown(words_of: WordsOf, name: str, value: float | None) -> str:
    """Return the text of a number in a table, a dash where it is missing."""
    return words_of(name).text(value) or "–"


def _percentile(value: float | None) -> str:
    return "–" if value is None or value != value else f"{value:.0f}"

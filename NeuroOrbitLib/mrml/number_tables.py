"""The numbers that a model takes as a table, with their words and their place in the distribution of the training."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from slicer.i18n import tr as _

from NeuroOrbitLib.classifiers.number_words import NumberWords
from NeuroOrbitLib.mrml import tables

#: Function that returns the words of a number by the name of its column in cohorts.
WordsOf = Callable[[str], NumberWords]


def number_columns() -> list[tables.Column]:
    """Return the columns of the table; values are text, since some are words."""
    return [
        tables.Column("number", _("Number")), tables.Column("value", _("Value"), "", _("Of this patient.")),
        tables.Column("low", _("5th percentile"), "", _("One in twenty patients of the training lies below.")),
        tables.Column("high", _("95th percentile"), "", _("One in twenty patients of the training lies above.")),
        tables.Column("percentile", _("Percentile"), "", _("Share of the training's patients with a lower value."), 0),
        tables.Column(tables.REMARK, _("Remark")), tables.Column(tables.HELP, _("Explanation")),
    ]


def number_rows(answer: Mapping[str, object], words_of: WordsOf) -> list[dict[str, object]]:
    """Return a row for each number that the model takes, then for the other numbers that were measured.

    :param answer: answer of the worker, with ``numbers`` and ``ratios`` (values by name), ``places`` (plain data of
        :meth:`NeuroOrbitLib.classifiers.distribution.NumberPlace.as_data`) and ``imputed`` (names).
    :param words_of: function that returns the words of a number.
    """
    placed = {str(place["name"]): place for place in answer["places"]}
    rows = []
    for name, value in answer["numbers"].items():
        place, words = placed.get(name, {}), words_of(name)
        remark = _("not given") if name in answer["imputed"] else \
            _("outside of the training") if place.get("outside") else ""
        rows.append({**_row(words, value), "low": words.text(place.get("low")), "high": words.text(place.get("high")),
                     "percentile": place.get("percentile"), tables.REMARK: remark})
    others = {name: value for name, value in answer["ratios"].items() if name not in answer["numbers"]}
    return rows + [_row(words_of(name), value) for name, value in others.items()]


def _row(words: NumberWords, value: float | None) -> dict[str, object]:
    return {"number": words.title, "value": words.text(value), tables.HELP: words.meaning}

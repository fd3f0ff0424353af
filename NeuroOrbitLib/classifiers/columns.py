"""Columns of a cohort's table as data: their permitted values, and the meaning of each value."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import joined
from NeuroOrbitLib.sentences import sentence as _

Kind = Literal["number", "integer", "choice", "yes_no"]
KINDS: tuple[Kind, ...] = ("number", "integer", "choice", "yes_no")
_YES_NO = {"yes": 1.0, "y": 1.0, "true": 1.0, "1": 1.0, "no": 0.0, "n": 0.0, "false": 0.0, "0": 0.0}
#: Words of a column of the kind "yes_no".
YES, NO = _("yes"), _("no")
#: Units that are words and therefore translated.
_UNIT_WORDS = {"years": _("years"), "months": _("months"), "days": _("days")}
#: A number, followed by its unit if there is one.
_WITH_UNIT = re.compile(r"([-+]?\d[\d.,]*(?:[eE][-+]?\d+)?)\s*(\D.*)?")
#: A number that is a thousand times as large if its mark separates thousands instead of decimals.
_MAY_BE_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_MISSING = {"", "-", "na", "n/a", "nan", "unknown", "?"}


@dataclass(frozen=True)
class Column:
    """One column of a table.

    :param name: name in tables, e.g. ``"age"``.
    :param title: title in the interface and in reports, e.g. ``"Age at the scan"``.
    :param kind: ``"number"``, ``"integer"``, ``"choice"`` (one of several words) or ``"yes_no"``.
    :param unit: unit of a number, e.g. ``"IU/L"``; empty if it has none.
    :param low: smallest value that a patient can have, inclusive; None for no limit.
    :param high: largest value that a patient can have, inclusive; None for no limit.
    :param units: other accepted units with their factors to ``unit``, e.g. ``{"mIU/L": 0.001}``.
    :param choices: words of a ``"choice"`` with their values, e.g. ``{"none": 0, "mild": 1}``.
    :param may_be_missing: whether a case without a value is usable; the value is then NaN.
    :param help: one sentence about how the value is measured.
    """

    name: str
    title: str
    kind: Kind = "number"
    unit: str = ""
    low: float | None = None
    high: float | None = None
    units: Mapping[str, float] = field(default_factory=dict)
    choices: Mapping[str, float] = field(default_factory=dict)
    may_be_missing: bool = True
    help: str = ""

    @property
    def heading(self) -> str:
        """Return the title with its unit, for the heading of a table."""
        if not self.unit:
            return self.title
        return _("{title} ({unit})").format(title=self.title, unit=_UNIT_WORDS.get(self.unit, self.unit))

    def read(self, text: str) -> float:
        """Return the value of a cell in the column's unit, NaN if it is empty and may be.

        A number may be followed by a unit, from which it is converted: ``"12000 mIU/L"`` is 12 if the column's unit is
        IU/L. ``"12,000 mIU/L"`` is refused, as both of its readings are values that a patient can have.

        :param text: content of the cell.
        :raises Problem: naming the column, the text and the permitted values.
        """
        word = text.strip()
        if word.casefold() in _MISSING:
            if not self.may_be_missing:
                raise Problem(_("{title} is missing. {expected}").format(title=self.title, expected=self.expected))
            return float("nan")
        return self._checked(self._value(word), word)

    @property
    def expected(self) -> str:
        """Return a sentence that states the permitted values of the column."""
        if self.kind in ("choice", "yes_no"):
            words = list(self.choices) if self.kind == "choice" else [YES, NO]
            return _("Write {words}.").format(words=joined(words, " or "))
        number = _("a whole number") if self.kind == "integer" else _("a number")
        unit = _(" in {unit}").format(unit=self.unit) if self.unit else ""
        told = _("Write {number}{unit}{range}.").format(number=number, unit=unit, range=self._range())
        if not self.units:
            return told
        return joined([told, _("Other units are written behind the number: {units}.").format(units=list(self.units))])

    def means_the_same(self, other: Column | None) -> bool:
        """Return whether a value of another column of this name is a value of this one, too.

        Numbers need the same unit, choices the same words with the same values, and yes or no the same question.
        """
        if other is None or (self.kind in ("number", "integer")) != (other.kind in ("number", "integer")):
            return False
        if self.kind in ("number", "integer"):
            return self.unit == other.unit
        return (self.kind, dict(self.choices)) == (other.kind, dict(other.choices)) and (
            self.kind == "choice" or self.title == other.title)

    def can_be(self, value: float) -> bool:
        """Return whether a patient can have a value: within the limits, and whole if the column is an integer."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high) and (
            self.kind != "integer" or float(value).is_integer())

    def write(self, value: float) -> str:
        """Return the text of a cell from which :meth:`read` reads the value; empty for NaN."""
        if math.isnan(value):
            return ""
        if self.kind == "yes_no":
            return "yes" if value else "no"
        if self.kind == "choice":
            return next(word for word, known in self.choices.items() if known == value)
        return str(int(value)) if self.kind == "integer" else repr(float(value))

    def _value(self, word: str) -> float:
        if self.kind in ("choice", "yes_no"):
            table = _YES_NO if self.kind == "yes_no" else {key.casefold(): value for key, value in self.choices.items()}
            if word.casefold() not in table:
                raise Problem(_("{title} is {word!r}. {expected}").format(
                    title=self.title, word=word, expected=self.expected))
            return float(table[word.casefold()])
        parts = _WITH_UNIT.fullmatch(word) if self.unit else None
        number, unit = parts.groups() if parts else (word, None)
        try:
            value = float(number.replace(",", ".") if number.count(",") == 1 and "." not in number else number)
        except ValueError:
            raise Problem(_("{title} is {word!r}. {expected}").format(
                    title=self.title, word=word, expected=self.expected)) from None
        factor = self._factor(unit) if unit else 1.0
        unclear = _MAY_BE_THOUSANDS.fullmatch(number) and (unit or "," in number)  # our tables write 1.125 alone
        if unclear and self.high is not None and 1000 * value * factor <= self.high:
            raise Problem(_("{title} is {word!r}: the mark before three digits may part thousands or decimals. Write "
                            "it without thousands, or with other decimals.").format(title=self.title, word=word))
        value = round(value * factor, 6) if unit else value
        if not math.isfinite(value) or (self.kind == "integer" and value != int(value)):
            raise Problem(_("{title} is {word!r}. {expected}").format(
                    title=self.title, word=word, expected=self.expected))
        return value

    def _factor(self, unit: str) -> float:
        """Return the factor from another unit to the column's; spaces and upper or lower case do not matter."""
        known = {_spelled_unit(name): factor for name, factor in {**self.units, self.unit: 1.0}.items()}
        if _spelled_unit(unit) not in known:
            raise Problem(_("{title} cannot be converted from {unit}. {expected}").format(
                title=self.title, unit=unit, expected=self.expected))
        return known[_spelled_unit(unit)]

    def _checked(self, value: float, word: str) -> float:
        too_low = self.low is not None and value < self.low
        if too_low or (self.high is not None and value > self.high):
            raise Problem(_("{title} is {word}, which no patient has in this unit. {expected}").format(
                title=self.title, word=word, expected=self.expected))
        return value

    def _range(self) -> str:
        if self.low is not None and self.high is not None:
            return _(" from {low:g} to {high:g}").format(low=self.low, high=self.high)
        if self.low is not None:
            return _(" of at least {low:g}").format(low=self.low)
        return _(" of at most {high:g}").format(high=self.high) if self.high is not None else ""


def _spelled_unit(unit: str) -> str:
    return unit.replace(" ", "").casefold()


def columns_as_data(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Return columns as plain data for :func:`columns_from_data`; fields with their default value are left out."""
    usual = Column("", "")
    return [{name: dict(value) if isinstance(value, Mapping) else value for name in Column.__dataclass_fields__
             if (value := getattr(column, name)) != getattr(usual, name)} for column in columns]


def columns_from_data(data: Any) -> tuple[Column, ...]:
    """Return columns from plain data (a list of objects with the fields of :class:`Column`); every entry is checked.

    :raises Problem: naming the entry that is no valid column.
    """
    if not isinstance(data, Sequence) or isinstance(data, str):
        raise Problem(_("A table's columns are a list of objects, one for each column."))
    known, found = set(Column.__dataclass_fields__), []
    for number, entry in enumerate(data, start=1):
        if not isinstance(entry, Mapping) or not {"name", "title"} <= set(entry) or not set(entry) <= known:
            raise Problem(_("Column {number} needs a name and a title, and knows only {known}.").format(
                number=number, known=sorted(known)))
        if entry.get("kind", "number") not in KINDS:
            raise Problem(_("Column {name} is of the kind {kind!r}; use one of {kinds}.").format(
                name=entry["name"], kind=entry["kind"], kinds=KINDS))
        fault = _fault(Column(**entry))
        if fault:
            raise Problem(_("Column {number} ({name}): {fault}. Correct it in the list of features.").format(
                number=number, name=entry["name"], fault=fault))
        found.append(Column(**entry))
    names = [column.name for column in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Problem(_("Two columns have the name {twice}. Give every column a name of its own.").format(
            twice=twice[0]))
    return tuple(found)


def _fault(column: Column) -> str:
    """Return what is wrong with the values of a column's fields; "" if they are usable."""
    if any(not isinstance(text, str) for text in (column.name, column.title, column.unit, column.help)):
        return _("name, title, unit and help are texts")
    if not column.name.strip() or not column.title.strip() or set(column.name) & set(":="):
        return _("a name and a title are not empty, and a name contains no colon and no equals sign")
    if not isinstance(column.may_be_missing, bool):
        return _("may_be_missing is true or false, without quotation marks")
    if any(limit is not None and not _is_number(limit) for limit in (column.low, column.high)):
        return _("low and high are numbers without quotation marks")
    if column.low is not None and column.high is not None and column.low > column.high:
        return _("low is larger than high")
    for values in (column.units, column.choices):
        if not isinstance(values, Mapping) or not all(map(_is_number, values.values())):
            return _("units and choices are objects that give a number to each word")
    return _fault_of_words(column)


def _fault_of_words(column: Column) -> str:
    """Return what is wrong with a column's units or choices; "" if they are usable."""
    if any(factor <= 0 for factor in column.units.values()):
        return _("the factor of a unit is greater than 0")
    if column.kind != "choice":
        return ""
    spelled = [word.strip().casefold() for word in column.choices]
    if len(set(spelled)) < max(2, len(spelled)):
        return _("a choice has two words at least, which differ in more than capital letters")
    missing = sorted(set(spelled) & _MISSING)
    return _("the word {word!r} means that the value is not known, and is no choice").format(
        word=missing[0]) if missing else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

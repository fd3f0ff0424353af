"""How the input numbers of a model are shown to a reader: a name, a formatted value and an explanation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from NeuroOrbitLib.classifiers.columns import NO, YES, Column
from NeuroOrbitLib.radiomics.explanations import explanation, unit_of
from NeuroOrbitLib.radiomics.readable import is_feature_name, readable_name
from NeuroOrbitLib.sentences import joined
from NeuroOrbitLib.sentences import sentence as _


@dataclass(frozen=True)
class NumberWords:
    """Name, explanation and format of one input number.

    :param title: name of the number, with the unit in brackets if it has one.
    :param meaning: sentence on what the number is and how it is measured; empty if there is none.
    :param column: column that the user fills in; None for a number that is measured on the scan.
    """

    title: str
    meaning: str = ""
    column: Column | None = None

    def text(self, value: float | None) -> str:
        """Return a value as shown to the user: words for choices, fixed decimals for numbers, "" where missing."""
        if value is None or math.isnan(value):
            return ""
        if self.column is None:
            return _with_digits(value)
        if self.column.kind == "yes_no":
            return YES if value >= 0.5 else NO
        if self.column.kind == "choice":
            return min(self.column.choices, key=lambda word: abs(self.column.choices[word] - value))
        return f"{value:.{_decimals(self.column)}f}"


def words_of(name: str, columns: Sequence[Column], measured: Mapping[str, NumberWords] | None = None,
             region_name: Callable[[str], str] = str) -> NumberWords:
    """Return the name, explanation and format of a number.

    :param name: name of its column in cohorts; radiomics features are named ``REGION:FEATURE``.
    :param columns: columns that the user fills in.
    :param measured: words of measurements that are neither such columns nor radiomics features, by name.
    :param region_name: returns the displayed name of a region from its name in columns.
    """
    known = {column.name: column for column in columns}
    if name in known:
        return NumberWords(known[name].heading, known[name].help, known[name])
    if measured is not None and name in measured:
        return measured[name]
    region, _colon, feature = name.partition(":")
    if not is_feature_name(feature):
        return NumberWords(name)
    unit = f", {unit_of(feature)}" if unit_of(feature) else ""
    title = _("{region}: {feature}{unit}").format(region=region_name(region), feature=readable_name(feature), unit=unit)
    return NumberWords(title, joined([explanation(feature), _("PyRadiomics: {name}.").format(name=feature)]))


def _decimals(column: Column) -> int:
    """Return the number of decimals usual in a clinic: none for whole numbers, two for a range of a few units."""
    if column.kind == "integer":
        return 0
    narrow = column.low is not None and column.high is not None and column.high - column.low < 5
    return 2 if narrow else 1


def _with_digits(value: float) -> str:
    """Return the value with four significant digits, with a power of ten only where zeros would hide the digits."""
    if value and not 1e-3 <= abs(value) < 1e6:
        return f"{value:.3e}"
    return f"{value:.{max(0, 3 - (math.floor(math.log10(abs(value))) if value else 0))}f}"

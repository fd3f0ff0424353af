"""Compares measures with published normal values: one table at a time, and only if the methods agree.

The tables are data files (Resources/Normative); the method of a table defines its values. Volumes for
plausibility checks are in :mod:`NeuroOrbitLib.anatomy.normative`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from NeuroOrbitLib.anatomy.normative import comparable_norms, published_range, volume_level
from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.measurements.codes import quantity
from NeuroOrbitLib.measurements.edits import are_comparable
from NeuroOrbitLib.measurements.normal_words import words_of
from NeuroOrbitLib.measurements.rows import NERVE_ALONE, Row, by_key
from NeuroOrbitLib.number_text import signed
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.resources import resource_path
from NeuroOrbitLib.sentences import Sentence, joined
from NeuroOrbitLib.sentences import sentence as _

#: Half the width of the normal range in standard deviations.
LIMIT_SD = 2.0
#: Age (years) from which the published values hold.
_ADULT = 18
#: Text for each level of a value relative to the published ones.
_PLACES = {"low": _("below {values}"), "high": _("above {values}"), "normal": _("within {values}"),
           "": _("published {values}")}


@dataclass(frozen=True)
class NormalValue:
    """The normal value of one quantity of one structure, as mean and SD, as a range, or as a mean alone."""

    mean: float | None
    sd: float | None
    low: float | None
    high: float | None

    @property
    def limits(self) -> tuple[float, float] | None:
        """The normal range: as published, or two standard deviations around the mean; ``None`` for a mean alone."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        if self.mean is None or self.sd is None:
            return None
        return self.mean - LIMIT_SD * self.sd, self.mean + LIMIT_SD * self.sd


@dataclass(frozen=True)
class NormalTable:
    """Normal values of one published group.

    :param key: identifier.
    :param title: name under which the user chooses it.
    :param sex: "male", "female" or "any".
    :param modality: "CT" or "MRI".
    :param method: method by which the values were measured.
    :param source: publication.
    :param same_method: whether this product measures by the same method; if not, ``differs`` describes the difference.
    :param values: normal values by structure and quantity.
    """

    key: str
    title: str
    population: str
    sex: str
    age: str
    modality: str
    gaze: str
    method: str
    source: str
    same_method: bool
    differs: str
    values: dict[tuple[str, str], NormalValue]

    @property
    def origin(self) -> Sentence:
        """How and by whom the values were measured, and how this differs from the product's method if it does."""
        return joined(filter(None, (self.method, self.source, self.differs)), "; ")

    def suits(self, modality: str, sex: str | None) -> bool:
        """Return whether values of this modality and sex may be compared with the table.

        :param modality: "CT" or "MRI".
        :param sex: "female" or "male"; ``None`` if it is not known.
        """
        return self.modality == modality and (self.sex == "any" or self.sex == sex)


@dataclass(frozen=True)
class Judgement:
    """How a value compares with a normative table.

    :param table: the table; ``None`` if the value was compared with the range of all published groups.
    :param source: publication of the normal values.
    :param z_score: standard deviations above the mean; ``None`` if the source gives none.
    :param level: "normal", "high", "low", or "" where only a mean is published.
    """

    table: NormalTable | None
    source: str
    normal: NormalValue
    z_score: float | None
    level: str
    text: str

    def range_text(self, quantity_key: str) -> str:
        """Return the normal range as text, or the mean if there is no range."""
        return _published(quantity_key, self.normal)


@lru_cache(maxsize=1)
def normal_tables() -> tuple[NormalTable, ...]:
    """Return all normative tables of the installation."""
    data = json.loads(resource_path("Normative", "orbit.json").read_text(encoding="utf-8"))
    return tuple(_table(entry) for entry in data["tables"])


def normal_table(key: str) -> NormalTable:
    """Return the table with this identifier.

    :raises Problem: if there is none, naming the existing ones.
    """
    for table in normal_tables():
        if table.key == key:
            return table
    raise Problem(_("There is no normative table {key!r}. Choose one of: {table}.").format(
        key=key, table=[table.key for table in normal_tables()]))


def judge(row: Row, table: NormalTable, modality: str) -> Judgement | None:
    """Return the comparison of a row with a table.

    :param row: measure to be compared.
    :param table: table of normal values.
    :param modality: modality of the scan, "CT" or "MRI".
    :return: ``None`` if the row has no value or one that is never compared, or the table lacks the quantity or has
        another modality.
    """
    normal = table.values.get((row.structure, row.quantity))
    if not _is_comparable(row) or normal is None or table.modality != modality:
        return None
    if not table.same_method:
        words = _("published {values}, by another method").format(values=_published(row.quantity, normal))
        return Judgement(table, table.source, normal, None, "", words)
    z_score = (row.value - normal.mean) / normal.sd if normal.mean is not None and normal.sd else None
    level = _level(row, normal.limits)
    return Judgement(table, table.source, normal, z_score, level, _words(row, normal, z_score, level))


def _is_comparable(row: Row) -> bool:
    """Return whether there may be published values for a row: all of them are of optic nerves with their sheaths."""
    return row.value is not None and row.measured.method != NERVE_ALONE


def _level(row: Row, limits: tuple[float, float] | None) -> str:
    """Return the position of a value relative to a range, both rounded as they are shown.

    Otherwise a reader would see "5.0 mm, above 3.3 to 5.0".
    """
    if limits is None:
        return ""
    value, low, high = (round(number, quantity(row.quantity).decimals) for number in (row.value, *limits))
    return "low" if value < low else "high" if value > high else "normal"


def judge_all(rows: Iterable[Row], table: NormalTable, modality: str) -> list[Judgement | None]:
    """Return the comparison of each row with one table; see :func:`judge`.

    :raises Problem: if the table is of another modality.
    """
    if table.modality != modality:
        raise Problem(_("The normative table {key!r} is of {modality}, and the scan is {modality_2}: such values are "
                        "not compared. Choose a table of the same modality.").format(
            key=table.key, modality=table.modality, modality_2=modality))
    return [judge(row, table, modality) for row in rows]


def with_volumes(rows: Sequence[Row], judgements: Sequence[Judgement | None]) -> list[Judgement | None]:
    """Return judgements, with volumes that the chosen table lacks judged by the published range, as in the panel.

    The range extends from the smallest to the largest normal volume of any published group, so there is no z-score.

    :param rows: measures to be judged.
    :param judgements: judgement of each row by the chosen table; ``None`` if the table does not cover it.
    """
    return [_judged_volume(row) if judged is None else judged for row, judged in zip(rows, judgements, strict=True)]


def _judged_volume(row: Row) -> Judgement | None:
    if row.quantity != "volume" or not _is_comparable(row) or published_range(row.structure) is None:
        return None
    normal = NormalValue(None, None, *published_range(row.structure))
    level = volume_level(row.structure, row.value)
    source = joined([words_of(norm.source) for norm in comparable_norms(row.structure)], "; ")
    return Judgement(None, source, normal, None, level, _words(row, normal, None, level))


@dataclass(frozen=True)
class SideDifference:
    """Difference between the right and the left side, and whether it exceeds the uncertainty of measuring.

    :param relative: right minus left, relative to the mean of both.
    :param beyond_noise: whether it exceeds the uncertainty; ``None`` if that is unknown.
    """

    structure: str
    quantity: str
    difference: float
    relative: float
    beyond_noise: bool | None

    @property
    def excess(self) -> float:
        """Share of the smaller value by which the larger one exceeds it."""
        return abs(self.relative) / (1.0 - abs(self.relative) / 2)


def side_differences(rows: Sequence[Row]) -> list[SideDifference]:
    """Return right minus left for all quantities measured on both sides by the same method.

    A difference is beyond noise if it exceeds twice the SD that follows from the uncertainties of both sides.
    """
    known = by_key(rows)
    found = []
    for row in rows:
        other = known.get((row.structure, Side.LEFT.value, row.quantity))
        if row.side is not Side.RIGHT or other is None or row.value is None or other.value is None:
            continue
        if not are_comparable(row.measured, other.measured):
            continue
        spreads = (row.measured.uncertainty, other.measured.uncertainty)
        change, mean = row.value - other.value, (row.value + other.value) / 2
        noise = None if None in spreads else LIMIT_SD * sum(spread**2 for spread in spreads) ** 0.5
        found.append(SideDifference(row.structure, row.quantity, float(change), float(change / mean) if mean else 0.0,
                                    None if noise is None else bool(abs(change) > noise)))
    return found


def _words(row: Row, normal: NormalValue, z_score: float | None, level: str) -> str:
    told = _PLACES[level].format(values=_published(row.quantity, normal))
    return told if z_score is None else _("{place}, z {z_score}").format(place=told, z_score=signed(z_score, 1))


def _published(quantity_key: str, normal: NormalValue) -> str:
    """Return the normal range as text, or the mean if there is no range."""
    decimals = quantity(quantity_key).decimals
    if normal.limits is None:
        return _("mean {value}").format(value=f"{normal.mean:.{decimals}f}")
    low, high = (f"{limit:.{decimals}f}" for limit in normal.limits)
    return _("{low} to {high}").format(low=low, high=high)


def _table(entry: dict) -> NormalTable:
    values = {(value["structure"], value["quantity"]):
              NormalValue(value["mean"], value["sd"], value["low"], value["high"]) for value in entry["values"]}
    told = {name: words_of(entry[name]) for name in ("title", "method", "source", "differs")}
    return NormalTable(**{**entry, **told, "values": values})


def about_age(age: float | None) -> list[Sentence]:
    """Return notices about the patient's age in a comparison with normal values; empty if there are none.

    They apply to every table and to the published range of volumes, since all of them are of adults.

    :param age: age in years; ``None`` if it is not known.
    """
    if age is None or age >= _ADULT:
        return []
    return [_("The patient is a child; the normal values are of adults.")]


def about_sex(sex: str, table: str | None) -> list[Sentence]:
    """Return notices about the patient's sex in a comparison with normal values; empty if there are none.

    :param sex: "female", "male", or "" if it is not known.
    :param table: key of the chosen table; ``None`` without one.
    :raises Problem: if there is no such table.
    """
    if not sex or table is None or normal_table(table).sex in ("any", sex):
        return []
    return [_("The patient is female; the normal values are of men.") if sex == "female" else
            _("The patient is male; the normal values are of women.")]

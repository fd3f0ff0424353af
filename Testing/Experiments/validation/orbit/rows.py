"""Rows of the table: means over the cases of a group, beside the bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy.structures import structure
from NeuroOrbitLib.evaluation.reports.text import aligned
from Testing.Experiments.validation.orbit.scoring import FURTHER, RECTI

Result = Mapping[str, Any]
HEADING = ("Group", "Cases", "Eyes found", "Globe", "Nerve", "Recti", "worst rectus", "EOM volume", "Bars")


@dataclass(frozen=True)
class Bars:
    """The bars for a group: least Dice of globe, nerve and recti, largest bias of the volume of the recti.

    :param worst: least Dice of any rectus.
    :param surface: least surface Dice at 1 mm of nerve and recti.
    """

    globe: float
    nerve: float = 0.0
    recti: float = 0.0
    volume: float = np.inf
    worst: float = 0.0
    surface: float = 0.0


CLEAN_CT, MRI = Bars(0.95, 0.85, 0.88, 0.05), Bars(0.93, 0.75, 0.82, 0.08)
REAL = Bars(0.92, 0.72, 0.75, 0.15, 0.62, 0.88)
#: Least Dice between the results of a scan and its copy.
AGREEMENT = 0.95


def bars_of(group: str) -> Bars | None:
    """Return the bars for a group; ``None`` if there are none."""
    if group.startswith("annotated"):
        return REAL
    if group.startswith("phantom CT, clean"):
        return CLEAN_CT
    return MRI if group.startswith("phantom MRI 0.55") else None


@dataclass(frozen=True)
class Row:
    """Means over the sides and cases of a group; NaN where there is no reference.

    :param worst: the lowest mean over the sides of any rectus in any case.
    :param surface: surface Dice at 1 mm of globe, nerve, recti.
    :param volume: relative bias of the volume of the recti together.
    """

    group: str
    cases: int
    found: int
    globe: float
    nerve: float
    recti: float
    worst: float
    surface: tuple[float, float, float]
    volume: float

    @property
    def missed(self) -> list[str]:
        """Names of the bars that are not reached."""
        bars = bars_of(self.group)
        if bars is None:
            return []
        asked = {"globe": (self.globe, bars.globe), "nerve": (self.nerve, bars.nerve),
                 "recti": (self.recti, bars.recti), "worst rectus": (self.worst, bars.worst),
                 "surface of nerve": (self.surface[1], bars.surface),
                 "surface of recti": (self.surface[2], bars.surface), "volume": (-abs(self.volume), -bars.volume)}
        return [name for name, (value, bar) in asked.items() if value < bar]

    def cells(self) -> tuple[str, ...]:
        """Return the row's cells as texts."""
        verdict = "-" if bars_of(self.group) is None else ", ".join(self.missed) or "all reached"
        pairs = [f"{_text(dice)} / {_text(surface)}" for dice, surface in
                 zip((self.globe, self.nerve, self.recti), self.surface, strict=True)]
        bias = "-" if np.isnan(self.volume) else f"{100 * self.volume:+.0f} %"
        return (self.group, str(self.cases), f"{self.found} of {self.asked_eyes}", *pairs, _text(self.worst), bias,
                verdict)

    @property
    def asked_eyes(self) -> int:
        """Number of eyes that the scans of the group show."""
        return self.cases * (1 if self.group.startswith("label maps") else 2)


def row_of(group: str, results: Iterable[Result]) -> Row:
    """Return the row of a group."""
    results = list(results)
    dice, surface = (_means(results, name) for name in ("dice", "surface_dice"))
    each = [np.mean(r["structures"][key]["dice"]) for r in results for key in RECTI if key in r["structures"]]
    return Row(group, len(results), sum(r["found"] for r in results), *dice, float(min(each, default=np.nan)), surface,
               _volume_bias(results))


def table(rows: Iterable[Row]) -> str:
    """Return the rows as aligned text; each pair is Dice / surface Dice at 1 mm."""
    return aligned([HEADING, *(row.cells() for row in rows)], left=(0, len(HEADING) - 1))


def further_table(results: Iterable[Result]) -> str:
    """Return the mean Dice of structures without bars, by group; empty if no reference has any."""
    results = list(results)
    lines = [("Group", *(structure(key).name for key in FURTHER))]
    for group in dict.fromkeys(result["group"] for result in results):
        means = [_mean(value for r in results if r["group"] == group
                       for value in r["structures"].get(key, {}).get("dice", ())) for key in FURTHER]
        if not np.isnan(means).all():
            lines.append((group, *map(_text, means)))
    return aligned(lines, left=(0,)) if len(lines) > 1 else ""


def scan_table(results: Iterable[Result]) -> str:
    """Return eyes found and Dice of nerve, recti and the worst rectus in each changed copy of each scan with recti.

    The table is empty without such copies; other groups have too many cases for a column each.
    """
    copies = [r for r in results if r["group"].startswith(("turned", "retaken")) and RECTI[0] in r["structures"]]
    if not copies:
        return ""
    scans = list(dict.fromkeys(r["name"] for r in copies))
    rows = [(group, *(_found_and_dice([r for r in copies if (r["group"], r["name"]) == (group, scan)])
                      for scan in scans))
            for group in dict.fromkeys(r["group"] for r in copies)]
    return aligned([("Copy", *scans), *rows], left=range(len(scans) + 1))


def agreement_table(results: Mapping[str, Result]) -> str:
    """Return the Dice of globe, nerve and recti between scans and their copies."""
    lines = [("Scan", "Copy", "Globe", "Nerve", "Recti")]
    for name, result in results.items():
        for copy, dice in result["copies"].items():
            recti = float(np.mean([dice[key] for key in RECTI]))
            lines.append((name, copy, _text(dice["eyeball"]), _text(dice["optic_nerve"]), _text(recti)))
    return aligned(lines, left=(0, 1))


def stranger_table(results: Mapping[str, Result]) -> str:
    """Return a table of the answers to images whose results must not be trusted."""
    lines = [("Scan", "Changed to", "Answer")]
    for name, result in results.items():
        for change, answer in result["strangers"].items():
            text = "refused" if answer["refused"] else f"novelty {answer['novelty']['score']:.1f}" + (
                ", with a notice" if answer["told"] else ", WITHOUT A NOTICE")
            lines.append((name, change, text))
    return aligned(lines, left=(0, 1, 2))


def _found_and_dice(results: list[Result]) -> str:
    if not results:
        return "-"
    row = row_of(results[0]["group"], results)
    return "  ".join([str(row.found), *map(_text, (row.nerve, row.recti, row.worst))])


def _means(results: list[Result], name: str) -> tuple[float, float, float]:
    groups = (("eyeball",), ("optic_nerve",), RECTI)
    return tuple(_mean(value for r in results for key in keys for value in r["structures"].get(key, {}).get(name, ()))
                 for keys in groups)


def _volume_bias(results: list[Result]) -> float:
    parts = [r["structures"][key] for r in results for key in RECTI if key in r["structures"]]
    reference, predicted = (sum(sum(part[name]) for part in parts) for name in ("reference_ml", "predicted_ml"))
    return predicted / reference - 1 if reference else np.nan


def _mean(values: Iterable[float | None]) -> float:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else np.nan


def _text(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.3f}"

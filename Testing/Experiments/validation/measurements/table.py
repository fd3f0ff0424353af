"""Errors of measures by group and quantity, and their bars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from NeuroOrbitLib.evaluation.reports.text import aligned
from NeuroOrbitLib.number_text import signed

#: Largest mean absolute error from a segmentation; half of it from true masks. Percent for areas and volumes.
BARS = {
    "greatest_diameter": 0.35, "diameter_at_globe": 0.35, "diameter_behind_globe": 0.35, "greatest_area": 9.0,
    "area_behind_globe": 9.0, "axial_length": 0.3, "sheath_diameter_3mm": 0.4, "sheath_diameter_10mm": 0.4,
    "exophthalmos": 0.5, "barrett_horizontal": 3.0, "barrett_vertical": 3.0, "volume": 5.0,
}
#: Bars for MRI in 3-mm slices that differ.
THICK_SLICES = {"greatest_diameter": 0.5, "diameter_at_globe": 0.5, "diameter_behind_globe": 0.5}
RELATIVE = ("greatest_area", "area_at_globe", "area_behind_globe", "volume")
#: Largest differences between annotation and model in real scans: percent of volumes, else mm.
REAL_VOLUME, REAL_DIAMETER = 10.0, 0.6


@dataclass(frozen=True)
class Line:
    """Errors of one quantity in one group.

    :param bar: bar for the mean absolute error, of which the bias may reach half; ``None`` if there is none.
    :param of_stated: errors as a share of the uncertainties that the measures state (root mean square): 1 if these are
        right, more if they are too small; ``None`` if none is stated.
    """

    group: str
    quantity: str
    count: int
    missing: int
    bias: float
    mean_absolute: float
    worst: float
    unit: str
    bar: float | None
    of_stated: float | None = None

    @property
    def missed(self) -> bool:
        """Whether the bar is missed."""
        return self.bar is not None and (self.mean_absolute > self.bar or abs(self.bias) > self.bar / 2)

    def cells(self) -> list[str]:
        """Return the line's cells."""
        bar = "" if self.bar is None else f"{self.bar:.2f}"
        return [self.group, self.quantity, str(self.count), str(self.missing), signed(self.bias, 2),
                f"{self.mean_absolute:.2f}", f"{self.worst:.2f}", self.unit, bar,
                "" if self.of_stated is None else f"{self.of_stated:.2f}", "missed" if self.missed else ""]


def lines_of(results: Iterable[dict[str, Any]]) -> list[Line]:
    """Return the errors of all results, group by group."""
    entries: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for result in results:
        for entry in result["compared"]:
            quantity = entry["quantity"] if entry["structure"] != "bony_orbit" or entry["quantity"] != "volume" else (
                "volume of the orbit")
            entries[result["group"], quantity].append(entry)
    return [_line(group, quantity, found) for (group, quantity), found in entries.items()]


def as_text(lines: Iterable[Line]) -> str:
    """Return the table as text."""
    header = ["Group", "Quantity", "N", "Not measurable", "Bias", "Mean abs. error", "Worst", "Unit", "Bar",
              "Of stated", ""]
    return aligned([header, *(line.cells() for line in lines)], (0, 1, 10))


def _error(entry: dict[str, Any]) -> float | None:
    if entry["value"] is None:
        return None
    error = entry["value"] - entry["true"]
    return 100 * error / entry["true"] if entry["quantity"] in RELATIVE else error


def _of_stated(entries: list[dict[str, Any]]) -> float | None:
    shares = [(entry["value"] - entry["true"]) / entry["uncertainty"] for entry in entries
              if entry["value"] is not None and entry.get("uncertainty")]
    return float(np.sqrt(np.mean(np.square(shares)))) if shares else None


def _line(group: str, quantity: str, entries: list[dict[str, Any]]) -> Line:
    errors = [_error(entry) for entry in entries]
    known = np.array([error for error in errors if error is not None])
    unit = "%" if quantity in (*RELATIVE, "volume of the orbit") else ""
    bar = _bar(group, quantity)
    if not known.size:
        return Line(group, quantity, 0, len(errors), 0.0, 0.0, 0.0, unit, None)
    return Line(group, quantity, len(known), len(errors) - len(known), float(known.mean()), float(np.abs(known).mean()),
                float(np.abs(known).max()), unit, bar, _of_stated(entries))


def _bar(group: str, quantity: str) -> float | None:
    if group.startswith("real"):
        return None
    key = "volume" if quantity == "volume of the orbit" else quantity
    if key == "volume" and quantity == "volume":
        return None
    bar = THICK_SLICES.get(key, BARS.get(key)) if "3-mm" in group else BARS.get(key)
    return bar / 2 if bar is not None and group.endswith("true masks") else bar


def as_markdown(lines: Iterable[Line]) -> str:
    """Return the table for a page: a row per quantity with a bar, a column per group of phantoms.

    Each cell holds mean absolute error, bias, number of measures and errors as a share of stated uncertainties; a
    missed bar is marked.
    """
    known = [line for line in lines if line.bar is not None]
    groups = list(dict.fromkeys(line.group for line in known))
    cells = {(line.quantity, line.group): _cell(line) for line in known}
    rows = [["quantity", *groups], ["---"] * (len(groups) + 1)]
    for quantity in dict.fromkeys(line.quantity for line in known):
        unit = next(line.unit for line in known if line.quantity == quantity)
        name = quantity.replace("_", " ") + (f", {unit}" if unit else "")
        rows.append([name, *(cells.get((quantity, group), "–") for group in groups)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(line: Line) -> str:
    share = "" if line.of_stated is None else f", {line.of_stated:.1f} u"
    text = f"{line.mean_absolute:.2f} ({signed(line.bias, 2)}), n {line.count}{share}"
    return f"**{text}**" if line.missed else text

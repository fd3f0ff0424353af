"""The report of a validation as text, as plain data and as a section of the documentation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from NeuroOrbitLib.evaluation.segmentation.tables import finite
from NeuroOrbitLib.models import ModelPackage
from OrbitSegmentationLib.model_kinds import RULES_VERSION
from Testing.Experiments.validation.orbit.doubt import confidence_table, missed_doubts, planted_table
from Testing.Experiments.validation.orbit.rows import (
    AGREEMENT,
    Row,
    agreement_table,
    further_table,
    row_of,
    scan_table,
    stranger_table,
    table,
)
from Testing.Experiments.validation.orbit.unusual import unusual_table

HEADING = "## Validation"
_NOTES = """Pairs are Dice / surface Dice at 1 mm, means over sides and cases. EOM volume is the bias of the four recti
together; worst rectus is the lowest Dice (mean of both sides) of a rectus in any case. Phantoms and images from label
maps are synthetic. Real references are by one reader; voxels that he marked as uncertain are ignored."""


@dataclass(frozen=True)
class Report:
    """All results of one model.

    :param results: results of each case.
    :param rows: results of each group.
    :param agreement: agreement between scans and their copies.
    :param strangers: answers to images that do not show an orbit.
    :param heads: eyes missed, swapped and invented in heads and parts of heads, per group.
    :param turned: eyes swapped and missed in poses of heads, if tried.
    :param planted: notices of unchanged scans, and whether planted faults raise one.
    :param operated: notices and measures of eyes after surgery, per group.
    """

    model: str
    results: Sequence[Mapping[str, Any]]
    rows: Sequence[Row]
    agreement: Mapping[str, Mapping[str, Any]]
    strangers: Mapping[str, Mapping[str, Any]]
    heads: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    turned: Mapping[str, int] | None = None
    planted: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    operated: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    @classmethod
    def of(cls, package: ModelPackage, results: Sequence[Mapping[str, Any]],
           agreement: Mapping[str, Mapping[str, Any]], strangers: Mapping[str, Mapping[str, Any]],
           heads: Mapping[str, Mapping[str, int]] | None = None, turned: Mapping[str, int] | None = None,
           planted: Mapping[str, Mapping[str, Any]] | None = None) -> Report:
        """Gather the results; groups keep their order."""
        groups = dict.fromkeys(result["group"] for result in results)
        rows = [row_of(group, [r for r in results if r["group"] == group]) for group in groups]
        model = f"{package.name} {package.facts.version} (weights {package.sha256[:12]}, rules {RULES_VERSION})"
        return cls(model, results, rows, agreement, strangers, heads or {}, turned, planted or {})

    @property
    def missed(self) -> list[str]:
        """A sentence for each bar that is not reached."""
        missed = [f"{row.group}: {name}" for row in self.rows for name in row.missed]
        missed += [f"{name}: mirrored copy" for name, result in self.agreement.items()
                   if min(result["copies"].get("mirrored", {"": 1.0}).values()) < AGREEMENT]
        missed += [f"{name}, {change}: no notice" for name, result in self.strangers.items()
                   for change, answer in result["strangers"].items() if not answer["told"]]
        missed += [f"eyes swapped, or found where there are none: {title}" for title, eyes in self.heads.items()
                   if eyes["swapped"] + eyes["elsewhere"]]
        if self.turned and self.turned["swapped"]:
            missed.append(f"{self.turned['swapped']} eyes taken for those of the other side")
        return missed + missed_doubts(self.results, self.planted)

    def text(self) -> str:
        """Return the whole report as text."""
        parts = [f"Model {self.model}", _NOTES, table(self.rows)]
        further = further_table(self.results)
        if further:
            parts.append("Dice of further structures, where the reference has them\n" + further)
        each = scan_table(self.results)
        if each:
            parts.append("Copies of each scan: eyes found, Dice of nerve, of recti, and of the worst rectus\n" + each)
        parts.append(self._notices())
        confidence = confidence_table(self.results)
        if confidence:
            parts.append("How far confidence is from the Dice that it expects\n" + confidence)
        if self.planted:
            parts.append("Faults planted into scans and results, and how many of them raise a notice\n"
                         + planted_table(self.planted))
        if self.operated:
            parts.append("Eyes after surgery: notices, eyes measured nevertheless, and Dice of the other side\n"
                         + unusual_table(self.operated))
        if self.agreement:
            parts.append("Dice between the outlines of a scan and of a copy of it\n" + agreement_table(self.agreement))
        if self.strangers:
            parts.append("Images on which no answer may be trusted\n" + stranger_table(self.strangers))
        parts += [f"{eyes['scans']} {title}: {eyes['eyes'] - eyes['missed']} of {eyes['eyes']} eyes found, "
                  f"{eyes['swapped']} taken for those of the other side, {eyes['elsewhere']} found where there are none"
                  for title, eyes in self.heads.items() if eyes["scans"]]
        if self.turned:
            poses, swapped, missed = (self.turned[key] for key in ("poses", "swapped", "missed"))
            parts.append(f"{poses} random poses and orders of the axes: {swapped} of {2 * poses} eyes taken for those "
                         f"of the other side, {missed} not found")
        return "\n\n".join(part for part in parts if part)

    def as_data(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return finite({"model": self.model, "rows": [vars(row) for row in self.rows], "missed": self.missed,
                       "cases": list(self.results), "agreement": dict(self.agreement),
                       "strangers": dict(self.strangers), "heads": dict(self.heads), "turned": self.turned,
                       "planted": dict(self.planted), "operated": dict(self.operated)})

    def _notices(self) -> str:
        """Return the notices that users of the real scans get."""
        lines = [f"{r['name']}: novelty {r['novelty']['score']:.1f}; {' '.join(r['notices']) or 'no notice'}"
                 for r in self.results if r.get("novelty") and r["group"].startswith(("annotated", "real"))]
        return "\n".join(["Notices on the real scans", *lines]) if lines else ""


def write_section(page: Path, report: Report, arguments: str = "") -> None:
    """Replace a page's section by the text of a report; a missing page is created.

    :param arguments: arguments of the command, so that readers can repeat it.
    """
    old = page.read_text(encoding="utf-8") if page.exists() else "# Orbit segmentation: results\n"
    command = f'make validate-orbit ARGUMENTS="{arguments}"' if arguments else "make validate-orbit"
    section = f"{HEADING}\nOutput of `{command}`.\n\n```\n{report.text()}\n```\n"
    pattern = re.compile(rf"^{HEADING}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    text = pattern.sub(lambda _: section + "\n", old) if pattern.search(old) else f"{old.rstrip()}\n\n{section}"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text.rstrip() + "\n", encoding="utf-8")

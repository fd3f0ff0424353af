"""The results of the reproduction as a table, as data and as box plots."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np

from NeuroOrbitLib.evaluation.segmentation.scores import summarise
from Testing.Experiments.reproduction.orbit_plan import STUDIES, Scale, Study

SECTION = "## Reproduction"
#: Longest line of prose.
_LINE = 120
_MEASURE_NAMES = {"iou": "IoU", "dice": "Dice"}


@dataclass(frozen=True)
class Row:
    """The results of one network.

    :param folds: number of finished folds.
    :param facts: facts about its last fold: steps, weights, seconds.
    :param values: for each structure, the study's measure in each test case.
    """

    title: str
    folds: int
    facts: Mapping[str, Any]
    values: Mapping[str, list[float]]

    @property
    def means(self) -> list[float]:
        """Mean over the structures of each test case."""
        return np.mean(list(self.values.values()), axis=0).tolist()


def read_rows(study: Study, folder: Path) -> list[Row]:
    """Return the rows with results: the study's networks in its order, then others."""
    parts: dict[str, list[dict]] = {title: [] for entry in study.entries for title in entry.titles}
    for path in sorted((folder / study.key / "results").glob("*.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        parts.setdefault(result["title"], []).append(result)
    return [_row(title, results, study.measure) for title, results in parts.items() if results]


def _row(title: str, results: Sequence[Mapping[str, Any]], measure: str) -> Row:
    cases = [case for result in results for case in result["cases"].values()]
    values = {name: [case[name][measure] for case in cases if name in case] for name in cases[0]}
    return Row(title, len(results), results[-1]["facts"], values)


def _wrapped(text: str) -> str:
    return fill(text, _LINE, break_long_words=False, break_on_hyphens=False)


def markdown(scale: Scale, folder: Path) -> str:
    """Return the section of the document: the procedure, and a table per study."""
    task = ("Printed by `make reproduce-orbit`. All patients here are **synthetic** (phantom CT); only the rows of the "
            "papers are about patients, so they say what the task was, not which network is better.")
    size = (f"Scale `{scale.name}`: {scale.statement}. `make reproduce-orbit ARGUMENTS='--scale full'` runs the "
            "papers' own size (for a GPU); it can be stopped and goes on where it was.")
    lines = [SECTION, "", _wrapped(task), "", _wrapped(size)]
    for study in STUDIES:
        rows = read_rows(study, folder)
        if rows:
            lines += ["", f"### {study.title}", "", *_table(study, rows), "",
                      f"![Box plots of the test cases]({picture_name(study)})"]
    return "\n".join([*lines, ""])


def picture_name(study: Study) -> str:
    """File name of a study's box plots."""
    return f"orbit_reproduction_{study.key}.png"


def _table(study: Study, rows: Sequence[Row]) -> list[str]:
    structures = list(rows[0].values)
    head = ["network", "test scans", *structures, f"mean {_MEASURE_NAMES[study.measure]}", "weights", "steps",
            "s per scan"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for title, numbers in study.published.items():
        cells = [f"{numbers[name]:.3f}" if name in numbers else "" for name in (*structures, "mean")]
        lines.append("| " + " | ".join([title, str(study.subjects), *cells, "", "", ""]) + " |")
    return lines + ["| " + " | ".join(_cells(row, structures)) + " |" for row in rows]


def _cells(row: Row, structures: Sequence[str]) -> list[str]:
    summaries = [summarise(row.values[name]) for name in structures] + [summarise(row.means)]
    weights, steps = row.facts.get("weights"), row.facts.get("steps")
    version = row.facts.get("model", {}).get("version", "")
    return [f"{row.title} {version}".rstrip() + " (synthetic)", str(len(row.means)),
            *(f"{part.mean:.3f} ± {part.sd:.3f}" for part in summaries),
            f"{weights / 1e6:.2f} M" if weights else "", str(steps or ""), f"{row.facts['processor_s_per_scan']:.1f}"]


def as_data(scale: Scale, folder: Path) -> dict[str, Any]:
    """Return all results as plain data."""
    return {"scale": scale.name, "synthetic": True, "studies": {
        study.key: {"measure": study.measure, "published": study.published,
                    "rows": {row.title: {"folds": row.folds, "facts": row.facts, "values": row.values}
                             for row in read_rows(study, folder)}} for study in STUDIES}}


def draw(folder: Path, place: Path) -> None:
    """Draw box plots of each study with results into the folder ``place``: every structure, every network,
    each box over the test cases.
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    place.mkdir(parents=True, exist_ok=True)
    for study in STUDIES:
        if rows := read_rows(study, folder):
            figure, axis = plt.subplots(figsize=(10, 4.2))
            _boxes(axis, study, rows)
            figure.tight_layout()
            figure.savefig(place / picture_name(study), dpi=90)
            plt.close(figure)


def _boxes(axis: Any, study: Study, rows: Sequence[Row]) -> None:
    structures = list(rows[0].values)
    width = 0.8 / len(rows)
    for number, row in enumerate(rows):
        places = np.arange(len(structures)) + (number - (len(rows) - 1) / 2) * width
        boxes = axis.boxplot([row.values[name] for name in structures], positions=places, widths=0.85 * width,
                             patch_artist=True, manage_ticks=False, medianprops={"color": "black"})
        for box in boxes["boxes"]:
            box.set_facecolor(f"C{number}")
        boxes["boxes"][0].set_label(row.title)
    for place, name in enumerate(structures):
        for values in study.published.values():
            if name in values:
                axis.plot([place - 0.4, place + 0.4], [values[name]] * 2, "k:", linewidth=1)
    axis.set(xticks=range(len(structures)), xticklabels=[fill(name, 18) for name in structures], ylim=(0, 1),
             ylabel=_MEASURE_NAMES[study.measure],
             title=f"{study.title.split(':')[0]}: synthetic test scans (dotted: the paper's patients)")
    axis.legend(fontsize=8, loc="lower left")


def replace_section(document: Path, section: str) -> None:
    """Put a section (its first line is its heading) into a document in place of the section with the same heading."""
    text = document.read_text(encoding="utf-8") if document.exists() else "# Results: the orbit\n"
    heading = section.splitlines()[0]
    before, _, rest = text.partition(f"\n{heading}\n")
    _, mark, after = rest.partition("\n## ")
    document.parent.mkdir(parents=True, exist_ok=True)
    document.write_text(f"{before.rstrip()}\n\n{section.rstrip()}\n{mark and chr(10) + '## '}{after}", encoding="utf-8")

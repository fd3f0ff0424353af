"""What a batch leaves beside the results of its scans: table, failures, linking list, page of pictures."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from NeuroOrbitLib.evaluation.reports.page import Page
from NeuroOrbitLib.files.safe import write_rows
from NeuroOrbitLib.jobs.tasks import PROBLEM
from NeuroOrbitLib.measurements.codes import QUANTITIES
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.batch.cases import BatchCase
from OrbitSegmentationLib.batch.work import PICTURE_NAME

TABLE_NAME, FAILURES_NAME, CASES_NAME, PAGE_NAME = "table.csv", "failures.csv", "cases.csv", "index.html"
_ABOUT = ("case", "structure", "side", "confidence")
#: What must be known of the values in a row, and why others are missing.
_NOTES = ("note", "not_measurable_because")


def write_summary(cases: Mapping[str, BatchCase], results: Sequence[Mapping[str, Any]], folder: Path) -> list[Path]:
    """Write the files that tell about all scans of a batch; returns their paths.

    ``cases.csv`` alone says which case is which scan, so that the others can be passed on.

    :param results: of the scans, in the order of ``cases``.
    """
    named = list(zip(cases, results, strict=True))
    done = [(name, result) for name, result in named if PROBLEM not in result]
    failed = [(name, result[PROBLEM]) for name, result in named if PROBLEM in result]
    return [
        write_rows(folder / CASES_NAME, ("case", "source", "series_taken_because"),
                   [(name, case.source, case.why) for name, case in cases.items()]),
        write_rows(folder / TABLE_NAME, (*_ABOUT, *QUANTITIES, *_NOTES), [row for name, result in done
                                                                          for row in table_rows(name, result)]),
        write_rows(folder / FAILURES_NAME, ("case", "reason"), failed),
        _page(done, failed, folder).write(folder / PAGE_NAME),
    ]


def table_rows(name: str, result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row per structure and side of one scan, with a column for each quantity."""
    confidence = {(row.get("structure"), row.get("side") or ""): row.get("confidence") for row in result["structures"]}
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    told: dict[tuple[str, str], dict[str, list[str]]] = {}
    for measure in result["measures"]:
        key = (measure["structure"], measure["side"] or "")
        known = confidence.get(key)
        row = rows.setdefault(key, {"case": name, "structure": key[0], "side": key[1],
                                    "confidence": "" if known is None else round(known, 3)})
        texts = told.setdefault(key, {column: [] for column in _NOTES})
        if measure["value"] is not None:
            row[measure["quantity"]] = measure["value"]
        for column, text in zip(_NOTES, (measure.get("note"), measure["reason"]), strict=True):
            if text and text not in texts[column]:
                texts[column].append(str(text))
    for key, row in rows.items():
        row.update({column: " ".join(texts) for column, texts in told[key].items()})
    return list(rows.values())


def doubt(result: Mapping[str, Any]) -> tuple[bool, float]:
    """Return how doubtful a result is: whether its scan is unusual, and how unsure the least sure structure is."""
    known = [row["confidence"] for row in result["structures"] if row.get("confidence") is not None]
    return bool(result["unusual"]), 1.0 - min(known, default=1.0)


def _page(done: Iterable[tuple[str, Mapping[str, Any]]], failed: Sequence[tuple[str, str]], folder: Path) -> Page:
    page = Page(str(_("Orbits of a batch of scans, the most doubtful first")))
    for name, result in sorted(done, key=lambda item: doubt(item[1]), reverse=True):
        data = base64.b64encode((folder / name / PICTURE_NAME).read_bytes()).decode("ascii")
        page.picture(f"data:image/png;base64,{data}", _caption(name, result))
    if failed:
        page.heading(str(_("Could not be done")))
        page.table([str(_("Case")), str(_("Reason"))], failed)
    return page


def _caption(name: str, result: Mapping[str, Any]) -> str:
    unusual, unsure = doubt(result)
    words = [name, str(_("least sure structure {percent} %").format(percent=f"{100 * (1 - unsure):.0f}"))]
    if unusual:
        words.append(str(_("unusual scan")))
    return "; ".join([*words, *result["notices"]])

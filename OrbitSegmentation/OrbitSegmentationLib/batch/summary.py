"""Summary of a batch, beside its scans' results: table, notices, failures, list of sources, page of pictures."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from NeuroOrbitLib.evaluation.reports.page import Page
from NeuroOrbitLib.files.safe import write_rows
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.jobs.tasks import PROBLEM, RESULT_NAME, read_result
from NeuroOrbitLib.measurements.codes import QUANTITIES
from NeuroOrbitLib.sentences import joined
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.batch.cases import BatchCase
from OrbitSegmentationLib.batch.work import PICTURE_NAME

TABLE_NAME, FAILURES_NAME, CASES_NAME, PAGE_NAME = "table.csv", "failures.csv", "cases.csv", "index.html"
#: Notices on whole scans and on structures, which the rows of the table do not hold.
NOTICES_NAME = "notices.csv"
SUMMARY_NAMES = (TABLE_NAME, NOTICES_NAME, FAILURES_NAME, CASES_NAME, PAGE_NAME)
_ABOUT = ("case", "structure", "side", "confidence")
#: Columns for the methods of values that can be measured by more than one, for remarks on the values of a row, and for
#: the reasons why values are missing.
_NOTES = ("methods", "note", "not_measurable_because")


def write_summary(cases: Mapping[str, BatchCase], results: Sequence[Mapping[str, Any]], folder: Path) -> list[Path]:
    """Write the files that summarise all scans of a batch and return their paths.

    Only ``cases.csv`` says which case is which scan, so that the other files can be passed on.

    :param cases: scans by name of the case.
    :param results: results of the scans, in the order of ``cases``.
    :param folder: folder of the batch.
    """
    named = list(zip(cases, results, strict=True))
    done = [(name, result) for name, result in named if PROBLEM not in result]
    failed = [(name, result[PROBLEM]) for name, result in named if PROBLEM in result]
    return [
        write_rows(folder / CASES_NAME, ("case", "source", "series_taken_because"),
                   [(name, case.source, case.why) for name, case in cases.items()]),
        write_rows(folder / TABLE_NAME, (*_ABOUT, *QUANTITIES, *_NOTES), [row for name, result in done
                                                                          for row in table_rows(name, result)]),
        write_rows(folder / NOTICES_NAME, ("case", "notice"), [(name, text) for name, result in done
                                                               for text in result["notices"]]),
        write_rows(folder / FAILURES_NAME, ("case", "reason"), failed),
        _page(named, folder).write(folder / PAGE_NAME),
    ]


def write_overview(output: str, said: Mapping[str, str], progress: Progress = silent) -> dict[str, str]:
    """Write the page of pictures again in another language.

    :param output: folder of a finished batch.
    :param said: translation of each sentence of the page (see :func:`sentences_of_page`).
    :param progress: receives the fraction done and a message.
    :return: ``file``: path of the page.
    """
    folder = Path(output)
    cases = sorted(path.parent.name for path in folder.glob(f"*/{RESULT_NAME}"))
    page = _page([(name, read_result(folder, name)) for name in cases], folder, lambda text: said.get(text, text))
    progress(1.0, _("Writing the overview"))
    return {"file": str(page.write(folder / PAGE_NAME))}


def sentences_of_page(cases: Iterable[str], results: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return all texts on the page of pictures, for translation."""
    found: list[str] = []

    def note(text: str) -> str:
        found.append(text)
        return text

    _page(list(zip(cases, results, strict=True)), None, note).html()
    return list(dict.fromkeys(found))


def table_rows(name: str, result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one row per structure and side of a scan, with a column for each quantity."""
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
        method = f"{measure['quantity']}: {measure['method']}." if measure.get("method") else ""
        for column, text in zip(_NOTES, (method, measure.get("note"), measure["reason"]), strict=True):
            if text and text not in texts[column]:
                texts[column].append(str(text))
    for key, row in rows.items():
        row.update({column: " ".join(texts) for column, texts in told[key].items()})
    return list(rows.values())


def doubt(result: Mapping[str, Any]) -> tuple[bool, float]:
    """Return whether the scan is unusual, and the doubt (0 to 1) about the least certain structure."""
    known = [row["confidence"] for row in result["structures"] if row.get("confidence") is not None]
    return bool(result["unusual"]), 1.0 - min(known, default=1.0)


def _page(named: Iterable[tuple[str, Mapping[str, Any]]], folder: Path | None, say: Callable[[str], str] = str) -> Page:
    """Return the page with the results of all cases, without pictures if ``folder`` is ``None``."""
    page, failed, done = Page(_("Orbits of a batch of scans, the most doubtful first"), say=say), [], []
    for name, result in named:
        (failed if PROBLEM in result else done).append((name, result))
    for name, result in sorted(done, key=lambda item: doubt(item[1]), reverse=True):
        data = "" if folder is None else base64.b64encode((folder / name / PICTURE_NAME).read_bytes()).decode("ascii")
        page.picture(f"data:image/png;base64,{data}", _caption(name, result))
    if failed:
        page.heading(_("Could not be done"))
        page.table([_("Case"), _("Reason")], [(name, result[PROBLEM]) for name, result in failed])
    return page


def _caption(name: str, result: Mapping[str, Any]) -> str:
    unusual, unsure = doubt(result)
    words = [name, _("least sure structure {percent} %").format(percent=f"{100 * (1 - unsure):.0f}")]
    if unusual:
        words.append(_("unusual scan"))
    return joined([*words, *result["notices"]], "; ")

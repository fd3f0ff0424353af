"""The report of an answer about image files, with the same content as the panel's report of a result in the scene."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from NeuroOrbitLib.classifiers.report import ReportWords, write_report
from NeuroOrbitLib.evaluation.reports.names import is_report_name
from NeuroOrbitLib.files.safe import is_writable, why_not_written
from NeuroOrbitLib.imaging.image import Image, voxels_sha256
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _


def check_report_path(path: str | None) -> None:
    """Refuse a path to which a report cannot be written, before anything is computed; its folder need not exist.

    :param path: path of the report, ending in ``.html`` or ``.pdf``; None if no report is wanted.
    :raises Problem: if the ending is another one or the file cannot be written.
    """
    if path is None:
        return
    if not is_report_name(path):
        raise Problem(_("A report is a web page or a PDF: give a file that ends in .html or .pdf, not {name}.").format(
            name=Path(path).name))
    if not is_writable(Path(path)):
        raise Problem(why_not_written(Path(path)))


def write_answer_report(path: str, answer: Mapping[str, object], scan: Image, seen: Image,
                        words_of: Callable[[Mapping[str, object]], ReportWords]) -> Path:
    """Write the report of an answer about a scan, without the names of its files.

    :param path: path of the report, see :func:`check_report_path`.
    :param answer: answer as plain data with its provenance, see :func:`NeuroOrbitLib.classifiers.steps.provenance`;
        its ``notices`` are sentences.
    :param scan: scan as it was read.
    :param seen: the classifier's input from the scan, z-scores (K, J, I).
    :param words_of: returns the texts of the module's report for a record.
    :raises Problem: if the file cannot be written.
    """
    record = {
        **answer, "notices": [{"level": "warning", "text": text} for text in answer["notices"]],
        "input": {"voxels_sha256": voxels_sha256(scan.array)},
        "time": datetime.now().astimezone().isoformat(timespec="seconds"),
    }  # fmt: skip
    try:
        return write_report(Path(path), record, words_of(record), seen, scan=scan)
    except OSError as error:
        raise Problem(_("{path} cannot be written. Choose another folder.").format(path=path)) from error

"""Answers about files, the same steps for every module: read the scan, ask, note what was odd, write a report."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.imaging.image import Image

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.model_kind import ModelKind
    from NeuroOrbitLib.classifiers.report import ReportWords
    from NeuroOrbitLib.models import ModelPackage


@dataclass(frozen=True)
class FileAnswer:
    """What a module says about a scan.

    :param data: plain data; has ``notices``, a list of sentences.
    :param seen: what the classifier saw, z-scores (K, J, I), for the pictures of a report.
    :param told: plain data that only the report tells.
    :param case: what the answer is about, for the caller.
    """

    data: Mapping[str, Any]
    seen: Image
    told: Mapping[str, Any] = field(default_factory=dict)
    case: Any = None


def answer_file(scan: str, model: str, kind: ModelKind, ask: Callable[[Image, ModelPackage, str], FileAnswer],
                words_of: Callable[[Mapping[str, object]], ReportWords] | None = None, device: str = "auto",
                model_folders: Sequence[str] = (), report: str | None = None,
                read: Callable[[str], tuple[Image, list[str]]] | None = None) -> tuple[dict[str, Any], FileAnswer]:
    """Ask a module about a scan's file; return the answer as plain data, and as it was given.

    :param scan: NIfTI, NRRD or MetaImage file, or a folder with a DICOM series.
    :param model: name of a model package, or its folder.
    :param kind: which packages are the module's.
    :param ask: answers about an image by a package on a device.
    :param words_of: says what the module's report of a record says; needed for a report alone.
    :param report: file of a report that is to be written, ``.html`` or ``.pdf``.
    :param read: reads the scan and says what was done to it; an image file or the folder of one series by default.
    :return: the answer with ``scan`` and ``seconds``; its notices also tell of the file and of model packages that
        were passed over.
    """
    from NeuroOrbitLib.classifiers.answer_report import check_report_path, write_answer_report
    from NeuroOrbitLib.classifiers.steps import provenance
    from NeuroOrbitLib.dicom.scans import read_one
    from NeuroOrbitLib.imaging.files import file_notes
    from NeuroOrbitLib.models import passed_over

    started = time.monotonic()
    check_report_path(report)
    package, choice = kind.tools(model, model_folders, device)
    image, reading = (read or read_one)(scan)
    found = ask(image, package, choice.device)
    notices = [*passed_over(model, model_folders), *reading, *file_notes(scan), *found.data["notices"]]
    data = {**found.data, "notices": notices}
    if report is not None and words_of is not None:
        record = {**data, **found.told, **provenance(package, choice, started)}
        write_answer_report(report, record, image, found.seen, words_of)
    return {**data, "scan": str(scan), "seconds": time.monotonic() - started}, found

"""Answers about image files, in the same steps for every module: read the scan, ask the model, write a report."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.models.card_failure import repeated_on_cpu

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.model_kind import ModelKind
    from NeuroOrbitLib.classifiers.report import ReportWords
    from NeuroOrbitLib.models import ModelPackage


@dataclass(frozen=True)
class FileAnswer:
    """What a module says about a scan.

    :param data: the answer as plain data, with its notices (sentences) as ``notices``.
    :param seen: image that the classifier saw, z-scores (K, J, I), for the pictures of a report.
    :param only_in_report: further plain data that only the report shows.
    :param case: the case that was classified, for the caller's own use.
    """

    data: Mapping[str, Any]
    seen: Image
    only_in_report: Mapping[str, Any] = field(default_factory=dict)
    case: Any = None


@repeated_on_cpu
def answer_file(scan: str, model: str, kind: ModelKind, ask: Callable[[Image, ModelPackage, str], FileAnswer],
                words_of: Callable[[Mapping[str, object]], ReportWords] | None = None, device: str = "auto",
                model_folders: Sequence[str] = (), report: str | None = None,
                read: Callable[[str], tuple[Image, list[str]]] | None = None) -> tuple[dict[str, Any], FileAnswer]:
    """Ask a module about a scan's file; return the answer as plain data, and as it was given.

    :param scan: NIfTI, NRRD or MetaImage file, or a folder with a DICOM series.
    :param model: name of a model package, or its folder.
    :param kind: selects the packages that belong to the module.
    :param ask: called with the image, the package and the device; returns the answer.
    :param words_of: returns the texts of the module's report for a record; only needed for a report.
    :param device: "auto", "cpu" or "cuda".
    :param model_folders: further folders to look for model packages in.
    :param report: ``.html`` or ``.pdf`` file for the report; none is written by default.
    :param read: returns the image of ``scan`` and notices about how it was read; by default reads an image file or
        the folder of one series.
    :return: the answer as plain data, with ``scan`` and ``seconds`` added, and the answer as ``ask`` gave it. The
        notices in the data also cover the image file, its voxels, and model packages that were passed over.
    :raises Problem: when the scan, the model or the report's path cannot be used.
    """
    from NeuroOrbitLib.classifiers.answer_report import check_report_path, write_answer_report
    from NeuroOrbitLib.classifiers.steps import provenance
    from NeuroOrbitLib.dicom.scans import read_one, read_with_notices
    from NeuroOrbitLib.models import passed_over

    started = time.monotonic()
    check_report_path(report)
    package, choice = kind.tools(model, model_folders, device)
    image, reading = read_with_notices(scan, read or read_one)
    found = ask(image, package, choice.device)
    notices = [*passed_over(model, model_folders), *reading, *found.data["notices"]]
    data = {**found.data, "notices": notices}
    if report is not None and words_of is not None:
        record = {**data, **found.only_in_report, **provenance(package, choice, started)}
        write_answer_report(report, record, image, found.seen, words_of)
    return {**data, "scan": str(scan), "seconds": time.monotonic() - started}, found

"""A report from the files of a scan and its label map, for panel, command line and batch alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib import __version__
from NeuroOrbitLib.clinical_report.comparison import check_is_of, comparison_sentences
from NeuroOrbitLib.clinical_report.content import Header, ReportContent, content_of, read_header
from NeuroOrbitLib.clinical_report.findings import judgements_of
from NeuroOrbitLib.clinical_report.technique import technique_words
from NeuroOrbitLib.evaluation.reports.names import is_report_name
from NeuroOrbitLib.files.safe import write_bytes
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.measurements.normal import about_age, about_sex
from NeuroOrbitLib.measurements.rows import Row
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroOrbitLib.measurements.files import ScanAndLabels


def write_report(scan: str, labels: str, outputs: Sequence[str], progress: Progress = silent,
                 **options: Any) -> dict[str, Any]:
    """Write the report of a scan in English.

    :param scan: image file or folder of a DICOM series.
    :param labels: file of the label map on the scan's grid.
    :param outputs: files to write, ``.html`` or ``.pdf``.
    :param progress: receives the fraction done and a message.
    :param options: further options, see :func:`draw_up`.
    :return: ``files`` (paths) and ``findings`` (sentences of the report).
    :raises Problem: if a file cannot be used; nothing is written then.
    """
    _check(outputs)
    return _write(_drawn_up(scan, labels, progress=progress, **options), outputs, progress)


def draw_up(scan: str, labels: str, outputs: Sequence[str], folder: str, progress: Progress = silent,
            **options: Any) -> dict[str, Any]:
    """Draw up the report of a scan, which can be translated before :func:`write_drawn_up` writes it.

    :param scan: image file or folder of a DICOM series.
    :param labels: file of the label map on the scan's grid.
    :param outputs: files to be written in the end, whose names are checked.
    :param folder: folder in which the pictures are kept until then.
    :param progress: receives the fraction done and a message.
    :param options: ``normal``, key of the normative table to compare with, see
        :mod:`NeuroOrbitLib.measurements.normal`; ``settings``, file with the institution's header, see
        :func:`~.content.read_header`; ``findings``, sentences instead of those made by rule; ``measures``, JSON file of
        ``measure --json`` (by default the label map is measured); ``patient``, data of the patient by name;
        ``results``, (title, sentence) of other modules; ``notices``, warnings of the segmentation; ``provenance``,
        sentences about how the label map was made; ``nerve_with_sheath``, whether the nerve's label includes its sheath
        (True by default); ``comparison``, changes since an earlier scan, see
        :func:`~.comparison.comparison_sentences`; ``tags``, DICOM fields of the scan by keyword, and ``age``, age of
        the patient in years, both read from the scan by default.
    :return: the report as plain data, see :meth:`~.content.ReportContent.as_data`.
    :raises Problem: if a file cannot be used.
    """
    _check(outputs)
    return _drawn_up(scan, labels, progress=progress, **options).as_data(Path(folder))


def write_drawn_up(report: Mapping[str, Any], outputs: Sequence[str], progress: Progress = silent) -> dict[str, Any]:
    """Write a report that :func:`draw_up` returned; see :func:`write_report` for other parameters and the result."""
    return _write(ReportContent.from_data(report), outputs, progress)


def _drawn_up(scan: str, labels: str, normal: str | None = None, settings: str | None = None,
              findings: Sequence[str] | None = None, measures: str | None = None,
              patient: Mapping[str, str] | None = None, results: Sequence[Sequence[str]] = (),
              notices: Sequence[str] = (), provenance: Sequence[str] = (), nerve_with_sheath: bool = True,
              comparison: Mapping[str, Any] | None = None, tags: Mapping[str, str] | None = None,
              age: float | None = None, progress: Progress = silent) -> ReportContent:
    from NeuroOrbitLib.dicom.fields import scan_fields
    from NeuroOrbitLib.dicom.patient import age_of, patient_at, sex_of

    header = read_header(Path(settings)) if settings else Header()
    progress(0.0, _("Reading the scan"))
    given = _read(scan, labels)
    progress(0.3, _("Measuring"))
    rows = _rows(measures, given, nerve_with_sheath)
    check_is_of(rows, comparison)
    progress(0.6, _("Drawing the pictures"))
    edited = [] if findings is None else [_("The findings were edited by a reader.")]
    known = patient_at(scan)
    # Without a table, the report still compares volumes.
    told = [*given.notices, *notices, *about_age(age_of(known) if age is None else age),
            *about_sex(sex_of(known), normal)]
    return report_of(given.scan, given.labels, given.is_ct, rows, normal, findings,
                     scan_fields(scan) if tags is None else tags, header=header, patient=dict(patient or {}),
                     comparison=comparison_sentences(comparison),
                     results=[(title, words) for title, words in results], notices=told,
                     provenance=[*provenance, *edited, f"SlicerNeuroOrbit {__version__}"])


def _write(content: ReportContent, outputs: Sequence[str], progress: Progress) -> dict[str, Any]:
    progress(0.8, _("Writing the report"))
    pages = {Path(output): _page(content, Path(output)) for output in outputs}
    for output, page in pages.items():
        write_bytes(output, page)
    return {"files": [str(path) for path in outputs], "findings": list(content.findings)}


def report_of(scan: Image, labels: Image, is_ct: bool, rows: Sequence[Row], normal: str | None = None,
              findings: Sequence[str] | None = None, tags: Mapping[str, str] | None = None,
              **parts: Any) -> ReportContent:
    """Return the content of the report of a scan and its measures.

    :param scan: grey values.
    :param labels: label map on the same grid, not empty.
    :param is_ct: whether the grey values are HU.
    :param rows: all measures.
    :param normal: key of the normative table to compare with; ``None`` without one.
    :param findings: sentences instead of those made by rule.
    :param tags: DICOM fields of the scan by keyword.
    :param parts: further fields of :class:`~.content.ReportContent`.
    :raises Problem: if there is no such normative table, or it is of another modality.
    """
    from NeuroOrbitLib.clinical_report.pictures import report_pictures
    from NeuroOrbitLib.measurements.normal import normal_table

    table = normal_table(normal) if normal else None
    return content_of(rows, judgements_of(rows, table, "CT" if is_ct else "MRI"), table, findings,
                      technique=technique_words(scan, is_ct, tags or {}),
                      pictures=report_pictures(scan, labels, is_ct), **parts)


def _check(outputs: Sequence[str]) -> None:
    if not outputs or not all(map(is_report_name, outputs)):
        raise Problem(_("A report is written as .html or .pdf. Choose such a name."))


def _read(scan: str, labels: str) -> ScanAndLabels:
    """Return the scan and its label map, which is on the scan's grid and not empty."""
    from NeuroOrbitLib.measurements.files import read_scan_and_labels

    given = read_scan_and_labels(scan, labels)
    if not given.labels.grid.same_as(given.scan.grid, tolerance=0.01):
        raise Problem(_("The label map does not lie on the scan's grid. Choose the label map of this scan."))
    if not given.labels.array.any():
        raise Problem(_("The label map is empty: all voxels are 0. Segment the scan first."))
    return given


def _rows(measures: str | None, given: ScanAndLabels, nerve_with_sheath: bool) -> list[Row]:
    if measures is not None:
        from NeuroOrbitLib.measurements.reading import rows_from_file

        return rows_from_file(Path(measures), given.labels)
    from NeuroOrbitLib.measurements.measure import measure

    return measure(given.labels, given.scan, given.is_ct, nerve_with_sheath)


def _page(content: ReportContent, output: Path) -> bytes:
    if output.suffix.lower() == ".pdf":
        from NeuroOrbitLib.clinical_report.pdf import report_pdf

        return report_pdf(content)
    from NeuroOrbitLib.clinical_report.page import report_html

    return report_html(content).encode("utf-8")

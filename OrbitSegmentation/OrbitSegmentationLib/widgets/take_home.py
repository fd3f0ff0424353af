"""Export from the panel: the report of the measured segmentation, and its DICOM objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs import Cancelled, JobFailed, JobRunner
from NeuroOrbitLib.measurements.tables import rows_as_data
from NeuroOrbitLib.mrml import provenance
from NeuroOrbitLib.mrml.dicom_fields import technique_fields
from NeuroOrbitLib.mrml.dicom_results import export_results
from NeuroOrbitLib.mrml.follow_up import latest_comparison
from NeuroOrbitLib.mrml.measurement_table import measurements_of, rows_of, why_unreadable
from NeuroOrbitLib.mrml.measuring import has_sheath, why_not_measurable
from NeuroOrbitLib.mrml.patient_results import heat_maps_of, results_of_patient
from NeuroOrbitLib.mrml.report import write_report
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.segment_masks import label_image
from NeuroOrbitLib.mrml.segmentation_results import was_edited
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets.dependencies import ensure_for_measuring, ensure_for_page
from NeuroOrbitLib.widgets.dicom_button import DicomButton
from NeuroOrbitLib.widgets.file_choice import choose_report
from NeuroOrbitLib.widgets.labels import push_button
from NeuroOrbitLib.widgets.normal_choice import NormalChoice
from NeuroOrbitLib.widgets.notice import NoticeBanner
from NeuroOrbitLib.widgets.progress_dialog import progress_dialog
from NeuroOrbitLib.widgets.report_header import header_settings
from OrbitSegmentationLib.widgets.findings_edit import FindingsEdit

#: Attribute of a scan with the indication, as the user has entered it.
_INDICATION = f"{provenance.PREFIX}.Indication"


class TakeHome(qt.QWidget):
    """The buttons *Findings*, *Report* and *DICOM* below the measures of a segmentation; the last asks for a folder.

    :param normal: function that returns the chosen normative table and the patient's age.
    """

    def __init__(self, normal: NormalChoice) -> None:
        qt.QWidget.__init__(self)
        self.objectName = "takeHome"
        self._normal = normal
        self._segmentation: slicer.vtkMRMLSegmentationNode | None = None
        self._runner = JobRunner(temporary_folder=slicer.app.temporaryPath)
        self.report_button = push_button("reportButton", _("Report…"), _(
            "Write one page with pictures, measures and findings, as a web page or PDF."), self._ask_for_report)
        self.dicom_button = push_button("dicomButton", _("DICOM"), _(
            "Write the segmentation, its measures and the heat maps of the scan as DICOM objects of the patient's "
            "study, into the DICOM database or into a folder."))
        self.indication_line = qt.QLineEdit()
        self.indication_line.objectName = "indicationLineEdit"
        self.indication_line.placeholderText = _("Indication, e.g. thyroid eye disease, CAS 4 of 7")
        self.indication_line.toolTip = _("Stands at the top of the report; kept with the scan.")
        self.indication_line.connect("editingFinished()", self._keep_indication)
        self.findings = FindingsEdit(normal)
        self.banner = NoticeBanner()
        self.banner.objectName = "takeHomeNotices"
        self._dicom = DicomButton(self.dicom_button, self.banner, lambda: scan_of(self._segmentation),
                                  self._write_dicom, self._write_report)
        layout = qt.QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.indication_line, 0, 0, 1, 3)
        for column, button in enumerate((self.findings.button, self.report_button, self.dicom_button)):
            layout.addWidget(button, 1, column)
        layout.addWidget(self.findings, 2, 0, 1, 3)
        layout.addWidget(self.banner, 3, 0, 1, 3)

    def set_segmentation(self, segmentation: slicer.vtkMRMLSegmentationNode | None) -> None:
        """Set the segmentation for report and DICOM objects."""
        if segmentation is not self._segmentation:
            self.banner.show_notices([])
            scan = scan_of(segmentation)
            self.indication_line.text = (scan.GetAttribute(_INDICATION) or "") if scan is not None else ""
        self._segmentation = segmentation
        possible = not why_not_measurable(segmentation)
        self.report_button.enabled = self.dicom_button.enabled = self.indication_line.enabled = possible

    def close(self) -> None:
        """End the worker process."""
        self._runner.close()

    def report(self, path: Path) -> None:
        """Write the report to a file (.html or .pdf) and show where it is."""
        try:
            self._write_report(path)
        except Cancelled:
            self.banner.show_notice("info", _("Cancelled. Nothing was written."))
        except (Problem, JobFailed) as error:
            self.banner.show_notice("error", str(error))
        else:
            self.banner.show_notice("info", _("The report was written to {path}").format(path=path))

    # Inside

    def _write_report(self, path: Path) -> None:
        ensure_for_page(path)
        scan, labels, measures = self._material()
        with progress_dialog(_("Report"), _("Writing the report…")) as follow:
            write_report(scan, labels, self._runner, [path], measures, self._report_options(scan), follow)

    def _write_dicom(self, folder: Path | None, series: Path | None, pseudonym: str | None,
                     report: Path | None) -> list[str]:
        """Write the DICOM objects, and the report with them if there is one."""
        scan, labels, measures = self._material()
        options = {**_origin(self._segmentation), "pseudonym": pseudonym, "report": report and str(report)}
        with progress_dialog(_("DICOM"), _("Writing the DICOM objects…")) as follow:
            return export_results(scan, labels, self._runner, folder, measures, options, follow, series,
                                  heat_maps_of(scan))

    def _keep_indication(self) -> None:
        scan = scan_of(self._segmentation)
        if scan is not None:
            scan.SetAttribute(_INDICATION, self.indication_line.text.strip() or None)

    def _report_options(self, scan: slicer.vtkMRMLScalarVolumeNode) -> dict[str, Any]:
        table, indication = self._normal.current(), scan.GetAttribute(_INDICATION)
        return {"patient": {_("Indication"): indication} if indication else {}, "findings": self.findings.chosen(),
                "normal": table.key if table is not None else None, "age": self._normal.age(),
                "notices": self._notices(), "results": results_of_patient(scan), "tags": technique_fields(scan),
                "comparison": latest_comparison(self._segmentation), "settings": header_settings(),
                "nerve_with_sheath": has_sheath(self._segmentation),
                "provenance": [text for text in [provenance.summary_of(self._segmentation)] if text]}

    def _material(self) -> tuple[slicer.vtkMRMLScalarVolumeNode, Image, list[dict[str, Any]] | None]:
        """Return scan, label map and measures; ``None`` for measures if the segmentation was not measured.

        :raises Problem: if the measures are out of date or cannot be read, or packages that measure are missing.
        """
        table = measurements_of(self._segmentation)
        rows, problem = rows_of(table), why_unreadable(table)
        if problem:
            raise Problem(problem)
        if any(row.is_out_of_date for row in rows):
            raise Problem(_("The segmentation or its scan has changed since it was measured. Press Measure again "
                            "first."))
        scan = scan_of(self._segmentation)
        measures = rows_as_data(row.row for row in rows) if rows else None
        if measures is None:  # the worker measures then
            ensure_for_measuring()
        return scan, label_image(self._segmentation, scan), measures

    def _notices(self) -> list[str]:
        told_of = (self._segmentation, measurements_of(self._segmentation))
        return [str(notice["text"]) for node in told_of for notice in provenance.notices_of(node)]

    def _ask_for_report(self) -> None:
        try:
            self.findings.chosen()
        except Problem as problem:  # before the user chooses a folder in vain
            self.banner.show_notice("error", str(problem))
            return
        # Names of scans may be names of patients: they become part of file names only if the user keeps names.
        path = choose_report(self, self._segmentation.GetName() if provenance.keeps_names() else "", "orbits.html")
        if path is not None:
            self.report(path)


def _origin(segmentation: slicer.vtkMRMLSegmentationNode) -> dict[str, Any]:
    """Return the origin of the outlines for DICOM: the model that made them, and whether a person has edited them."""
    known = {"nerve_with_sheath": has_sheath(segmentation)}
    model = (provenance.record_of(segmentation) or {}).get("model")
    if not model:
        return known
    return {**known, "model": {"name": str(model["name"]), "version": str(model["version"])},
            "corrected": was_edited(segmentation)}

"""The shared views of a panel with this module's texts, and the button that opens the Segment Editor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import qt
import slicer
from slicer.i18n import tr as _

from NeuroDifferentialLib.mrml.dicom_lesions import export_lesions
from NeuroDifferentialLib.mrml.parameters import NeuroDifferentialParameterNode
from NeuroDifferentialLib.mrml.results import answer_of, edited_ticks, show_lesion
from NeuroDifferentialLib.mrml.runs import lesions_problem, masks_of_result
from NeuroDifferentialLib.report import report_words
from NeuroOrbitLib.jobs import JobRunner
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets.analysis_panel import AnalysisPanel
from NeuroOrbitLib.widgets.answer_view import AnswerView
from NeuroOrbitLib.widgets.dicom_button import DicomButton
from NeuroOrbitLib.widgets.notice import NoticeBanner
from NeuroOrbitLib.widgets.progress_dialog import progress_dialog
from NeuroOrbitLib.widgets.report_button import ReportButton

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.report import ReportWords


def lesion_view() -> AnswerView:
    """Return the view of the answer with the table of lesions."""
    return AnswerView("lesionAnswerView", answer_of, _("Lesions, the largest first:"), _(
        "Every lesion with its place. Click a row to see the lesion in all views."), show_lesion, masks_of_result)


def report_button(button: qt.QPushButton, banner: NoticeBanner, result: Callable[[], ClassifierResult | None],
                  changes: Callable[[], Mapping[str, object] | None]) -> ReportButton:
    """Return the button that writes the report, with the reader's ticks, the explanation and the changes.

    :param button: button of the panel.
    :param banner: banner for notices.
    :param result: returns the chosen result.
    :param changes: returns the record of the changes since an earlier visit, None without a comparison.
    """
    def words(record: Mapping[str, object]) -> ReportWords:
        chosen = result()
        return report_words(record, edited_ticks(chosen), (chosen.explanation or {}).get("effects", ()), changes())

    return ReportButton(button, banner, words, "lesions.html", masks_of_result)


def dicom_button(panel: AnalysisPanel) -> DicomButton:
    """Return the button that writes the chosen lesions, as currently drawn, and their measures as DICOM.

    The report of the chosen result is added if the user ticks that. A separate worker is used, so that the one with the
    loaded models stays free.
    """
    runner = JobRunner(extra_paths=panel.logic.workerPaths, temporary_folder=slicer.app.temporaryPath)
    panel.endings.append(runner.close)

    def write(folder: Path | None, series: Path | None, pseudonym: str | None, report: Path | None) -> list[str]:
        panel.ensureDependencies(needs_torch=False)
        chosen = panel._parameterNode
        with progress_dialog(_("DICOM"), _("Writing the DICOM objects…")) as follow:
            return export_lesions(chosen.inputVolume, chosen.lesions, runner, folder, series, pseudonym, follow, report)

    def write_report(path: Path) -> None:
        chosen, result = panel._parameterNode, panel.result()
        if result is not None and (result.scan, result.segmentation) != (chosen.inputVolume, chosen.lesions):
            raise Problem(_("The result is not of the lesions that are chosen. Press Apply for these, or leave the "
                            "report out."))
        panel.reportButton.write_page(path)

    return DicomButton(panel.ui.dicomButton, panel.noticeBanner, lambda: panel._parameterNode.inputVolume, write,
                       write_report)


def say_what_dicom_writes(button: qt.QPushButton, chosen: NeuroDifferentialParameterNode | None) -> None:
    """Enable the button if there are lesions, and set its tooltip to what it writes or why it cannot."""
    problem = lesions_problem(chosen.inputVolume, chosen.lesions) if chosen and chosen.inputVolume else _(
        "Choose the FLAIR first.")
    button.enabled = not problem
    button.toolTip = problem or _("Write the lesions as they are drawn now, and their measures, as DICOM objects of "
                                  "the patient's study, into the DICOM database or into a folder.")


def open_segment_editor(chosen: NeuroDifferentialParameterNode) -> None:
    """Open the Segment Editor with the lesions, whose changes there are used in the next steps."""
    slicer.util.selectModule("SegmentEditor")
    editor = slicer.util.getModuleWidget("SegmentEditor").editor
    editor.setSegmentationNode(chosen.lesions)
    editor.setSourceVolumeNode(chosen.inputVolume)

"""Correction of a result on the page for annotation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.mrml.result_case import not_taken_over, write_result_case

if TYPE_CHECKING:
    from NeuroOrbitLib.widgets.results_view import ResultsView
    from OrbitSegmentation import OrbitSegmentationWidget


def ask_for_case(result: slicer.vtkMRMLSegmentationNode, view: ResultsView) -> tuple[Path, str] | None:
    """Ask for a folder and write the scan and the outlines of a result there as a case.

    :param result: segmentation of the result.
    :param view: view that shows the reason if this is not possible.
    :return: folder and name of the case; ``None`` if the user has cancelled or the case could not be written.
    """
    folder = qt.QFileDialog.getExistingDirectory(view, _("Folder for the corrected result"), "")
    if not folder:
        return None
    try:
        return Path(folder), write_result_case(result, Path(folder))
    except Problem as problem:
        view.notices.show_notice("error", str(problem))
        return None


def correct_result(panel: OrbitSegmentationWidget, result: slicer.vtkMRMLSegmentationNode) -> None:
    """Ask for a folder, write a result there as a case and open it on the panel's page for annotation."""
    place = ask_for_case(result, panel.resultsView)
    if place is not None:
        panel.ui.pagesTabWidget.setCurrentWidget(panel.ui.annotationTab)
        panel.annotationPage.open_from(*place, not_taken_over(result))

"""The shared views of a panel with the words of this module, and the way into the Segment Editor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import qt
import slicer
from slicer.i18n import tr as _

from NeuroDifferentialLib.mrml.parameters import NeuroDifferentialParameterNode
from NeuroDifferentialLib.mrml.results import answer_of, edited_ticks, show_lesion
from NeuroDifferentialLib.mrml.runs import masks_of_result
from NeuroDifferentialLib.report import report_words
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.widgets.answer_view import AnswerView
from NeuroOrbitLib.widgets.notice import NoticeBanner
from NeuroOrbitLib.widgets.report_button import ReportButton

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.report import ReportWords


def lesion_view() -> AnswerView:
    """The answer with the table of lesions."""
    return AnswerView("lesionAnswerView", answer_of, _("Lesions, the largest first:"), _(
        "Every lesion with its place. Click a row to see the lesion in all views."), show_lesion, masks_of_result)


def report_button(button: qt.QPushButton, banner: NoticeBanner, result: Callable[[], ClassifierResult | None],
                  changes: Callable[[], Mapping[str, object] | None]) -> ReportButton:
    """The button that writes the report: criteria as the reader has ticked them, what explains it, what has changed.

    :param result: returns the chosen result. :param changes: returns the record of what has changed since an earlier
        visit, None where nothing was compared.
    """
    def words(record: Mapping[str, object]) -> ReportWords:
        chosen = result()
        return report_words(record, edited_ticks(chosen), (chosen.explanation or {}).get("effects", ()), changes())

    return ReportButton(button, banner, words, "lesions.html", masks_of_result)


def open_segment_editor(chosen: NeuroDifferentialParameterNode) -> None:
    """Open the Segment Editor with the lesions: what is deleted or drawn there counts in the next steps."""
    slicer.util.selectModule("SegmentEditor")
    editor = slicer.util.getModuleWidget("SegmentEditor").editor
    editor.setSegmentationNode(chosen.lesions)
    editor.setSourceVolumeNode(chosen.inputVolume)

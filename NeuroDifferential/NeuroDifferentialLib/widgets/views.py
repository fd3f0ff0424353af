"""The shared views of a panel with the words of this module, and the way into the Segment Editor."""

from __future__ import annotations

from collections.abc import Callable

import slicer
from slicer.i18n import tr as _

from NeuroDifferentialLib.mrml.results import answer_of, show_lesion
from NeuroOrbitLib.widgets.answer_view import AnswerView
from NeuroOrbitLib.widgets.node_table import NodeTable


def lesion_view() -> AnswerView:
    """The answer with the table of lesions."""
    return AnswerView("lesionAnswerView", answer_of, _("Lesions, the largest first:"), _(
        "Every lesion with its place. Click a row to see the lesion in all views."), show_lesion)


def effect_view(chosen: Callable[[int], None]) -> NodeTable:
    """The table that says which lesions speak for NMOSD; ``chosen`` is told the row that the user clicks."""
    return NodeTable("effectTableView", _(
        "What each lesion changes, the largest first. Click a row to see the lesion in all views."), chosen)


def open_segment_editor(lesions: slicer.vtkMRMLSegmentationNode, scan: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Open the Segment Editor with the lesions: what is deleted or drawn there counts in the next steps."""
    slicer.util.selectModule("SegmentEditor")
    editor = slicer.util.getModuleWidget("SegmentEditor").editor
    editor.setSegmentationNode(lesions)
    editor.setSourceVolumeNode(scan)

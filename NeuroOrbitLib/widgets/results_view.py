"""The results of a run in the panel: what to know about them, the measurements and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.mrml import provenance, views
from NeuroOrbitLib.mrml.tables import table_text
from NeuroOrbitLib.widgets.labels import push_button
from NeuroOrbitLib.widgets.node_table import NodeTable
from NeuroOrbitLib.widgets.notice import NoticeBanner
from NeuroOrbitLib.widgets.quality_view import QualityView


class ResultsView(qt.QWidget):
    """Shows the table node and the segmentation node of a run.

    :param correct: called when the user wants to correct the result.
    """

    def __init__(self, correct: Callable[[], None], parent: qt.QWidget | None = None) -> None:
        qt.QWidget.__init__(self, parent)
        self.objectName = "resultsView"
        self.correct_button = push_button("correctButton", _("Correct this result"), _(
            "Write the scan and these outlines into a folder, and go on with them on the page Annotate."), correct)
        self._segmentation: slicer.vtkMRMLSegmentationNode | None = None
        self._table: slicer.vtkMRMLTableNode | None = None
        self.notices = NoticeBanner()
        self.notices.objectName = "resultNotices"
        self.summary_label = qt.QLabel()
        self.summary_label.objectName = "resultSummaryLabel"
        self.summary_label.wordWrap = True
        self.summary_label.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Preferred)  # wraps, never widens
        self.table_view = NodeTable("measurementsTableView", _(
            "Measurements of the selected result. Click a row to see the structure in all views."), self._show_row)
        self.show_3d_button = slicer.qMRMLSegmentationShow3DButton()
        self.show_3d_button.objectName = "show3DButton"
        self.copy_button = push_button("copyTableButton", _("Copy table"), _(
            "Copy the measurements, with headings, to the clipboard for a spreadsheet or a letter."), self.copy_table)
        self.quality_view = QualityView(views.jump_to)
        self._lay_out()
        self.set_results(None, None)

    def set_results(self, segmentation: slicer.vtkMRMLSegmentationNode | None,
                    table: slicer.vtkMRMLTableNode | None, summary: str = "") -> None:
        """Show these nodes; ``None`` empties the view.

        :param summary: a sentence on how the result came about.
        """
        self._segmentation, self._table = segmentation, table
        self.table_view.setMRMLTableNode(table)
        self.show_3d_button.setSegmentationNode(segmentation)
        self.show_3d_button.enabled = self.correct_button.enabled = segmentation is not None
        self.copy_button.enabled = table is not None
        self.table_view.visible = table is not None
        self.notices.show_notices(provenance.notices_of(segmentation))
        self.quality_view.set_quality(provenance.quality_of(segmentation))
        self.summary_label.text = summary
        self.summary_label.visible = bool(summary)

    def _lay_out(self) -> None:
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.notices)
        layout.addWidget(self.table_view)
        layout.addWidget(self.quality_view)
        layout.addWidget(self.summary_label)
        buttons = qt.QHBoxLayout()
        buttons.addWidget(self.show_3d_button)
        buttons.addWidget(self.copy_button)
        buttons.addWidget(self.correct_button)
        layout.addLayout(buttons)

    def _show_row(self, row: int) -> None:
        """Show the structure of a row in the middle of all views."""
        measurements = (provenance.record_of(self._segmentation) or {}).get("measurements", [])
        if row < len(measurements):
            views.jump_to_segment(self._segmentation, anatomy.segment_id(int(measurements[row]["label"])))

    def copy_table(self) -> None:
        """Put the table on the clipboard as tab-separated text."""
        qt.QApplication.clipboard().setText(table_text(self._table))

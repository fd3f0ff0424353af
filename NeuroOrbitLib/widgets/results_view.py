"""The results of a run in the panel: what to know about them, the measurements and what can be done with them."""

from __future__ import annotations

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml import provenance, views
from NeuroOrbitLib.mrml.tables import table_text
from NeuroOrbitLib.widgets.notice import NoticeBanner
from NeuroOrbitLib.widgets.quality_view import QualityView
from NeuroOrbitLib.widgets.table_view import make_table_view


class ResultsView(qt.QWidget):
    """Shows the table node and the segmentation node of a run."""

    def __init__(self, parent: qt.QWidget | None = None) -> None:
        qt.QWidget.__init__(self, parent)
        self.objectName = "resultsView"
        self._table: slicer.vtkMRMLTableNode | None = None
        self.notices = NoticeBanner()
        self.notices.objectName = "resultNotices"
        self.summary_label = qt.QLabel()
        self.summary_label.objectName = "resultSummaryLabel"
        self.summary_label.wordWrap = True
        self.summary_label.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Preferred)  # wraps, never widens
        self.table_view = make_table_view("measurementsTableView", _("Measurements of the selected result."))
        self.show_3d_button = slicer.qMRMLSegmentationShow3DButton()
        self.show_3d_button.objectName = "show3DButton"
        self.copy_button = self._make_copy_button()
        self.quality_view = QualityView(views.jump_to)
        self._lay_out()
        self.set_results(None, None)

    def set_results(self, segmentation: slicer.vtkMRMLSegmentationNode | None,
                    table: slicer.vtkMRMLTableNode | None, summary: str = "") -> None:
        """Show these nodes; ``None`` empties the view.

        :param summary: a sentence on how the result came about.
        """
        self._table = table
        self.table_view.setMRMLTableNode(table)
        self.show_3d_button.setSegmentationNode(segmentation)
        self.show_3d_button.enabled = segmentation is not None
        self.copy_button.enabled = table is not None
        self.table_view.visible = table is not None
        self.notices.show_notices(provenance.notices_of(segmentation))
        self.quality_view.set_quality(provenance.quality_of(segmentation))
        self.summary_label.text = summary
        self.summary_label.visible = bool(summary)
        if table is not None:
            self.table_view.resizeColumnsToContents()

    def _make_copy_button(self) -> qt.QPushButton:
        button = qt.QPushButton(_("Copy table"))
        button.objectName = "copyTableButton"
        button.toolTip = _("Copy the measurements, with headings, to the clipboard for a spreadsheet or a letter.")
        button.connect("clicked()", self.copy_table)
        return button

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
        layout.addLayout(buttons)

    def copy_table(self) -> None:
        """Put the table on the clipboard as tab-separated text."""
        qt.QApplication.clipboard().setText(table_text(self._table))

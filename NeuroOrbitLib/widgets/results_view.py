"""The results of a run in the panel: notices, measurements, and buttons for what can be done with them."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml import doubt_maps, provenance, views
from NeuroOrbitLib.mrml.doubt_maps import doubt_of
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.segment_content import EditedSince
from NeuroOrbitLib.mrml.segment_masks import labelled_segments
from NeuroOrbitLib.mrml.segmentation_results import table_of, was_edited
from NeuroOrbitLib.mrml.tables import table_text
from NeuroOrbitLib.widgets.labels import push_button, wrapping_label
from NeuroOrbitLib.widgets.node_table import NodeTable
from NeuroOrbitLib.widgets.notice import NoticeBanner
from NeuroOrbitLib.widgets.quality_view import QualityView


class ResultsView(qt.QWidget):
    """Shows the segmentation node of a run with its table, notices and quality control.

    :param correct: function called when the user wants to correct the result.
    """

    def __init__(self, correct: Callable[[], None], parent: qt.QWidget | None = None) -> None:
        qt.QWidget.__init__(self, parent)
        self.objectName = "resultsView"
        self.correct_button = push_button("correctButton", _("Correct this result"), _(
            "Write the scan and these outlines into a folder, and go on with them on the page Annotate."), correct)
        self._segmentation: slicer.vtkMRMLSegmentationNode | None = None
        self._table: slicer.vtkMRMLTableNode | None = None
        self._edited_since = EditedSince(was_edited)
        self.notices = NoticeBanner()
        self.notices.objectName = "resultNotices"
        self.summary_label = wrapping_label("resultSummaryLabel")
        self.table_view = NodeTable("measurementsTableView", _(
            "Measurements of the selected result. Click a row to see the structure in all views."), self._show_row)
        self.show_3d_button = slicer.qMRMLSegmentationShow3DButton()
        self.show_3d_button.objectName = "show3DButton"
        self.copy_button = push_button("copyTableButton", _("Copy table"), _(
            "Copy the measurements, with headings, to the clipboard for a spreadsheet or a letter."), self.copy_table)
        self.quality_view = QualityView(views.jump_to)
        self.doubt_box = qt.QCheckBox(_("Show where the outlines are unsure"))
        self.doubt_box.objectName = "doubtBox"
        self.doubt_box.toolTip = _(
            "Colour the places at which the model itself doubts what it has drawn, in slices and in 3-D. The broader "
            "and redder the rim of an outline, the less sure it is. Structures that are not drawn may show, too.")
        self.doubt_box.connect("toggled(bool)", self._show_doubt)
        self.doubt_legend = wrapping_label("doubtLegend", is_rich=True)
        self._lay_out()
        self.set_result(None)

    def set_result(self, segmentation: slicer.vtkMRMLSegmentationNode | None) -> None:
        """Show a result with its table and quality control; ``None`` empties the view."""
        table, summary = table_of(segmentation), provenance.summary_of(segmentation)
        self._segmentation, self._table = segmentation, table
        self.table_view.setMRMLTableNode(table)
        self.show_3d_button.setSegmentationNode(segmentation)
        self.show_3d_button.enabled = self.correct_button.enabled = segmentation is not None
        self.copy_button.enabled = table is not None
        self.table_view.visible = table is not None
        self.notices.show_notices([*self._age_of(table), *provenance.notices_of(segmentation)])
        self.quality_view.set_quality(provenance.quality_of(segmentation))
        self._update_doubt()
        self.summary_label.text = summary
        self.summary_label.visible = bool(summary)

    def _lay_out(self) -> None:
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.notices)
        layout.addWidget(self.table_view)
        layout.addWidget(self.quality_view)
        layout.addWidget(self.doubt_box)
        layout.addWidget(self.doubt_legend)
        layout.addWidget(self.summary_label)
        buttons = qt.QHBoxLayout()
        buttons.addWidget(self.show_3d_button)
        buttons.addWidget(self.copy_button)
        buttons.addWidget(self.correct_button)
        layout.addLayout(buttons)

    def _age_of(self, table: slicer.vtkMRMLTableNode | None) -> list[dict[str, str]]:
        """Return a notice if the outlines were edited since the table was computed."""
        if table is None or not self._edited_since(self._segmentation, table, self._segmentation):
            return []
        return [{"level": "warning", "text": _(
            "The outlines were changed since the volumes below were taken: the table is that of the automatic result. "
            "Press Measure for the volumes of the outlines as they are now.")}]

    def _update_doubt(self) -> None:
        """Show the check box for results with a map of doubt, ticked if the views show the map."""
        is_known = None not in (doubt_of(self._segmentation), scan_of(self._segmentation))
        if any(map(doubt_of, slicer.util.getNodesByClass("vtkMRMLSegmentationNode"))):
            doubt_maps.restore_looks(self._segmentation)
        self.doubt_box.visible = is_known
        self.doubt_box.blockSignals(True)
        self.doubt_box.checked = is_known and doubt_maps.is_doubt_shown(self._segmentation)
        self.doubt_box.blockSignals(False)
        self._explain_colors()

    def _show_doubt(self, shown: bool) -> None:
        doubt_maps.show_doubt(self._segmentation, shown)
        self._explain_colors()

    def _explain_colors(self) -> None:
        """Explain the colours of the map of doubt while it is shown."""
        self.doubt_legend.visible = self.doubt_box.checked
        if self.doubt_box.checked and not self.doubt_legend.text:
            self.doubt_legend.text = doubt_maps.legend()

    def _show_row(self, row: int) -> None:
        """Centre all views on the structure of a row."""
        measurements = (provenance.record_of(self._segmentation) or {}).get("measurements", [])
        if row < len(measurements):
            segment = labelled_segments(self._segmentation).get(int(measurements[row]["label"]))
            if segment is not None:
                views.jump_to_segment(self._segmentation, segment)

    def copy_table(self) -> None:
        """Copy the table to the clipboard as tab-separated text."""
        qt.QApplication.clipboard().setText(table_text(self._table))

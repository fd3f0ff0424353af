"""The comparison with an earlier visit in the panel: changes of each lesion, volumes with their noise, both scans."""

from __future__ import annotations

from collections.abc import Mapping

import qt
import slicer
from slicer.i18n import tr as _

from NeuroDifferentialLib.mrml.followup import (
    ChangeResult,
    corrected_since,
    show_change,
    show_changes,
    show_earlier,
    summary_of,
    why_no_longer_valid,
)
from NeuroDifferentialLib.mrml.lesion_nodes import found_in
from NeuroDifferentialLib.widgets.finding import lesion_tool
from NeuroOrbitLib.mrml.heat_maps import take_off
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.segment_content import EditedSince
from NeuroOrbitLib.widgets.analysis_panel import AnalysisPanel
from NeuroOrbitLib.widgets.labels import wrapping_label
from NeuroOrbitLib.widgets.node_table import NodeTable
from NeuroOrbitLib.widgets.step import Step


class FollowupView(qt.QWidget):
    """Widget that shows the changes since the earlier visit; clicking a row shows the lesion in all views."""

    def __init__(self) -> None:
        qt.QWidget.__init__(self)
        self.objectName = "followupView"
        self._changes: ChangeResult | None = None
        self._earlier: slicer.vtkMRMLScalarVolumeNode | None = None  # while the slices show it
        self._later_edited, self._earlier_edited = (EditedSince(lambda compared: corrected_since(*compared))
                                                    for _visit in range(2))
        self._is_out_of_date = False
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.summary_label = wrapping_label("changeSummaryLabel")
        self.earlier_box = qt.QCheckBox(_("Show the earlier visit in the slices"))
        self.earlier_box.objectName = "showEarlierCheckBox"
        self.table_view = NodeTable("changeTableView", _(
            "What became of every lesion. Click a row to see the lesion in all views."), self._on_row)
        for widget in (self.summary_label, self.earlier_box, self.table_view):
            layout.addWidget(widget)
        self.earlier_box.connect("toggled(bool)", self._on_earlier)
        self.set_table(None)

    def set_table(self, table: slicer.vtkMRMLTableNode | None,
                  lesions: slicer.vtkMRMLSegmentationNode | None = None,
                  previous: slicer.vtkMRMLScalarVolumeNode | None = None) -> None:
        """Show the changes of a table; ``None`` shows none.

        :param table: table of changes.
        :param lesions: lesions of the later scan as currently drawn. A notice names the visits whose lesions were
            corrected since the comparison.
        :param previous: chosen earlier visit. A notice says if the changes are those since another visit.
        """
        changes = ChangeResult(table) if table is not None else None
        if changes != self._changes:
            self._hide_earlier()
        self._changes = changes
        self.visible = changes is not None
        notice = "" if changes is None else (_since_another(changes, previous) or why_no_longer_valid(changes)
                                             or self._corrected(changes, lesions))
        self._is_out_of_date = bool(notice)
        self.summary_label.text = f"{notice} {summary_of(changes.record)}".strip() if changes is not None else ""
        self.table_view.setMRMLTableNode(table)

    def record(self) -> Mapping[str, object] | None:
        """Return the record of the shown changes, None if there are none or they are out of date."""
        return self._changes.record if self._changes is not None and not self._is_out_of_date else None

    def _corrected(self, changes: ChangeResult, later: slicer.vtkMRMLSegmentationNode | None) -> str:
        """Return the notice about lesions corrected since the comparison, "" if there are none."""
        earlier = found_in(changes.previous)
        is_later = later is not None and self._later_edited((changes, later), changes.table, later)
        is_earlier = earlier is not None and self._earlier_edited((changes, earlier), changes.table, earlier)
        if is_later and is_earlier:
            return _("The lesions of both visits were corrected since they were compared. Press Compare again.")
        if is_earlier:
            return _("The lesions of the earlier visit were corrected since the visits were compared. Press Compare "
                     "again.")
        return _("The lesions were corrected since the visits were compared. Press Compare again.") if is_later else ""

    def _on_row(self, row: int) -> None:
        show_change(self._changes, row)

    def _on_earlier(self, shown: bool) -> None:
        if self._changes is not None:
            self._earlier = self._changes.earlier if shown else None
            show_earlier(self._changes, shown)

    def _hide_earlier(self) -> None:
        """Remove the earlier visit from the slices, where without its tick box it would look like the later one."""
        earlier, self._earlier, self._changes = self._earlier, None, None
        if earlier is not None:
            take_off(earlier)
        self.earlier_box.checked = False


def _since_another(changes: ChangeResult, chosen: slicer.vtkMRMLScalarVolumeNode | None) -> str:
    """Return the notice that the changes are not since the chosen visit; "" if they are, or none is chosen."""
    compared = changes.previous
    if chosen is None or chosen is compared:
        return ""
    if compared is None:  # it has left the scene
        return _("These are not the changes since '{chosen}'. Press Compare for those.").format(chosen=chosen.GetName())
    return _("These are the changes since '{compared}', not since '{chosen}'. Press Compare for those.").format(
        compared=compared.GetName(), chosen=chosen.GetName())


def comparing_step(panel: AnalysisPanel) -> Step:
    """Return the step that compares the chosen FLAIR with that of an earlier visit."""

    def start() -> VolumeRun:
        chosen = panel._parameterNode
        return panel.logic.compare(chosen.inputVolume, chosen.previousVolume, lesion_tool(panel), chosen.lesions,
                                   waitForCompletion=False)

    def show(run: VolumeRun) -> None:
        panel.logic.getParameterNode().changes = run.results.table
        show_changes(run.results)
        panel.noticeBanner.show_notices(run.results.record["notices"])

    def problem() -> str:
        node = panel._parameterNode
        return "" if node and node.previousVolume else _("Choose the FLAIR of an earlier visit.")

    return Step(panel.ui.compareButton, panel.ui.comparePlaceholder, start, show,
                _("Find the lesions of both visits, corrected ones as they are drawn, and what became of each."),
                problem, needs_model=False)

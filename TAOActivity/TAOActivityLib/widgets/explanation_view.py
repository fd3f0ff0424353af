"""The heat of a result: threshold and opacity over the scan, and the table of the muscles."""

from __future__ import annotations

from slicer.i18n import tr as _

from NeuroOrbitLib.mrml.heat_maps import largest_heat, set_heat_threshold, set_opacity
from NeuroOrbitLib.widgets.labels import wrapping_label
from NeuroOrbitLib.widgets.node_table import NodeTable
from TAOActivityLib import wording
from TAOActivityLib.mrml.activity_results import ActivityResult
from TAOActivityLib.mrml.showing import HeatLook


class ExplanationView:
    """Drives the parts of the panel that show how an answer is explained.

    :param ui: has ``heatPlaceholder``, the sliders of threshold and opacity, and what only occlusion needs.
    """

    def __init__(self, ui: object) -> None:
        self._ui = ui
        self.summary_label = wrapping_label("heatSummaryLabel")
        self.table_view = NodeTable("heatTableView", _("Mean heat of each muscle, the hottest first."))
        for widget in (self.summary_label, self.table_view):
            ui.heatPlaceholder.layout().addWidget(widget)

    @staticmethod
    def problem(result: ActivityResult | None) -> str:
        """Why a result cannot be explained, "" if it can."""
        return result.problem() if result else _("There is no result to explain. Press Apply first.")

    def set_result(self, result: ActivityResult | None, look: HeatLook, occlusion: bool) -> None:
        """Show the heat of a result; ``None`` shows none.

        :param occlusion: whether occlusion is chosen as the method.
        """
        for widget in (self._ui.patchSpinBox, self._ui.strideSpinBox, self._ui.fillComboBox,
                       self._ui.eachSliceCheckBox):
            widget.enabled = occlusion
        heat = result.heat if result is not None else None
        for widget in (self._ui.thresholdSliderWidget, self._ui.opacitySliderWidget):
            widget.enabled = heat is not None
        for widget in (self.summary_label, self.table_view):
            widget.visible = heat is not None
        if heat is None:
            self.table_view.setMRMLTableNode(None)
            return
        set_heat_threshold(heat, look.threshold)
        set_opacity(heat, look.opacity)
        self.table_view.setMRMLTableNode(result.heat_table)
        self.summary_label.text = wording.method_text(result.explanation) if largest_heat(heat) > 0 else _(
            "Nothing in this crop speaks for active disease by this method: there is no heat to show.")

"""Explanation of an answer: the lesions ranked by their effect, and the coarse heat map of a network."""

from __future__ import annotations

from collections.abc import Callable

import qt
from slicer.i18n import tr as _

from NeuroDifferentialLib.mrml.results import show_effect
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.heat_maps import HeatLook, blend_over, show_heat, views_showing
from NeuroOrbitLib.widgets.node_table import NodeTable


class EffectsView(qt.QWidget):
    """Widget that shows the effects of a result's lesions; clicking a row shows the lesion in all views.

    :param result: returns the chosen result.
    """

    def __init__(self, result: Callable[[], ClassifierResult | None]) -> None:
        qt.QWidget.__init__(self)
        self.objectName = "effectsView"
        self._result = result
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.table_view = NodeTable("effectTableView", _(
            "What each lesion changes, the largest first. Click a row to see the lesion in all views."), self._on_row)
        self.heat_box = qt.QCheckBox(_("Show what the network looks at (Grad-CAM, coarse)"))
        self.heat_box.objectName = "gradCamCheckBox"
        self.heat_box.toolTip = _("A second view of the same answer: warm where the network finds NMOSD. Its steps are "
                                  "centimetres wide; the table above is exact.")
        self.heat_box.connect("toggled(bool)", self._on_heat)
        for widget in (self.table_view, self.heat_box):
            layout.addWidget(widget)
        self.set_result(None)

    def set_result(self, result: ClassifierResult | None) -> None:
        """Show the effects of a result; ``None`` shows none."""
        table = result.heat_table if result else None
        self.table_view.setMRMLTableNode(table)
        self.table_view.visible = table is not None
        heat = result.heat if result else None
        self.heat_box.visible = heat is not None
        was_blocked = self.heat_box.blockSignals(True)
        self.heat_box.checked = heat is not None and bool(views_showing(heat))
        self.heat_box.blockSignals(was_blocked)

    def _on_row(self, row: int) -> None:
        show_effect(self._result(), row)

    def _on_heat(self, shown: bool) -> None:
        result = self._result()
        if result is None or result.heat is None:
            return
        if shown:
            show_heat(result.scan, result.heat, HeatLook())
        else:
            blend_over(result.scan, None, 0.0)

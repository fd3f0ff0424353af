"""The heat map of a result: threshold and opacity over the scan, and the table of the structures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from slicer.i18n import tr as _

from NeuroOrbitLib.mrml.classifier_results import ClassifierResult, show_structure
from NeuroOrbitLib.mrml.heat_maps import HeatLook, largest_heat, set_heat_threshold, set_opacity
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.widgets.labels import wrapping_label
from NeuroOrbitLib.widgets.node_table import NodeTable


class ExplanationView:
    """Controller of the parts of a panel that show the explanation of an answer.

    :param ui: widgets of the panel, with ``heatPlaceholder`` and the sliders ``thresholdSliderWidget`` and
        ``opacitySliderWidget``.
    :param method_text: function that describes how a heat map was made, given the record of its run.
    :param cold_text: sentence to show for a map without heat.
    :param table_tip: tool tip of the table of the structures, translated.
    :param structures_of: function that returns the label value of each row of the table, given the record of the run.
    """

    def __init__(self, ui: object, method_text: Callable[[Mapping[str, object]], str], cold_text: str,
                 table_tip: str, structures_of: Callable[[Mapping[str, object]], Sequence[int]]) -> None:
        self._ui, self._method_text, self._cold_text = ui, method_text, cold_text
        self._structures_of = structures_of
        self._result: ClassifierResult | None = None
        self.summary_label = wrapping_label("heatSummaryLabel")
        self.table_view = NodeTable("heatTableView", table_tip, self._on_row)
        for widget in (self.summary_label, self.table_view):
            ui.heatPlaceholder.layout().addWidget(widget)

    @staticmethod
    def problem(result: ClassifierResult | None) -> str:
        """Return why a result cannot be explained; "" if it can."""
        return result.problem() if result else _("There is no result to explain. Press Apply first.")

    def set_result(self, result: ClassifierResult | None, look: HeatLook) -> None:
        """Show the heat map of a result, and the table of the structures, which may be there without one.

        :param result: the result; ``None`` shows neither.
        :param look: threshold and opacity of the map.
        """
        self._result = result
        heat, explanation = (result.heat, result.explanation) if result is not None else (None, None)
        for widget in (self._ui.thresholdSliderWidget, self._ui.opacitySliderWidget):
            widget.enabled = heat is not None
        for widget in (self.summary_label, self.table_view):
            widget.visible = explanation is not None
        if explanation is None:
            self.table_view.setMRMLTableNode(None)
            return
        if heat is not None:
            set_heat_threshold(heat, look.threshold)
            set_opacity(heat, look.opacity)
        self.table_view.setMRMLTableNode(result.heat_table)
        is_cold = heat is not None and largest_heat(heat) <= 0
        self.summary_label.text = translated(self._cold_text if is_cold else self._method_text(explanation))

    def _on_row(self, row: int) -> None:
        structures = self._structures_of(self._result.explanation) if self._result else []
        if row < len(structures):
            show_structure(self._result, structures[row])

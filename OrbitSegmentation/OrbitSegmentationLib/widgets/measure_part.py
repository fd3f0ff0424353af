"""The part Measure of the panel: the result is measured by itself, any other segmentation when the user asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml.measuring import why_not_measurable
from NeuroOrbitLib.widgets.measurements_view import MeasurementsView
from NeuroOrbitLib.widgets.step import Step

if TYPE_CHECKING:
    import slicer

    from NeuroOrbitLib.mrml.run import VolumeRun
    from NeuroOrbitLib.widgets.analysis_panel import AnalysisPanel


class MeasurePart:
    """Measures the segmentation that is chosen in the panel, and shows its measures.

    :param panel: has ``measureButton`` and ``measurePlaceholder`` in its .ui file, ``measuredSegmentation`` and
        ``resultSegmentation`` in its parameter node, and ``startMeasuring(segmentation)`` in its logic.
    """

    def __init__(self, panel: AnalysisPanel) -> None:
        from OrbitSegmentationLib.widgets.take_home import TakeHome  # not needed before the panel is opened

        self._panel = panel
        self._result: slicer.vtkMRMLSegmentationNode | None = None
        self.view = MeasurementsView()
        panel.ui.measurePlaceholder.layout().addWidget(self.view)
        self.take_home = TakeHome(self._normal_key)
        panel.ui.measurePlaceholder.layout().addWidget(self.take_home)
        panel.endings.append(self.take_home.close)

    def step(self) -> Step:
        """Return the step of the panel that measures."""
        ui = self._panel.ui
        return Step(ui.measureButton, ui.measurePlaceholder, self._start, self._show,
                    _("Measure muscles, eyes, nerves and orbits."), self._problem)

    def update(self, node: object | None) -> None:
        """Show the measures of the chosen segmentation: of the chosen result as soon as another one is chosen.

        :param node: the parameter node; ``None`` while the panel follows none.
        """
        if node is None:
            self.view.let_go()
            self.take_home.set_segmentation(None)
            return
        if node.resultSegmentation is not self._result:
            self._result = node.resultSegmentation
            node.measuredSegmentation = self._result or node.measuredSegmentation
        self.view.set_segmentation(node.measuredSegmentation)
        self.take_home.set_segmentation(node.measuredSegmentation)

    def measure(self, segmentation: slicer.vtkMRMLSegmentationNode) -> None:
        """Choose a new result and measure it as soon as the run that made it has ended."""
        self._panel.logic.getParameterNode().measuredSegmentation = segmentation
        qt.QTimer.singleShot(0, lambda: self._panel.runControl.begin(self._panel.ui.measureButton))

    def _problem(self) -> str:
        node = self._panel._parameterNode
        return why_not_measurable(node.measuredSegmentation if node else None)

    def _normal_key(self) -> str | None:
        table = self.view.normal_choice.current()
        return table.key if table is not None else None

    def _start(self) -> VolumeRun:
        logic = self._panel.logic
        return logic.startMeasuring(logic.getParameterNode().measuredSegmentation)

    def _show(self, run: VolumeRun) -> None:
        """Show new measures; the user may be in another module by now."""
        self.update(self._panel._parameterNode)

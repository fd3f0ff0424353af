"""The part Measure of the panel: results are measured automatically, other segmentations when the user asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.jobs import JobRunner
from NeuroOrbitLib.mrml.measurement_table import MEASUREMENTS_REFERENCE
from NeuroOrbitLib.mrml.measuring import adopt_scan, start_measuring, why_not_measurable
from NeuroOrbitLib.mrml.orbit_views import look_at
from NeuroOrbitLib.mrml.scans import latest_that_refers, scan_of
from NeuroOrbitLib.mrml.shown import hide_others
from NeuroOrbitLib.mrml.views import show_volume
from NeuroOrbitLib.widgets.measurements_view import MeasurementsView
from NeuroOrbitLib.widgets.report_header import ReportHeaderChoice
from NeuroOrbitLib.widgets.sheath_box import SheathBox
from NeuroOrbitLib.widgets.step import Step
from OrbitSegmentationLib.mrml.parameters import forget_maps_of_others

if TYPE_CHECKING:
    from NeuroOrbitLib.mrml.run import VolumeRun
    from NeuroOrbitLib.widgets.analysis_panel import AnalysisPanel


class MeasurePart:
    """Measures the segmentation that is chosen in the panel, and shows its measures, changes and report.

    It has a separate worker process, so that measuring can give way to a new run without ending the worker that has the
    model loaded.

    :param panel: panel with ``measureButton`` and ``measurePlaceholder`` in its .ui file, and ``measuredSegmentation``
        and ``resultSegmentation`` in its parameter node.
    """

    def __init__(self, panel: AnalysisPanel) -> None:
        from NeuroOrbitLib.widgets.follow_up_view import FollowUpView  # not needed before the panel is opened
        from OrbitSegmentationLib.widgets.take_home import TakeHome

        self._panel = panel
        self._result: slicer.vtkMRMLSegmentationNode | None = None
        self._scan: slicer.vtkMRMLScalarVolumeNode | None = None
        self.view = MeasurementsView()
        panel.ui.measurePlaceholder.layout().addWidget(self.view)
        self._runner = JobRunner(temporary_folder=slicer.app.temporaryPath)
        self.take_home = TakeHome(self.view.normal_choice)
        self.view.tell(self.take_home.findings.show_measures)
        self.sheath_box = SheathBox(self.view.refresh)
        panel.ui.mapsLayout.addRow(self.sheath_box)
        panel.ui.deviceComboBox.parent().layout().addRow(_("Header of reports:"), ReportHeaderChoice())
        self.follow_up = FollowUpView(self._on_visits)
        for widget in (self.take_home, self.follow_up):
            panel.ui.measurePlaceholder.layout().addWidget(widget)
        panel.endings.extend((self.take_home.close, self._runner.close))

    def steps(self) -> list[Step]:
        """Return the steps of the panel that measure and compare."""
        ui, follow_up = self._panel.ui, self.follow_up
        return [Step(ui.measureButton, ui.measurePlaceholder, self._start, self._show,
                     _("Measure muscles, eyes, nerves and orbits."), self._problem, needs_model=False,
                     needs_scan=False, needs_torch=False),
                Step(follow_up.button, follow_up.place, self._compare, self._show_changes,
                     _("Measure all ticked scans and say what changed."), follow_up.problem, needs_model=False,
                     needs_scan=False, needs_torch=False)]

    def update(self, node: object | None) -> None:
        """Show the measures of the chosen segmentation; a newly chosen result becomes the chosen segmentation.

        For another scan without a result, its newest measured segmentation is chosen, or none, so that the measures of
        one patient do not stay beside the scan of the next.

        :param node: the parameter node; ``None`` while the panel follows none.
        """
        if node is None:
            self.view.let_go()
            self._show_parts(None)
            return
        before, self._scan = self._scan, node.inputVolume
        if node.resultSegmentation is not self._result:
            self._result = node.resultSegmentation
            node.measuredSegmentation = self._result or node.measuredSegmentation
        measured = node.measuredSegmentation
        if before not in (None, self._scan) and (measured is None or scan_of(measured) is before):
            node.measuredSegmentation = latest_that_refers(self._scan, "vtkMRMLSegmentationNode",
                                                           MEASUREMENTS_REFERENCE)
        forget_maps_of_others(node, scan_of(node.measuredSegmentation) or node.inputVolume)
        self.view.set_segmentation(node.measuredSegmentation)
        self._show_parts(node.measuredSegmentation)

    def measure(self, segmentation: slicer.vtkMRMLSegmentationNode) -> None:
        """Choose a new result and measure it as soon as the run that made it has ended.

        The user did not ask for it, so that it gives way to any run that the user starts in the meantime.
        """
        self._panel.logic.getParameterNode().measuredSegmentation = segmentation
        control, button = self._panel.runControl, self._panel.ui.measureButton
        qt.QTimer.singleShot(0, lambda: control.begin(button, gives_way=True))

    def _problem(self) -> str:
        node = self._panel._parameterNode
        return why_not_measurable(node.measuredSegmentation, node.inputVolume) if node else why_not_measurable(None)

    def _show_parts(self, segmentation: slicer.vtkMRMLSegmentationNode | None) -> None:
        self.sheath_box.set_segmentation(segmentation)
        self.take_home.set_segmentation(segmentation)
        self.follow_up.set_segmentation(segmentation)

    def _on_visits(self) -> None:
        self.follow_up.show_problem()
        self._panel._checkCanApply()

    def _start(self) -> VolumeRun:
        node = self._panel.logic.getParameterNode()
        adopt_scan(node.measuredSegmentation, node.inputVolume)
        maps = {"t2": node.t2Map, "fat": node.fatImage, "water": node.waterImage}
        return start_measuring(self._runner, node.measuredSegmentation, self._panel.moduleName, maps)

    def _compare(self) -> VolumeRun:
        from NeuroOrbitLib.mrml.follow_up import start_follow_up

        segmentation = self._panel.logic.getParameterNode().measuredSegmentation
        return start_follow_up(self._runner, segmentation, self.follow_up.chosen(), self._panel.moduleName)

    def _show(self, run: VolumeRun) -> None:
        """Show new measures; the user may be in another module."""
        self.update(self._panel._parameterNode)

    def _show_changes(self, run: VolumeRun) -> None:
        """Show what has changed, and turn the views to the orbits in the scan that was compared with the others.

        The views are not changed if a segmentation of another scan has been chosen in the meantime.
        """
        from NeuroOrbitLib.mrml.follow_up import show_date

        self._show(run)
        node = self._panel._parameterNode
        if self._panel.isLookedAt() and scan_of(node.measuredSegmentation) is run.snapshot.node:
            show_volume(run.snapshot.node)
            hide_others(run.snapshot.node)
            show_date(node.measuredSegmentation)
            look_at(node.measuredSegmentation)

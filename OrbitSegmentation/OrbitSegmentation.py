"""Segments the orbits in CT and MRI: the module, its panel and its logic. The computing is in OrbitSegmentationLib."""

import enum
import sys
from pathlib import Path

import slicer
import vtk
from slicer import vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.parameterNodeWrapper import parameterNodeWrapper
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin

try:
    import NeuroOrbitLib
except ModuleNotFoundError:  # in the source tree the shared library lies beside this module's folder
    sys.path.append(str(Path(__file__).resolve().parents[1]))
    import NeuroOrbitLib  # noqa: F401

from NeuroOrbitLib import models
from NeuroOrbitLib.jobs import Failure, JobRunner, Result
from NeuroOrbitLib.mrml import provenance, segmentations, views
from NeuroOrbitLib.mrml.phantoms import add_phantom
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.segmentation_results import SegmentationResults, insert_segmentation_results, table_of
from NeuroOrbitLib.mrml.volumes import check_scan
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.research_use import RESEARCH_USE

PIPELINE = "OrbitSegmentationLib.pipeline:segment_file"
DEFAULT_MODEL = "orbit-any-contrast"
#: Events of a scan that can make Apply possible or impossible.
VOLUME_EVENTS = (vtkMRMLScalarVolumeNode.ImageDataModifiedEvent, vtkMRMLScalarVolumeNode.TransformModifiedEvent)
#: Where the slices go after a run: a plane through an eyeball shows most of the orbit.
SHOWN_FIRST = ("right_eyeball", "left_eyeball")


class OrbitSegmentation(ScriptedLoadableModule):
    """What the application needs to know of the module."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Orbit Segmentation")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = ["SegmentEditor", "SubjectHierarchy", "Terminologies"]
        self.parent.contributors = ["SlicerNeuroOrbit contributors"]
        self.parent.helpText = _(
            "Segments eyeballs, optic nerves, eye muscles and other structures of both orbits in CT and MRI, "
            "and measures them. Choose a scan and press Apply. To try it, load a scan from the section 'Orbit' of the "
            "module Sample Data. For research use only, not for diagnosis.")
        self.parent.acknowledgementText = _("Part of the extension NeuroOrbit.")
        slicer.app.connect("startupCompleted()", registerSampleData)


def registerSampleData() -> None:
    """Offer the phantoms in the module Sample Data."""
    from NeuroOrbitLib.widgets.sample_data import register_phantoms

    register_phantoms(Path(__file__).parent / "Resources" / "Icons")


class Device(enum.Enum):
    """What computes."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"

    def label(self) -> str:
        """What the user reads."""
        return {"auto": _("Automatic"), "cpu": _("Processor (CPU)"), "cuda": _("Graphics card (CUDA)")}[self.value]


@parameterNodeWrapper
class OrbitSegmentationParameterNode:
    """The user's choices, stored with the scene.

    inputVolume - The scan.
    modelName - The model package.
    device - What computes.
    resultSegmentation - The result shown in the panel.
    showIn3D, showTable - What is shown when a run is done.
    """

    inputVolume: vtkMRMLScalarVolumeNode
    modelName: str = DEFAULT_MODEL
    device: Device = Device.AUTO
    resultSegmentation: vtkMRMLSegmentationNode
    showIn3D: bool = True
    showTable: bool = True


class OrbitSegmentationWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """The panel: choices in, a run under way, results out. All work is done by the logic."""

    def __init__(self, parent=None) -> None:
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic = None
        self._parameterNode = None
        self._parameterNodeGuiTag = None
        self._observedVolume = None
        self._problemShown = ""

    def setup(self) -> None:
        """Build the panel when the user opens the module for the first time."""
        ScriptedLoadableModuleWidget.setup(self)
        uiWidget = slicer.util.loadUI(self.resourcePath("UI/OrbitSegmentation.ui"))
        self.layout.addWidget(uiWidget)
        self.ui = slicer.util.childWidgetVariables(uiWidget)
        self.ui.resultSelector.addAttribute("vtkMRMLSegmentationNode", provenance.MODULE_ATTRIBUTE, self.moduleName)
        uiWidget.setMRMLScene(slicer.mrmlScene)
        self.logic = OrbitSegmentationLogic()
        self._addParts()
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneEndClose)
        self.initializeParameterNode()

    def _addParts(self) -> None:
        """Put the parts that all modules share into their places."""
        from NeuroOrbitLib.widgets.model_chooser import ModelChooser
        from NeuroOrbitLib.widgets.notice import NoticeBanner
        from NeuroOrbitLib.widgets.results_view import ResultsView
        from NeuroOrbitLib.widgets.run_control import RunControl

        self.modelChooser = ModelChooser(self.logic.modelInventory, self.onModelChosen)
        self.runControl = RunControl(self.ui.applyButton, self.startRun, self.onRunEnded)
        self.noticeBanner = NoticeBanner()
        self.resultsView = ResultsView()
        self.ui.modelPlaceholder.layout().addWidget(self.modelChooser)
        self.ui.runPlaceholder.layout().addWidget(self.runControl)
        self.ui.runPlaceholder.layout().addWidget(self.noticeBanner)
        self.ui.resultsPlaceholder.layout().addWidget(self.resultsView)

    def cleanup(self) -> None:
        """End everything when the application closes or the module is reloaded."""
        self.runControl.abandon()
        self.setParameterNode(None)
        self.removeObservers()
        self.logic.close()

    def enter(self) -> None:
        """Connect to the scene each time the user opens this module."""
        self.initializeParameterNode()

    def exit(self) -> None:
        """Do not follow the parameter node while another module is open; a run under way goes on."""
        self.setParameterNode(None)

    def onSceneStartClose(self, caller=None, event=None) -> None:
        """The scene is about to be closed: a run for it has lost its purpose."""
        self.runControl.cancel()
        self.setParameterNode(None)

    def onSceneEndClose(self, caller=None, event=None) -> None:
        """Start afresh if the module is shown."""
        self.noticeBanner.clear_notices()
        if self.parent.isEntered:
            self.initializeParameterNode()

    def initializeParameterNode(self) -> None:
        """Make sure that the parameter node exists and is followed; choose a first scan to save a click."""
        self.setParameterNode(self.logic.getParameterNode())
        if not self._parameterNode.inputVolume:
            self._parameterNode.inputVolume = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")

    def setParameterNode(self, parameterNode: OrbitSegmentationParameterNode | None) -> None:
        """Follow ``parameterNode`` instead of the one before."""
        if self._parameterNode:
            self._parameterNode.disconnectGui(self._parameterNodeGuiTag)
            self.removeObserver(self._parameterNode, vtk.vtkCommand.ModifiedEvent, self._onParametersChanged)
        self._parameterNode = parameterNode
        if self._parameterNode:
            self._parameterNodeGuiTag = self._parameterNode.connectGui(self.ui)
            self.addObserver(self._parameterNode, vtk.vtkCommand.ModifiedEvent, self._onParametersChanged)
        self._onParametersChanged()

    def _onParametersChanged(self, caller=None, event=None) -> None:
        node = self._parameterNode
        self._observeVolume(node.inputVolume if node else None)
        result = node.resultSegmentation if node else None
        self.resultsView.set_results(result, table_of(result), provenance.summary_of(result))
        if node:
            self.modelChooser.set_current_name(node.modelName)
            self.ui.aboutLabel.text = self.modelChooser.description() + "\n\n" + RESEARCH_USE
        self._checkCanApply()

    def _observeVolume(self, volume: vtkMRMLScalarVolumeNode | None) -> None:
        """Check again whether Apply is possible when the chosen scan gets voxels or is moved."""
        if volume is self._observedVolume:
            return
        for event in VOLUME_EVENTS:
            if self._observedVolume:
                self.removeObserver(self._observedVolume, event, self._checkCanApply)
            if volume:
                self.addObserver(volume, event, self._checkCanApply)
        self._observedVolume = volume

    def _checkCanApply(self, caller=None, event=None) -> None:
        """Enable Apply, or say in its tool tip (and, for a chosen scan, in the panel) why it is not possible."""
        volume = self._parameterNode.inputVolume if self._parameterNode else None
        problem = self.modelChooser.problem()
        try:
            check_scan(volume)
        except Problem as error:
            problem = str(error)
        self.runControl.set_can_apply(problem, _("Segment both orbits of the scan."))
        shown = problem if volume else ""
        if shown:
            self.noticeBanner.show_notice("warning", shown)
        elif self._problemShown:
            self.noticeBanner.clear_notices()
        self._problemShown = shown

    def onModelChosen(self, name: str) -> None:
        """Remember the user's choice with the scene."""
        if self._parameterNode:
            self._parameterNode.modelName = name

    def startRun(self) -> VolumeRun:
        """Start a run with the user's choices; called by the Apply button."""
        from NeuroOrbitLib.widgets.dependencies import ensure_dependencies

        self.noticeBanner.clear_notices()
        ensure_dependencies(self.resourcePath("requirements.txt"), _("Orbit Segmentation"))
        node = self._parameterNode
        return self.logic.process(
            node.inputVolume, node.modelName, node.device.value, self.modelChooser.folder(), waitForCompletion=False)

    def onRunEnded(self, end: Result | Failure | None, run: VolumeRun | None) -> None:
        """Show the results, or tell the user why there are none. The user may be in another module by now."""
        if isinstance(end, Result):
            node = self.logic.getParameterNode()
            node.resultSegmentation = run.results.segmentation
            self.logic.showResults(run, node.showIn3D, node.showTable)
            self.noticeBanner.show_notices(run.results.notices)
        elif isinstance(end, Failure):
            self.noticeBanner.show_notice("error", end.text)
        else:
            self.noticeBanner.show_notice("info", _("Cancelled. The scene is as it was before."))


class OrbitSegmentationLogic(ScriptedLoadableModuleLogic):
    """Segments the orbits of volumes; for the panel, scripts and tests.

    Usage::

        results = OrbitSegmentationLogic().process(slicer.util.getNode("CT"))
        slicer.util.arrayFromTableColumn(results.table, "volume_ml")
    """

    def __init__(self, runner: JobRunner | None = None, pipeline: str = PIPELINE) -> None:
        ScriptedLoadableModuleLogic.__init__(self)
        self._runner = runner or JobRunner(
            extra_paths=[Path(__file__).parent], temporary_folder=slicer.app.temporaryPath)
        self._pipeline = pipeline

    def getParameterNode(self) -> OrbitSegmentationParameterNode:
        """The user's choices in this scene."""
        return OrbitSegmentationParameterNode(super().getParameterNode())

    def modelInventory(self, folder: str = "") -> models.Inventory:
        """The model packages that can be used, those in the user's ``folder`` included."""
        return models.take_inventory([folder] if folder else [])

    def process(self, volume: vtkMRMLScalarVolumeNode, model: str = DEFAULT_MODEL, device: str = "auto",
                modelFolder: str = "", waitForCompletion: bool = True) -> SegmentationResults | VolumeRun:
        """Segment the orbits of a scan.

        :param volume: CT or MRI; any orientation, linear parent transforms allowed.
        :param model: name or folder of a model package.
        :param device: "auto", "cpu" or "cuda".
        :param modelFolder: the user's own folder of model packages.
        :param waitForCompletion: return the results; otherwise return the run, whose ``poll()`` must be called from
            time to time and brings the results into the scene.
        :raises Problem: if the scan cannot be used; the message says why.
        :raises JobFailed: if the computation failed for another reason. The scene is then as before.
        """
        arguments = {"model": model, "device": device, "model_folders": [modelFolder] if modelFolder else []}
        run = VolumeRun(self._runner, self._pipeline, volume, arguments, self._insert)
        return run.wait() if waitForCompletion else run

    def _insert(self, run: VolumeRun, answer: dict) -> SegmentationResults:
        return insert_segmentation_results(run, answer, self.moduleName, _("Orbit segmentation"))

    def showResults(self, run: VolumeRun, in3D: bool = True, table: bool = True) -> None:
        """Show the results of a run: slices through an eyeball, surfaces, the table of measurements."""
        views.show_volume(run.snapshot.node)
        views.jump_to_segment(run.results.segmentation, SHOWN_FIRST)
        if table:
            views.show_table(run.results.table)
        if in3D:
            segmentations.show_in_3d(run.results.segmentation)
            slicer.util.resetThreeDViews()

    def close(self) -> None:
        """End the worker process."""
        self._runner.close()


class OrbitSegmentationTest(ScriptedLoadableModuleTest):
    """Runs in the application (Reload and Test) and in the tests of the extension."""

    def setUp(self) -> None:
        """Start from an empty scene."""
        slicer.mrmlScene.Clear(0)

    def runTest(self) -> None:
        """Run all tests."""
        self.setUp()
        self.test_phantomIsSegmentedOnBothSides()

    def test_phantomIsSegmentedOnBothSides(self) -> None:
        """Both eyeballs of a phantom are found, on their own side and of the right size."""
        volume = add_phantom("TED-CT", "Phantom")
        logic = OrbitSegmentationLogic()
        try:
            results = logic.process(volume, device="cpu")
        finally:
            logic.close()
        for side, sign in (("right", 1), ("left", -1)):
            center = results.segmentation.GetSegmentCenterRAS(f"{side}_eyeball")
            self.assertGreater(sign * center[0], 15.0, f"{side} eyeball at {center}")
        sides = slicer.util.arrayFromTableColumn
        self.assertIsNotNone(sides)

"""Segments the orbits in CT and MRI: the module, its panel and its logic. OrbitSegmentationLib has the computation."""

import sys
from pathlib import Path

import slicer
from slicer import vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
)

try:
    import NeuroOrbitLib
except ModuleNotFoundError:  # in the source tree the shared library lies beside this module's folder
    sys.path.append(str(Path(__file__).resolve().parents[1]))
    import NeuroOrbitLib  # noqa: F401

from NeuroOrbitLib import models
from NeuroOrbitLib.jobs import JobRunner
from NeuroOrbitLib.mrml import provenance, segmentations, views
from NeuroOrbitLib.mrml.chosen_result import ResultKind
from NeuroOrbitLib.mrml.orbit_views import look_at
from NeuroOrbitLib.mrml.phantoms import add_phantom
from NeuroOrbitLib.mrml.run import Insert, VolumeRun
from NeuroOrbitLib.mrml.segmentation_results import SegmentationResults, insert_segmentation_results, nodes_of
from NeuroOrbitLib.mrml.shown import show_only
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets import self_test
from NeuroOrbitLib.widgets.analysis_panel import AnalysisPanel
from NeuroOrbitLib.widgets.results_view import ResultsView
from NeuroOrbitLib.widgets.sample_data import register_phantoms
from OrbitSegmentationLib.inventory import orbit_models
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL
from OrbitSegmentationLib.mrml.parameters import OrbitSegmentationParameterNode
from OrbitSegmentationLib.widgets.annotation_page import AnnotationPage
from OrbitSegmentationLib.widgets.annotation_runs import AnnotationRuns
from OrbitSegmentationLib.widgets.batch_page import add_batch_page
from OrbitSegmentationLib.widgets.correct_result import correct_result
from OrbitSegmentationLib.widgets.measure_part import MeasurePart

PIPELINE = "OrbitSegmentationLib.pipeline:segment_file"


class OrbitSegmentation(ScriptedLoadableModule):
    """Description of the module for the application."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Orbit Segmentation")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = ["Cameras", "Segmentations", "SubjectHierarchy", "Tables", "Terminologies"]
        self.parent.contributors = ["SlicerNeuroOrbit contributors"]
        self.parent.helpText = _(
            "Segments eyeballs, optic nerves, eye muscles, lacrimal glands and fat of both orbits in CT and MRI, and "
            "measures them. Choose a scan and press Apply. To try it, load a scan from the section 'Orbit' of the "
            "module Sample Data. For research use only, not for diagnosis.")
        self.parent.acknowledgementText = _("Part of the extension NeuroOrbit.")
        slicer.app.connect("startupCompleted()", registerSampleData)


def registerSampleData() -> None:
    """Offer the phantoms in the module Sample Data."""
    register_phantoms(Path(__file__).parent / "Resources" / "Icons")


class OrbitSegmentationWidget(AnalysisPanel):
    """The panel, which adds the results to what all panels of the extension have."""

    def makeLogic(self) -> "OrbitSegmentationLogic":
        """Return the logic, which has a separate worker process."""
        return OrbitSegmentationLogic()

    def resultKind(self) -> ResultKind:
        """Return segmentations as the kind of results."""
        return ResultKind("resultSegmentation", "vtkMRMLSegmentationNode", self.moduleName)

    def showChoice(self, scan: vtkMRMLScalarVolumeNode | None, result: vtkMRMLSegmentationNode | None) -> None:
        """Show the outlines, surfaces and measurements of the chosen result only."""
        show_only(scan, nodes_of(result))

    lookAt = staticmethod(look_at)

    def addParts(self) -> None:
        """Add the table of measurements; only results of this module can be chosen."""
        self.ui.resultSelector.addAttribute("vtkMRMLSegmentationNode", provenance.MODULE_ATTRIBUTE, self.moduleName)
        self.resultsView = ResultsView(lambda: correct_result(self, self._parameterNode.resultSegmentation))
        self.ui.resultsPlaceholder.layout().addWidget(self.resultsView)
        self.annotationPage = AnnotationPage(self.resourcePath("UI/OrbitAnnotation.ui"), AnnotationRuns(self))
        self.ui.annotationPlaceholder.layout().addWidget(self.annotationPage.widget)
        add_batch_page(self)
        self.ui.pagesTabWidget.connect("currentChanged(int)", self.onPageChanged)

    def updateParts(self, parameterNode: OrbitSegmentationParameterNode | None) -> None:
        """Show the measurements of the chosen result, and the part Measure."""
        self.resultsView.set_result(parameterNode.resultSegmentation if parameterNode else None)
        self.measurePart.update(parameterNode)

    def makeSteps(self) -> list:
        """Return the steps: Apply, measuring, and comparing with other dates."""
        self.measurePart = MeasurePart(self)
        return [*super().makeSteps(), *self.measurePart.steps()]

    def enter(self) -> None:
        """Connect to the scene each time the user opens this module."""
        super().enter()
        self.onPageChanged()

    def exit(self) -> None:
        """Disconnect from the scene while another module is open; an annotated case stays open."""
        self.annotationPage.exit()
        super().exit()

    def cleanup(self) -> None:
        """End everything when the application closes or the module is reloaded."""
        self.annotationPage.close()
        super().cleanup()

    def onSceneStartClose(self, caller: object = None, event: object = None) -> None:
        """Ask about unsaved annotations and end runs before the scene is closed."""
        self.annotationPage.scene_closes()
        super().onSceneStartClose(caller, event)

    def onSceneEndClose(self, caller: object = None, event: object = None) -> None:
        """Reset the panel if the module is shown."""
        super().onSceneEndClose(caller, event)
        self.onPageChanged()

    def onPageChanged(self, _index: int = 0) -> None:
        """Activate the page for annotation while it is shown, and only then; the views show the scan of the page."""
        (self.annotationPage.enter if self.parent.isEntered and self._isAnnotating() else self.annotationPage.exit)()
        self.showUnseenScan()

    def isLookedAt(self) -> bool:
        """Return whether the views show the scan of the panel; the page for annotation shows a different scan."""
        return super().isLookedAt() and not self._isAnnotating()

    def _isAnnotating(self) -> bool:
        return self.ui.pagesTabWidget.currentWidget() is self.ui.annotationTab

    def startRun(self) -> VolumeRun:
        """Start a run with the user's choices."""
        node, folder = self._parameterNode, self.modelChooser.folder()
        return self.logic.process(node.inputVolume, node.modelName, node.device.value, folder, waitForCompletion=False)

    def showResults(self, run: VolumeRun) -> None:
        """Show the results of a run in panel and views; the user may be in another module by now."""
        node = self.logic.getParameterNode()
        node.resultSegmentation = run.results.segmentation
        self.ui.resultsCollapsibleButton.collapsed = False
        self.logic.showResults(run, node.showIn3D, node.showTable)
        self.measurePart.measure(run.results.segmentation)


class OrbitSegmentationLogic(ScriptedLoadableModuleLogic):
    """Segments the orbits of volumes; for the panel, scripts and tests::

        results = OrbitSegmentationLogic().process(slicer.util.getNode("CT"))
        slicer.util.arrayFromTableColumn(results.table, "volume_ml")
    """

    def __init__(self, runner: JobRunner | None = None, pipeline: str = PIPELINE) -> None:
        ScriptedLoadableModuleLogic.__init__(self)
        self._runner = runner or JobRunner(extra_paths=[Path(__file__).parent],
                                           temporary_folder=slicer.app.temporaryPath)
        self._pipeline = pipeline

    def getParameterNode(self) -> OrbitSegmentationParameterNode:
        """Return the user's choices in this scene."""
        return OrbitSegmentationParameterNode(super().getParameterNode())

    def modelInventory(self, folder: str = "") -> models.Inventory:
        """Return the model packages that segment orbits, including those in the user's ``folder``."""
        return orbit_models(folder)

    def process(self, volume: vtkMRMLScalarVolumeNode, model: str = DEFAULT_MODEL, device: str = "auto",
                modelFolder: str = "", waitForCompletion: bool = True) -> SegmentationResults | VolumeRun:
        """Segment the orbits of a scan.

        :param volume: CT or MRI; any orientation, linear parent transforms allowed.
        :param model: name or folder of a model package.
        :param device: "auto", "cpu" or "cuda".
        :param modelFolder: the user's folder of model packages; "" for none.
        :param waitForCompletion: whether to return the results, or at once the run, whose ``poll()`` brings them.
        :raises Problem: if the scan cannot be used; the message says why.
        :raises JobFailed: if the computation failed for another reason; the scene is left unchanged.
        """
        run = self.startRun(volume, model, device, modelFolder, self._insert)
        return run.wait() if waitForCompletion else run

    def startRun(self, volume: vtkMRMLScalarVolumeNode, model: str, device: str, modelFolder: str,
                 insert: Insert, pipeline: str = "") -> VolumeRun:
        """Start a run (see :meth:`process`), optionally of another pipeline, whose result is passed to ``insert``."""
        arguments = {"model": model, "device": device, "model_folders": [modelFolder] if modelFolder else [],
                     **({"doubt": True} if insert == self._insert else {})}
        return VolumeRun(self._runner, pipeline or self._pipeline, volume, arguments, insert)

    def _insert(self, run: VolumeRun, answer: dict) -> SegmentationResults:
        return insert_segmentation_results(run, answer, self.moduleName, _("Orbit segmentation"))

    def showResults(self, run: VolumeRun, in3D: bool = True, table: bool = False) -> None:
        """Show only the results of a run: slices through an eyeball, surfaces, and the table if requested."""
        views.show_volume(run.snapshot.node)
        show_only(run.snapshot.node, nodes_of(run.results.segmentation))
        if table:
            views.show_table(run.results.table)
        views.show_large_slices()
        if in3D:
            segmentations.show_in_3d(run.results.segmentation)
        look_at(run.results.segmentation)

    def close(self) -> None:
        """End the worker process."""
        self._runner.close()


class OrbitSegmentationTest(ScriptedLoadableModuleTest):
    """Self-test that runs in the application (Reload and Test) and in the tests of the extension."""

    def setUp(self) -> None:
        """Start from an empty scene."""
        slicer.mrmlScene.Clear(0)

    def runTest(self) -> None:
        """Run all tests."""
        for test in (self.test_emptyVolumeIsRefused, self.test_phantomIsSegmentedOnBothSides):
            self.setUp()
            test()

    def test_emptyVolumeIsRefused(self) -> None:
        """A volume without voxels gives a message, and no nodes."""
        volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Empty")
        self.assertRaisesRegex(Problem, "has no voxels", OrbitSegmentationLogic().process, volume)
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode"), 0)

    def test_phantomIsSegmentedOnBothSides(self) -> None:
        """Both eyeballs of a phantom are found by the default model, each on its own side and of a plausible size."""
        logic = OrbitSegmentationLogic()
        if reason := self_test.why_untested(logic.modelInventory(), DEFAULT_MODEL):
            return self.delayDisplay(reason)
        results = logic.process(add_phantom("TED-CT", "Phantom"), device="cpu")
        logic.close()
        for side, sign in (("right", 1), ("left", -1)):
            self.assertGreater(sign * results.segmentation.GetSegmentCenterRAS(f"{side}_eyeball")[0], 15.0)
        self.assertEqual([results.table.GetCellText(row, 0) for row in (0, 1)], ["Eyeball", "Eyeball"])
        for milliliters in slicer.util.arrayFromTableColumn(results.table, "volume_ml")[:2]:
            self.assertTrue(4.0 < milliliters < 12.0, f"eyeball of {milliliters} ml")

"""Estimates the activity of thyroid eye disease from MRI: the module, its panel and its logic."""

import sys
from pathlib import Path

import slicer
from slicer import vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode, vtkMRMLTableNode
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import ScriptedLoadableModule

try:
    import NeuroOrbitLib
except ModuleNotFoundError:  # in the source tree the shared library lies beside this module's folder
    sys.path.append(str(Path(__file__).resolve().parents[1]))
    import NeuroOrbitLib  # noqa: F401

from NeuroOrbitLib.mrml.classifier_logic import ClassifierLogic
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.heat_maps import heat_look, show_heat
from NeuroOrbitLib.mrml.patient_results import tell_changes
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.tools import Tool, ended
from NeuroOrbitLib.mrml.visits import forget_foreign_segmentation
from NeuroOrbitLib.widgets import self_test  # not its class: unittest would run it, too
from NeuroOrbitLib.widgets.classifier_panel import ClassifierPanel
from NeuroOrbitLib.widgets.explanation_view import ExplanationView
from NeuroOrbitLib.widgets.report_button import ReportButton
from NeuroOrbitLib.widgets.sample_data import register_phantoms, samples_of
from NeuroOrbitLib.widgets.step import Step
from TAOActivityLib.inventory import ACTIVITY_MODEL, DEFAULT_MODEL, SAMPLE_FUNCTION, SAMPLES
from TAOActivityLib.mrml import parameters
from TAOActivityLib.mrml.parameters import TAOActivityParameterNode
from TAOActivityLib.mrml.prepared_scan import PreparedScan
from TAOActivityLib.mrml.runs import DEFAULT_QUESTION, DEFAULT_TOOL, Question, Steps, question_of
from TAOActivityLib.mrml.showing import crop_changes, crop_changes_of_scan, show_prepared, show_result
from TAOActivityLib.report import report_words
from TAOActivityLib.widgets.crop_confirmation import CropConfirmation
from TAOActivityLib.widgets.views import activity_view, enable_occlusion, heat_view

FOLDER = Path(__file__).parent
#: Folders with the packages for the worker: side by side when installed, separate in the source tree.
WORKER_PATHS = (FOLDER, FOLDER.parent / "OrbitSegmentation")


class TAOActivity(ScriptedLoadableModule):
    """Description of the module for the application."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("TAO Activity")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Quantification")]
        self.parent.dependencies = ["Markups", "Plots", "Segmentations", "SubjectHierarchy", "Tables", "Volumes"]
        self.parent.contributors = ["SlicerNeuroOrbit contributors"]
        self.parent.helpText = _(
            "Estimates from an axial fat-suppressed T2 MRI whether thyroid eye disease is active, and shows on the "
            "image what the estimate rests on. To try it, load a patient from the section 'Orbit' of the module "
            "Sample Data. For research use only, not for diagnosis.")
        self.parent.acknowledgementText = _("Part of the extension NeuroOrbit. Networks after Lin et al. 2021.")
        slicer.app.connect("startupCompleted()", registerSampleData)
        tell_changes("TAOActivity", crop_changes_of_scan)


def registerSampleData() -> None:
    """Offer an active and an inactive patient in the module Sample Data."""
    register_phantoms(FOLDER / "Resources" / "Icons", samples_of(SAMPLES, SAMPLE_FUNCTION, WORKER_PATHS))


class TAOActivityWidget(ClassifierPanel):
    """The panel: prepare, confirm, estimate, explain."""

    def makeLogic(self) -> "TAOActivityLogic":
        """Return the logic, with a worker process of its own."""
        return TAOActivityLogic()

    def makeSteps(self) -> list[Step]:
        """Return the steps: Prepare, Apply and Explain."""
        ui = self.ui
        return [
            Step(ui.prepareButton, ui.preparePlaceholder, self.startPreparing, self.showPrepared,
                 _("Find the orbits, check the sequence, place the crop.")),
            Step(ui.applyButton, ui.runPlaceholder, self.startRun, self.showResults,
                 _("Estimate the activity in the confirmed crop."), self.applyProblem),
            Step(ui.explainButton, ui.explainPlaceholder, self.startExplaining, self.showExplanation,
                 _("Show on the image what speaks for active disease."),
                 lambda: ExplanationView.problem(self.result())),
        ]

    def showChoice(self, scan: vtkMRMLScalarVolumeNode | None, result: vtkMRMLTableNode | None) -> None:
        """Show the crop and the heat of the chosen scan and result only."""
        show_result(scan, self.result(), self._parameterNode.cropBox, heat_look(self._parameterNode))

    def addParts(self) -> None:
        """Add the crop, the result and the heat; only results of this module can be chosen."""
        ui = self.ui
        self.confirmation = CropConfirmation(ui, self._onParametersChanged)
        self.addAnswer(activity_view(self.changesSince))
        self.explanationView = heat_view(ui)
        self.reportButton = ReportButton(ui.reportButton, self.noticeBanner, report_words, "activity.html",
                                         changes_of=self.changesSince)

    def changesSince(self, result: ClassifierResult) -> list[str]:
        """Return a sentence if the crop has changed since the result."""
        return crop_changes(result, self._parameterNode.cropBox if self._parameterNode else None)

    def updateParts(self, parameterNode: TAOActivityParameterNode | None) -> None:
        """Update the panel from the parameter node."""
        if parameterNode:
            forget_foreign_segmentation(parameterNode)
        self.confirmation.follow(parameterNode)
        result = self.showAnswer()
        look = heat_look(parameterNode)
        self.explanationView.set_result(result, look)
        enable_occlusion(self.ui, parameterNode)
        self.reportButton.set_result(result, look)

    def onModelChosen(self, name: str) -> None:
        """Store the model, and choose a region that it is trained for."""
        if self._parameterNode:
            parameters.choose_known_region(self._parameterNode, self.modelChooser.current_package())
        super().onModelChosen(name)

    def applyProblem(self) -> str:
        """Return the reason why Apply is not possible."""
        return self.confirmation.problem(self._parameterNode, self.modelChooser.current_package())

    def startPreparing(self) -> VolumeRun:
        """Start to prepare the scan."""
        node = self._parameterNode
        return self.logic.prepare(node.inputVolume, self.tool(), node.inputSegmentation, waitForCompletion=False)

    def showPrepared(self, run: VolumeRun) -> None:
        """Show the crop for the user to check."""
        parameters.remember_prepared(self.logic.getParameterNode(), run.results)
        self.ui.cropCollapsibleButton.collapsed = False
        show_prepared(run.results)
        self.noticeBanner.show_notices(run.results.warnings())

    def startRun(self) -> VolumeRun:
        """Start to estimate the activity."""
        return self.logic.process(self.confirmation.prepared, self.tool(), waitForCompletion=False)

    def showResults(self, run: VolumeRun) -> None:
        """Show the answer."""
        node = self.logic.getParameterNode()
        node.result = run.results.table
        show_result(run.snapshot.node, run.results, node.cropBox, heat_look(node))
        self.ui.resultsCollapsibleButton.collapsed = False

    def startExplaining(self) -> VolumeRun:
        """Start to explain the result."""
        question = question_of(self._parameterNode)
        return self.logic.explain(self.result(), question, self.tool(), waitForCompletion=False)

    def showExplanation(self, run: VolumeRun) -> None:
        """Show the heat over the scan."""
        node = self.logic.getParameterNode()
        show_heat(run.snapshot.node, run.results.heat, heat_look(node))
        node.result = run.results.table
        self._onParametersChanged()


class TAOActivityLogic(ClassifierLogic):
    """Estimates activity; see :class:`.ClassifierLogic`."""

    makeSteps, choices = Steps, TAOActivityParameterNode
    modelKind, workerPaths = ACTIVITY_MODEL, WORKER_PATHS

    def prepare(self, volume: vtkMRMLScalarVolumeNode, tool: Tool = DEFAULT_TOOL,
                orbits: vtkMRMLSegmentationNode | None = None,
                waitForCompletion: bool = True) -> PreparedScan | VolumeRun:
        """Find the orbits unless they are given, check the sequence, and place the crop over the scan.

        :param volume: the scan.
        :param tool: model and device.
        :param orbits: segmentation of the orbits; ``None`` to segment them.
        :param waitForCompletion: whether to wait for the result and return it; otherwise the run is returned.
        :raises Problem: if scan, segmentation or model cannot be used.
        """
        return ended(self._steps.prepare(volume, orbits, tool), waitForCompletion)

    def process(self, prepared: PreparedScan, tool: Tool = DEFAULT_TOOL,
                waitForCompletion: bool = True) -> ClassifierResult | VolumeRun:
        """Estimate the activity in the crop at the present place of its box.

        :param prepared: the prepared scan.
        :param tool: model and device.
        :param waitForCompletion: whether to wait for the result and return it; otherwise the run is returned.
        :raises Problem: if the scan has changed since it was prepared.
        """
        return ended(self._steps.classify(prepared, tool), waitForCompletion)

    def explain(self, result: ClassifierResult, question: Question = DEFAULT_QUESTION, tool: Tool = DEFAULT_TOOL,
                waitForCompletion: bool = True) -> ClassifierResult | VolumeRun:
        """Make the heat map of a result with the model that gave it.

        :param result: the result.
        :param question: settings of the explanation.
        :param tool: device; the model is the result's.
        :param waitForCompletion: whether to wait for the result and return it; otherwise the run is returned.
        :raises Problem: if something that the result depends on was removed or changed.
        """
        return ended(self._steps.explain(result, question, tool), waitForCompletion)


class TAOActivityTest(self_test.ClassifierTest):
    """Self-test that runs in the application (Reload and Test) and in the tests of the extension."""

    make_logic, first_step, worker_paths = TAOActivityLogic, TAOActivityLogic.prepare, WORKER_PATHS
    default_model, sample_function, samples = DEFAULT_MODEL, SAMPLE_FUNCTION, tuple(SAMPLES)

    def checkSamples(self, logic: TAOActivityLogic, scans: list[vtkMRMLScalarVolumeNode]) -> None:
        """The active patient gets a higher probability than the inactive one, and the heat lies in the patient."""
        active, inactive = (logic.process(logic.prepare(scan)) for scan in scans)
        self.assertGreater(active.record["probability"], inactive.record["probability"])
        self.assertIsNotNone(logic.explain(active).heat)

"""Estimates who will respond to intravenous glucocorticoids: the module, its panel and its logic."""

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

from IVGCResponseLib.commands import MODULE
from IVGCResponseLib.inventory import DEFAULT_MODEL, RESPONSE_MODEL, SAMPLE_FUNCTION, SAMPLES
from IVGCResponseLib.mrml.muscles import (
    MUSCLES,
    forget_foreign_choices,
    show_choice,
    show_found_muscles,
    show_result,
)
from IVGCResponseLib.mrml.parameters import FeatureRegions, IVGCResponseParameterNode
from IVGCResponseLib.mrml.patient_data import patient_changes
from IVGCResponseLib.mrml.runs import DEFAULT_TOOL, NOBODY, Steps
from IVGCResponseLib.report import report_words
from IVGCResponseLib.widgets.views import (
    ask_about_patient,
    patient_form,
    reasons_view,
    response_view,
    show_muscles,
    show_predictive_values,
)
from NeuroOrbitLib.mrml.classifier_logic import ClassifierLogic
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.heat_maps import heat_look
from NeuroOrbitLib.mrml.patient_data import PatientData
from NeuroOrbitLib.mrml.radiomics_table import FeatureProfile
from NeuroOrbitLib.mrml.recalibration import recalibration_changes
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.tools import Tool, ended
from NeuroOrbitLib.widgets import self_test  # not its class: unittest would run it, too
from NeuroOrbitLib.widgets.classifier_panel import ClassifierPanel
from NeuroOrbitLib.widgets.explanation_view import ExplanationView
from NeuroOrbitLib.widgets.radiomics_part import RadiomicsPart
from NeuroOrbitLib.widgets.report_button import ReportButton
from NeuroOrbitLib.widgets.sample_data import register_phantoms, samples_of
from NeuroOrbitLib.widgets.step import Step

FOLDER = Path(__file__).parent
#: Folders with the packages for the worker: side by side when installed, separate in the source tree.
WORKER_PATHS = (FOLDER, FOLDER.parent / "OrbitSegmentation")


class IVGCResponse(ScriptedLoadableModule):
    """Description of the module for the application."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("IVGC Response")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Quantification")]
        self.parent.dependencies = ["Plots", "Segmentations", "SubjectHierarchy", "Tables", "Volumes"]
        self.parent.contributors = ["SlicerNeuroOrbit contributors"]
        self.parent.helpText = _(
            "Estimates from a coronal T2 MRI and clinical features whether a patient with active thyroid eye disease "
            "will respond to intravenous glucocorticoids, and shows what the estimate rests on. To try it, load a "
            "patient from the section 'Orbit' of the module Sample Data. For research use only, not for diagnosis.")
        self.parent.acknowledgementText = _("Part of the extension NeuroOrbit. Networks after Zhang et al. 2026.")
        slicer.app.connect("startupCompleted()", registerSampleData)


def registerSampleData() -> None:
    """Offer a responder and a non-responder in the module Sample Data."""
    register_phantoms(FOLDER / "Resources" / "Icons", samples_of(SAMPLES, SAMPLE_FUNCTION, WORKER_PATHS))


class IVGCResponseWidget(ClassifierPanel):
    """The panel: muscles, patient, answer, reasons, features."""

    def makeLogic(self) -> "IVGCResponseLogic":
        """Return the logic, with a worker process of its own."""
        return IVGCResponseLogic()

    def makeSteps(self) -> list[Step]:
        """Return the steps: Muscles, Apply, Explain and Features."""
        ui = self.ui
        return [
            Step(ui.prepareButton, ui.preparePlaceholder, self.startPreparing, self.showMuscles,
                 _("Check the series, segment the muscles unless they are chosen, measure them."), needs_model=False),
            Step(ui.applyButton, ui.runPlaceholder, self.startRun, self.showResults,
                 _("Estimate the response to intravenous glucocorticoids."), self.applyProblem),
            Step(ui.explainButton, ui.explainPlaceholder, self.startExplaining, self.showExplanation,
                 _("Show what in the image speaks for a response, and what each muscle contributes."),
                 lambda: ExplanationView.problem(self.result())),
            Step(ui.featuresButton, ui.featuresPlaceholder, self.startFeatures, self.showFeatures,
                 _("Write a table of radiomics features with a sentence on each."), self.musclesProblem,
                 needs_model=False),
        ]

    def noModelAdvice(self) -> str:
        """Return a text that says how to get a model."""
        return _("No model for this step is installed: train one with 'python -m IVGCResponseLib train', or choose a "
                 "folder that has one.")

    def showChoice(self, scan: vtkMRMLScalarVolumeNode | None, result: vtkMRMLTableNode | None) -> None:
        """Show the muscles and the heat of the chosen scan and result only."""
        show_choice(self._parameterNode, self.result(), heat_look(self._parameterNode))

    def addParts(self) -> None:
        """Add the patient's data, the result, its reasons and the features."""
        ui = self.ui
        self.patientForm = patient_form(self._onParametersChanged)
        self.addAnswer(response_view(ui, self.changesSince))
        ui.patientPlaceholder.layout().addWidget(self.patientForm)
        self.explanationView = reasons_view(ui)
        self.featuresPart = RadiomicsPart(ui, self.noticeBanner, MODULE)
        self.reportButton = ReportButton(ui.reportButton, self.noticeBanner, report_words, "response.html",
                                         changes_of=self.changesSince)

    def changesSince(self, result: ClassifierResult) -> list[str]:
        """Return sentences if the patient's data or the chosen recalibration are not those of the result."""
        chosen = recalibration_changes(result, self._parameterNode.recalibration) if self._parameterNode else []
        return [*patient_changes(result), *chosen]

    def updateParts(self, parameterNode: IVGCResponseParameterNode | None) -> None:
        """Update the panel from the parameter node."""
        if parameterNode:
            forget_foreign_choices(parameterNode)
        result, look = self.showAnswer(), heat_look(parameterNode)
        ask_about_patient(self.patientForm, parameterNode, self.modelChooser.current_package())
        show_muscles(self.ui.musclesLabel, parameterNode)
        show_predictive_values(self.ui.predictiveLabel, result, parameterNode.prevalence if parameterNode else 50.0)
        self.explanationView.set_result(result, look)
        self.featuresPart.set_features(parameterNode.features if parameterNode else None)
        self.reportButton.set_result(result, look)

    def musclesProblem(self) -> str:
        """Return the reason why nothing can be computed from the muscles, "" if it can."""
        chosen = self._parameterNode and self._parameterNode.inputSegmentation
        return "" if chosen else _("Segment the muscles first, or choose a segmentation.")

    def applyProblem(self) -> str:
        """Return the reason why Apply is not possible, "" if it is."""
        return self.musclesProblem() or self.patientForm.problem()

    def startPreparing(self) -> VolumeRun:
        """Start to check, segment and measure the muscles."""
        node = self._parameterNode
        return self.logic.prepare(node.inputVolume, node.inputSegmentation, node.device.value, waitForCompletion=False)

    def showMuscles(self, run: VolumeRun) -> None:
        """Show the muscles for the user to check."""
        node = self.logic.getParameterNode()
        node.inputSegmentation = run.results
        show_found_muscles(node.inputVolume, self.result(), heat_look(node), run.results)
        self._onParametersChanged()
        self.noticeBanner.show_notices(MUSCLES.notices(run.results))

    def startRun(self) -> VolumeRun:
        """Start to estimate the response."""
        node = self._parameterNode
        return self.logic.process(node.inputVolume, node.inputSegmentation, self.patientForm.finished(), self.tool(),
                                  node.recalibration, waitForCompletion=False)

    def showResults(self, run: VolumeRun) -> None:
        """Show the answer."""
        self.logic.getParameterNode().result = run.results.table
        self.ui.resultsCollapsibleButton.collapsed = False

    def startExplaining(self) -> VolumeRun:
        """Start to explain the result."""
        return self.logic.explain(self.result(), self.tool(), waitForCompletion=False)

    def showExplanation(self, run: VolumeRun) -> None:
        """Show the heat over the scan."""
        node = self.logic.getParameterNode()
        node.result = run.results.table
        show_result(run.snapshot.node, run.results, heat_look(node), node.inputSegmentation)
        self._onParametersChanged()

    def startFeatures(self) -> VolumeRun:
        """Start to compute the features."""
        node = self._parameterNode
        return self.logic.features(node.inputVolume, node.inputSegmentation, node.featureRegions, node.featureProfile,
                                   waitForCompletion=False)

    def showFeatures(self, run: VolumeRun) -> None:
        """Show the table of features."""
        self.logic.getParameterNode().features = run.results


class IVGCResponseLogic(ClassifierLogic):
    """Estimates the response; see :class:`.ClassifierLogic`."""

    makeSteps, choices = Steps, IVGCResponseParameterNode
    modelKind, workerPaths = RESPONSE_MODEL, WORKER_PATHS

    def prepare(self, volume: vtkMRMLScalarVolumeNode, muscles: vtkMRMLSegmentationNode | None = None,
                device: str = "auto", waitForCompletion: bool = True) -> vtkMRMLSegmentationNode | VolumeRun:
        """Check the series, segment the muscles unless they are given, and measure them; see :meth:`process`."""
        return ended(self._steps.prepare(volume, muscles, device), waitForCompletion)

    def process(self, volume: vtkMRMLScalarVolumeNode, muscles: vtkMRMLSegmentationNode,
                patient: PatientData = NOBODY, tool: Tool = DEFAULT_TOOL, recalibration: str = "",
                waitForCompletion: bool = True) -> ClassifierResult | VolumeRun:
        """Estimate the response from the scan, its muscles and the patient's data, adapted by a recalibration file.

        :param waitForCompletion: whether to wait for the result and return it; otherwise the run is returned.
        :raises Problem: if the input cannot be used or the models are not made for the patient.
        """
        return ended(self._steps.classify(volume, muscles, patient, tool, recalibration), waitForCompletion)

    def explain(self, result: ClassifierResult, tool: Tool = DEFAULT_TOOL,
                waitForCompletion: bool = True) -> ClassifierResult | VolumeRun:
        """Explain what in the image indicates a response, with the model that gave the result."""
        return ended(self._steps.explain(result, tool), waitForCompletion)

    def features(self, volume: vtkMRMLScalarVolumeNode, muscles: vtkMRMLSegmentationNode,
                 regions: FeatureRegions = FeatureRegions.GROUPS, profile: FeatureProfile = FeatureProfile.RDINET,
                 waitForCompletion: bool = True) -> vtkMRMLTableNode | VolumeRun:
        """Compute radiomics features of the segmentation."""
        return ended(self._steps.features(volume, muscles, regions, profile), waitForCompletion)


class IVGCResponseTest(self_test.ClassifierTest):
    """Self-test that runs in the application (Reload and Test) and in the tests of the extension."""

    make_logic, first_step, worker_paths = IVGCResponseLogic, IVGCResponseLogic.prepare, WORKER_PATHS
    default_model, sample_function, samples = DEFAULT_MODEL, SAMPLE_FUNCTION, tuple(SAMPLES)

    def checkSamples(self, logic: IVGCResponseLogic, scans: list[vtkMRMLScalarVolumeNode]) -> None:
        """The responder gets a higher probability than the non-responder, and the reasons name a muscle."""
        yes, no = (logic.process(scan, logic.prepare(scan)) for scan in scans)
        self.assertGreater(yes.record["probability_of_response"], no.record["probability_of_response"])
        self.assertIn("leading_muscle", logic.explain(yes).explanation)

"""Finds white-matter lesions in FLAIR MRI and estimates NMOSD or MS: the module, its panel and its logic."""

import sys
from pathlib import Path

import slicer
from slicer import vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode, vtkMRMLTableNode
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import ScriptedLoadableModule

try:
    import NeuroOrbitLib
except ModuleNotFoundError:  # in the source tree the shared library is beside this module's folder
    sys.path.append(str(Path(__file__).resolve().parents[1]))
    import NeuroOrbitLib  # noqa: F401

from NeuroDifferentialLib.differential.inventory import DEFAULT_MODEL, DIFFERENTIAL_MODEL, SAMPLE_FUNCTION, SAMPLES
from NeuroDifferentialLib.mrml.choice import show_choice
from NeuroDifferentialLib.mrml.effects import show_effects
from NeuroDifferentialLib.mrml.followup import ChangeResult
from NeuroDifferentialLib.mrml.lesion_nodes import FoundLesions
from NeuroDifferentialLib.mrml.parameters import NeuroDifferentialParameterNode, forget_foreign_choices
from NeuroDifferentialLib.mrml.results import lost_ticks
from NeuroDifferentialLib.mrml.runs import DEFAULT_TOOL, LESION_TOOL, Steps, lesions_problem
from NeuroDifferentialLib.widgets.criteria_view import CriteriaView
from NeuroDifferentialLib.widgets.effects_view import EffectsView
from NeuroDifferentialLib.widgets.finding import finding_step
from NeuroDifferentialLib.widgets.followup_view import FollowupView, comparing_step
from NeuroDifferentialLib.widgets.views import (
    dicom_button,
    lesion_view,
    open_segment_editor,
    report_button,
    say_what_dicom_writes,
)
from NeuroOrbitLib.mrml.classifier_logic import ClassifierLogic
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.heat_maps import HeatLook
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.shown import show_only
from NeuroOrbitLib.mrml.tools import Tool, ended
from NeuroOrbitLib.widgets import self_test  # not its class: unittest would run it, too
from NeuroOrbitLib.widgets.classifier_panel import ClassifierPanel
from NeuroOrbitLib.widgets.explanation_view import ExplanationView
from NeuroOrbitLib.widgets.sample_data import register_phantoms, samples_of
from NeuroOrbitLib.widgets.step import Step

FOLDER = Path(__file__).parent
WORKER_PATHS = (FOLDER,)


class NeuroDifferential(ScriptedLoadableModule):
    """The module's entry in the application."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Neuro Differential")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Quantification")]
        self.parent.dependencies = ["Plots", "Segmentations", "SubjectHierarchy", "Tables", "Volumes"]
        self.parent.contributors = ["SlicerNeuroOrbit contributors"]
        self.parent.helpText = _(
            "Finds white-matter lesions in a FLAIR MRI, measures and places them, ticks published criteria, and "
            "estimates NMOSD against MS. To try it, load a patient from the section 'Orbit' of the module Sample Data. "
            "Brain MRI only: ignores cord, optic nerve and serology. For research use only, not for diagnosis.")
        self.parent.acknowledgementText = _("Part of the extension NeuroOrbit.")
        slicer.app.connect("startupCompleted()", registerSampleData)


def registerSampleData() -> None:
    """Offer a patient with MS and one with NMOSD in the module Sample Data."""
    register_phantoms(FOLDER / "Resources" / "Icons", samples_of(SAMPLES, SAMPLE_FUNCTION, WORKER_PATHS))


class NeuroDifferentialWidget(ClassifierPanel):
    """The panel: find lesions, correct them, estimate, explain."""

    def makeLogic(self) -> "NeuroDifferentialLogic":
        """Return the logic, with its own worker process."""
        return NeuroDifferentialLogic()

    def makeSteps(self) -> list[Step]:
        """Return the steps Find lesions, Apply, Explain and Compare."""
        ui = self.ui
        return [
            finding_step(self),
            Step(ui.applyButton, ui.runPlaceholder, self.startRun, self.showResults,
                 _("Measure and place the lesions as they are drawn now, and estimate NMOSD or MS."),
                 self.applyProblem),
            Step(ui.explainButton, ui.explainPlaceholder, self.startExplaining, self.showExplanation,
                 _("Leave out every lesion in turn and see what it changes."),
                 lambda: ExplanationView.problem(self.result())),
            comparing_step(self),
        ]

    def showChoice(self, scan: vtkMRMLScalarVolumeNode | None, result: vtkMRMLTableNode | None) -> None:
        """Show only the lesions of the chosen scan and result."""
        show_choice(self._parameterNode, self.result())

    def addParts(self) -> None:
        """Add the views of answer, criteria, reasons and changes, and the buttons."""
        ui = self.ui
        self.addAnswer(lesion_view())
        self.effectsView, self.criteriaView = EffectsView(self.result), CriteriaView()
        self.followupView = FollowupView()
        ui.criteriaPlaceholder.layout().addWidget(self.criteriaView)
        ui.effectsPlaceholder.layout().addWidget(self.effectsView)
        ui.followupPlaceholder.layout().addWidget(self.followupView)
        self.reportButton = report_button(ui.reportButton, self.noticeBanner, self.result, self.followupView.record)
        self.dicomButton = dicom_button(self)
        ui.editButton.connect("clicked(bool)", lambda _checked: open_segment_editor(self._parameterNode))

    def updateParts(self, parameterNode: NeuroDifferentialParameterNode | None) -> None:
        """Show the choices of the parameter node."""
        if parameterNode:
            forget_foreign_choices(parameterNode)
            self.lesionModelBox.set_current_name(parameterNode.lesionModel)
        result = self.showAnswer()
        self.ui.brainOnlyLabel.visible = self.answerView.card.isHidden()  # the card says it, too
        self.ui.editButton.enabled = bool(parameterNode and parameterNode.lesions)
        say_what_dicom_writes(self.ui.dicomButton, parameterNode)
        self.criteriaView.set_result(result)
        self.followupView.set_table(*((parameterNode.changes, parameterNode.lesions, parameterNode.previousVolume)
                                      if parameterNode else (None,)))
        self.effectsView.set_result(result)
        self.reportButton.set_result(result, HeatLook())

    def applyProblem(self) -> str:
        """Return the reason why Apply is not possible, "" if it is."""
        node = self._parameterNode
        return lesions_problem(node.inputVolume, node.lesions) if node else ""

    def startRun(self) -> VolumeRun:
        """Start the second step, which measures and estimates."""
        chosen = self._parameterNode
        return self.logic.process(chosen.inputVolume, chosen.lesions, self.tool(), waitForCompletion=False)

    def showResults(self, run: VolumeRun) -> None:
        """Show the answer."""
        lost = lost_ticks(self.result(), run.results)
        self.logic.getParameterNode().result = run.results.table
        show_only(run.snapshot.node, [run.results.segmentation, *run.results.nodes])
        self.ui.resultsCollapsibleButton.collapsed = False
        if lost:
            self.noticeBanner.show_notice("warning", lost)

    def startExplaining(self) -> VolumeRun:
        """Start the third step, which explains the answer."""
        return self.logic.explain(self.result(), self.tool(), waitForCompletion=False)

    def showExplanation(self, run: VolumeRun) -> None:
        """Show which lesions favour NMOSD and which favour MS."""
        self.logic.getParameterNode().result = run.results.table
        show_effects(run.results)
        self._onParametersChanged()


class NeuroDifferentialLogic(ClassifierLogic):
    """Finds lesions and estimates NMOSD or MS; see :class:`.ClassifierLogic`."""

    makeSteps, choices = Steps, NeuroDifferentialParameterNode
    modelKind, workerPaths = DIFFERENTIAL_MODEL, WORKER_PATHS

    def find(self, flair: vtkMRMLScalarVolumeNode, t1: vtkMRMLScalarVolumeNode | None = None,
             tool: Tool = LESION_TOOL, waitForCompletion: bool = True) -> FoundLesions | VolumeRun:
        """Find the lesions of a FLAIR, alone or with a T1."""
        return ended(self._steps.find(flair, t1, tool), waitForCompletion)

    def process(self, flair: vtkMRMLScalarVolumeNode, lesions: vtkMRMLSegmentationNode, tool: Tool = DEFAULT_TOOL,
                waitForCompletion: bool = True) -> ClassifierResult | VolumeRun:
        """Measure the lesions as currently drawn, and estimate NMOSD against MS."""
        return ended(self._steps.classify(flair, lesions, tool), waitForCompletion)

    def explain(self, result: ClassifierResult, tool: Tool = DEFAULT_TOOL,
                waitForCompletion: bool = True) -> ClassifierResult | VolumeRun:
        """Explain a result by removing each lesion in turn, with the model that gave the result."""
        return ended(self._steps.explain(result, tool), waitForCompletion)

    def compare(self, flair: vtkMRMLScalarVolumeNode, previous: vtkMRMLScalarVolumeNode, tool: Tool = LESION_TOOL,
                lesions: vtkMRMLSegmentationNode | None = None,
                waitForCompletion: bool = True) -> ChangeResult | VolumeRun:
        """Compare the lesions of a FLAIR with those of an earlier visit; corrected lesions are taken as drawn."""
        return ended(self._steps.compare(flair, previous, tool, lesions), waitForCompletion)


class NeuroDifferentialTest(self_test.ClassifierTest):
    """Self-test, run in the application (Reload and Test) and in the tests of the extension."""

    make_logic, first_step, worker_paths = NeuroDifferentialLogic, NeuroDifferentialLogic.find, WORKER_PATHS
    default_model, sample_function, samples = DEFAULT_MODEL, SAMPLE_FUNCTION, ("MS",)

    def checkSamples(self, logic: NeuroDifferentialLogic, scans: list[vtkMRMLScalarVolumeNode]) -> None:
        """Check that the sample patient with MS has lesions in several places and gets an estimate."""
        result = logic.process(scans[0], logic.find(scans[0]).segmentation)
        self.assertGreater(result.record["lesion_count"], 3)
        self.assertTrue(0 < result.record["probability_of_nmosd"] < 1)
        self.assertIsNotNone(logic.explain(result).heat_table)

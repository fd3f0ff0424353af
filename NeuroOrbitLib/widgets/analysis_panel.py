"""The base class of the modules' panels, which let the user choose a scan, run an analysis and see its results."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import partial

import slicer
import vtk
from slicer.i18n import tr as _
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleWidget
from slicer.util import VTKObservationMixin

from NeuroOrbitLib.jobs import Failure, Result
from NeuroOrbitLib.mrml.chosen_result import ChosenResult, ResultKind
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.scans import is_scan, suggest_scan
from NeuroOrbitLib.mrml.shown import hide_others, hide_unseen, may_be_of_others, shown_scans
from NeuroOrbitLib.mrml.study_series import best_of_study
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.mrml.views import is_shown, redraw_slices, show_volume
from NeuroOrbitLib.mrml.volumes import check_scan
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.research_use import RESEARCH_USE
from NeuroOrbitLib.resources import resource_path
from NeuroOrbitLib.widgets.dependencies import ensure_dependencies, ensure_packages
from NeuroOrbitLib.widgets.model_chooser import ModelChooser
from NeuroOrbitLib.widgets.notice import NoticeBanner
from NeuroOrbitLib.widgets.privacy_option import KeepNamesBox
from NeuroOrbitLib.widgets.run_control import RunControl
from NeuroOrbitLib.widgets.scene_follower import SceneFollower
from NeuroOrbitLib.widgets.series_proposal import SeriesProposal
from NeuroOrbitLib.widgets.step import Step
from NeuroOrbitLib.widgets.tab_order import follow_in_tab_order, order_tabs

#: Events of a volume node after which Apply may become possible or impossible.
_VOLUME_EVENTS = (slicer.vtkMRMLScalarVolumeNode.ImageDataModifiedEvent,
                  slicer.vtkMRMLScalarVolumeNode.TransformModifiedEvent)


class AnalysisPanel(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """Base class of panels that analyse one scan with one model; it manages their life cycle.

    The .ui file, named like the module, has ``inputSelector``, ``modelPlaceholder``, ``applyButton``,
    ``runPlaceholder``, ``aboutLabel`` and a form with ``deviceComboBox``; the parameter node has ``inputVolume`` and
    ``modelName``; the logic has ``getParameterNode()``, ``modelInventory(folder)`` and ``close()``. A module overrides
    :meth:`makeLogic`, :meth:`resultKind`, :meth:`showChoice`, :meth:`startRun`, :meth:`showResults` and, if it has more
    parts, :meth:`addParts` and :meth:`updateParts`. A module that works in several steps overrides :meth:`makeSteps`
    instead of :meth:`startRun` and :meth:`showResults`.
    """

    def __init__(self, parent: object = None) -> None:
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic = None
        self.endings: list[Callable[[], None]] = []  # called when the panel is closed
        self._parameterNode = None
        self._parameterNodeGuiTag = None
        self._observedVolume = None
        self._volumeObservers = VTKObservationMixin()
        self._problemShown = ""
        self._hadResults = False
        self._unseen: list[tuple[Step, VolumeRun]] = []  # ended while another scan or module was open

    def makeLogic(self) -> object:
        """Return the module's logic."""
        raise NotImplementedError

    def resultKind(self) -> ResultKind:
        """Return the kind of nodes that are results of the module."""
        raise NotImplementedError

    def showChoice(self, scan: slicer.vtkMRMLScalarVolumeNode | None, result: slicer.vtkMRMLNode | None) -> None:
        """Show the chosen scan and result in the views, and hide those of other scans."""
        raise NotImplementedError

    def lookAt(self, result: slicer.vtkMRMLNode) -> None:
        """Move the slices to a result whose scan they did not show before."""

    def isLookedAt(self) -> bool:
        """Return whether the views should show the panel's scan; False while another module is open."""
        return self._parameterNode is not None

    def startRun(self) -> VolumeRun:
        """Start a run with the user's choices."""
        raise NotImplementedError

    def showResults(self, run: VolumeRun) -> None:
        """Show the results of a run that went well."""
        raise NotImplementedError

    def noModelAdvice(self) -> str:
        """Return the notice for the user if no model of the module is installed; "" for the default notice."""
        return ""

    def makeSteps(self) -> list[Step]:
        """Return the steps that the user can start, in the order of the panel; by default only that of Apply."""
        return [Step(self.ui.applyButton, self.ui.runPlaceholder, self.startRun, self.showResults,
                     _("Analyse the scan."))]

    def addParts(self) -> None:
        """Add the module's own parts to the panel."""

    def updateParts(self, parameterNode: object | None) -> None:
        """Update the module's own parts from the parameter node."""

    # Life cycle

    def setup(self) -> None:
        """Build the panel when the user opens the module for the first time."""
        ScriptedLoadableModuleWidget.setup(self)
        uiWidget = slicer.util.loadUI(self.resourcePath(f"UI/{self.moduleName}.ui"))
        self.layout.addWidget(uiWidget)
        self.ui = slicer.util.childWidgetVariables(uiWidget)
        uiWidget.setMRMLScene(slicer.mrmlScene)
        self.logic = self.makeLogic()
        self._addSharedParts()
        self.addParts()
        self.choice = ChosenResult(self.resultKind(), self._onChoice)
        self.sceneFollower = SceneFollower(
            uiWidget, self._onSceneReadStarts, self._onSceneRead, self._onScanLoaded,
            lambda scan: self.choice.forget_removed(self._parameterNode, scan))
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneEndClose)
        self.initializeParameterNode()
        order_tabs(uiWidget)

    def _addSharedParts(self) -> None:
        self.modelChooser = ModelChooser(self.logic.modelInventory, self.onModelChosen, self.noModelAdvice())
        self.noticeBanner = NoticeBanner()
        self.ui.modelPlaceholder.layout().addWidget(self.modelChooser)
        self.seriesProposal = SeriesProposal(self.ui.inputSelector.setCurrentNode)
        self.ui.modelPlaceholder.layout().insertWidget(0, self.seriesProposal)
        self.keepNamesBox = KeepNamesBox()
        self.ui.deviceComboBox.parent().layout().addRow("", self.keepNamesBox)
        self.steps = self.makeSteps()
        first, *others = self.steps
        self.runControl = RunControl(first.button, partial(self._start, first), partial(self.onRunEnded, first))
        for step in others:
            self.runControl.add_button(step.button, partial(self._start, step), partial(self.onRunEnded, step))
        self._showProgressAt(first)

    def _showProgressAt(self, step: Step) -> None:
        for widget in (self.runControl, self.noticeBanner):
            step.place.layout().addWidget(widget)
        follow_in_tab_order(self.runControl, step.button)

    def cleanup(self) -> None:
        """Stop runs and remove observers when the application closes or the module is reloaded."""
        self.runControl.abandon()
        for end in self.endings:
            end()
        self.sceneFollower.close()
        self.setParameterNode(None)
        self.removeObservers()
        self.logic.close()

    def enter(self) -> None:
        """Connect to the scene each time the user opens this module, and show the scan that its numbers belong to.

        Model packages that were added in the meantime, e.g. by a training, are listed, too.
        """
        self.modelChooser.reload()
        self.initializeParameterNode()
        self.showUnseenScan()

    def exit(self) -> None:
        """Stop following the parameter node while another module is open; a run under way continues."""
        self.setParameterNode(None)

    def onSceneStartClose(self, caller: object = None, event: object = None) -> None:
        """Cancel a run when the scene is about to be closed, since its results would have no scan."""
        self.runControl.cancel()
        self._unseen.clear()
        self.setParameterNode(None)

    def onSceneEndClose(self, caller: object = None, event: object = None) -> None:
        """Start with a new parameter node if the module is shown."""
        self.noticeBanner.clear_notices()
        self._meetScene()

    def _onSceneReadStarts(self) -> None:
        self._hadResults = bool(self._parameterNode and self._chosenResult())
        self.setParameterNode(None)

    def _onSceneRead(self) -> None:
        self._meetScene()
        if self._hadResults and self._parameterNode:  # added to a scene: only one scan can be the chosen one
            hide_others(self._parameterNode.inputVolume)
        self.showUnseenScan()  # the scene may have been saved while another module showed its scan
        redraw_slices()

    def _onScanLoaded(self) -> None:
        self._meetScene()
        node = self._parameterNode
        if node and node.inputVolume and self._chosenResult() and may_be_of_others(node.inputVolume):
            hide_others(None)  # the application shows the scan that was loaded, perhaps another patient's
            for composite in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode"):
                if not self.hasObserver(composite, vtk.vtkCommand.ModifiedEvent, self._onViewsChanged):
                    self.addObserver(composite, vtk.vtkCommand.ModifiedEvent, self._onViewsChanged)

    def _onViewsChanged(self, caller: object = None, event: object = None) -> None:
        """Show a hidden result again once the slices show its scan again."""
        node = self._parameterNode
        if node and node.inputVolume and is_shown(node.inputVolume):
            self.removeObservers(self._onViewsChanged)
            self.showChoice(node.inputVolume, self._chosenResult())

    def _chosenResult(self) -> slicer.vtkMRMLNode | None:
        return getattr(self._parameterNode, self.resultKind().parameter)

    def _meetScene(self) -> None:
        if self.parent.isEntered:
            self.initializeParameterNode()

    def initializeParameterNode(self) -> None:
        """Make sure that the parameter node exists and is followed; choose a suitable scan if none is chosen."""
        node = self._parameterNode or self.logic.getParameterNode()
        if not node.inputVolume:
            node.inputVolume = best_of_study(suggest_scan())
        if node is not self._parameterNode:
            self.setParameterNode(node)

    def setParameterNode(self, parameterNode: object | None) -> None:
        """Follow ``parameterNode`` instead of the previous one; ``None`` follows none."""
        if self._parameterNode:
            self._parameterNode.disconnectGui(self._parameterNodeGuiTag)
            self.removeObserver(self._parameterNode, vtk.vtkCommand.ModifiedEvent, self._onParametersChanged)
        self._parameterNode = parameterNode
        self.choice.follow(parameterNode)
        if self._parameterNode:
            self._parameterNodeGuiTag = self._parameterNode.connectGui(self.ui)
            self.addObserver(self._parameterNode, vtk.vtkCommand.ModifiedEvent, self._onParametersChanged)
        self._onParametersChanged()

    # Choices

    def onModelChosen(self, name: str) -> None:
        """Store the name of the chosen model in the scene."""
        if self._parameterNode:
            self._parameterNode.modelName = name
            self._onParametersChanged()

    def _onParametersChanged(self, caller: object = None, event: object = None) -> None:
        node = self._parameterNode
        self.choice.settle(node)
        self._observeVolume(node.inputVolume if node else None)
        self.seriesProposal.set_scan(node.inputVolume if node else None)
        if node:
            self.modelChooser.set_current_name(node.modelName)
            self.ui.aboutLabel.text = self.modelChooser.description() + "\n\n" + translated(RESEARCH_USE)
        self.updateParts(node)
        self._checkCanApply()
        self._nameRunOfAnotherScan()

    def _nameRunOfAnotherScan(self) -> None:
        """Name the scan of the run under way beside the progress while another scan is chosen."""
        scan = getattr(getattr(self.runControl.run, "snapshot", None), "node", None)
        chosen = self._parameterNode.inputVolume if self._parameterNode else None
        self.runControl.set_subject(scan.GetName() if scan is not None and scan is not chosen else "")

    def _onChoice(self, scan: slicer.vtkMRMLScalarVolumeNode | None, result: slicer.vtkMRMLNode | None) -> None:
        is_new = scan is not None and is_scan(scan) and show_volume(scan)
        self.showChoice(scan, result)
        if scan is None and shown_scans():
            hide_others(None)  # the result may not be about the scan that is shown
        if is_new and result is not None:
            self.lookAt(result)
        if self._unseen:
            self.noticeBanner.clear_notices()
            self._showUnseenResults()

    def showUnseenScan(self) -> None:
        """Show the chosen scan and its result if all views show something else, e.g. the scan of another module.

        Results that were computed in the meantime are shown as well. Views that already show the scan stay as the user
        arranged them.
        """
        if not self.isLookedAt():
            return
        scan = self._parameterNode.inputVolume
        if scan is not None and not is_shown(scan):
            self._onChoice(scan, self._chosenResult())
        self._showUnseenResults()

    def _observeVolume(self, volume: slicer.vtkMRMLScalarVolumeNode | None) -> None:
        """Check again whether Apply is possible when the chosen scan's voxels or transform change."""
        if volume is self._observedVolume:
            return
        self._volumeObservers.removeObservers()  # all: after removing one, the mixin keeps the volume in memory
        for event in _VOLUME_EVENTS if volume else ():
            self._volumeObservers.addObserver(volume, event, self._checkCanApply)
        self._observedVolume = volume

    def _checkCanApply(self, caller: object = None, event: object = None) -> None:
        """Enable Apply, or say in its tool tip (and, for a chosen scan, in the panel) why it is not possible."""
        volume = self._parameterNode and self._parameterNode.inputVolume
        unsuitable, no_model = _problem_of(volume), self.modelChooser.problem()
        for step in self.steps:
            needs = (unsuitable if step.needs_scan else "", no_model if step.needs_model else "")
            problem = next(filter(None, needs), "") or step.problem()
            self.runControl.set_can_apply(problem, step.hint, step.button)
        self._showProblem((unsuitable or no_model) if volume else "")

    def _showProblem(self, problem: str) -> None:
        """Show what is wrong with the choices; if nothing is, other notices stay."""
        if problem:
            self.noticeBanner.show_notice("warning", problem)
        elif self._problemShown:
            self.noticeBanner.clear_notices()
        self._problemShown = problem

    # Runs

    def _start(self, step: Step) -> VolumeRun:
        self._showProgressAt(step)
        self.noticeBanner.clear_notices()
        self.ensureDependencies(step.needs_torch)
        if step.needs_scan and self._parameterNode is None:
            raise Problem(_("Nothing was computed: you left this module, or closed the scene, while packages were "
                            "being installed. Press the button again."))
        return step.start()

    def ensureDependencies(self, needs_torch: bool = True) -> None:
        """Make sure that the packages that the module needs are installed, asking the user first.

        :param needs_torch: whether PyTorch is needed, too.
        """
        title = slicer.app.moduleManager().module(self.moduleName).title
        ensure = ensure_dependencies if needs_torch else ensure_packages
        ensure(resource_path("requirements.txt"), title)

    def onRunEnded(self, step: Step, end: Result | Failure | None, run: VolumeRun | None) -> None:
        """Show the results of a run, or a notice that says why there are none.

        If the user has opened another module or chosen another scan in the meantime, the views do not change until the
        user returns to the scan. The models are listed again, as the run may have met one that was replaced or removed.

        :param step: step that was run.
        :param end: result or failure; None if the run was cancelled.
        :param run: the run; None if it could not be started.
        """
        self.modelChooser.reload()
        if isinstance(end, Result):
            self._showOrKeep(step, run)
            return
        self._onParametersChanged()
        if isinstance(end, Failure):
            self.noticeBanner.show_notice("error", end.text)
        else:
            self.noticeBanner.show_notice("info", _("Cancelled. The scene is as it was before."))

    def _showOrKeep(self, step: Step, run: VolumeRun) -> None:
        node, scan = self._parameterNode if self.isLookedAt() else None, run.snapshot.node
        if not step.needs_scan or (node and node.inputVolume is scan):
            self._tryToShowResults(step, run)
            return
        self._unseen.append((step, run))
        hide_unseen(scan)
        if node:
            self._onParametersChanged()  # the results may show to which scan a choice belongs
            text = _("The result of '{name}' is ready. Choose this scan to see it.").format(name=scan.GetName())
            self.noticeBanner.show_notice("info", text)

    def _showUnseenResults(self) -> None:
        """Show results for the chosen scan that arrived while another scan or another module was open."""
        waiting, self._unseen = self._unseen, []
        for step, run in waiting:
            if slicer.mrmlScene.IsNodePresent(run.snapshot.node):
                self._showOrKeep(step, run)

    def _tryToShowResults(self, step: Step, run: VolumeRun) -> None:
        try:
            step.show(run)
            if run.fallback:
                self.noticeBanner.show_notices([*self.noticeBanner.notices, {"level": "warning",
                                                                             "text": run.fallback}])
        except Exception as error:  # the panel boundary: the results are in the scene, and the user must know
            self.runControl.log_view.append(traceback.format_exc())
            text = _("The results are in the scene but could not be shown ({error}). The log has the details.")
            self.noticeBanner.show_notice("error", text.format(error=f"{type(error).__name__}: {error}"))


def _problem_of(volume: slicer.vtkMRMLScalarVolumeNode | None) -> str:
    """Return why a volume cannot be analysed; "" if it can."""
    try:
        check_scan(volume)
    except Problem as error:
        return str(error)
    return ""

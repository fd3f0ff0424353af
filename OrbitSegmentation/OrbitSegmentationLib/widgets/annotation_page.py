"""The page for making ground truth: cases, structures, Segment Editor, files."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import qt
import slicer
import vtk
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.mrml.run import Insert, VolumeRun
from NeuroOrbitLib.mrml.views import is_shown
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets.notice import NoticeBanner
from NeuroOrbitLib.widgets.tab_order import follow_in_tab_order
from OrbitSegmentationLib.annotation import progress
from OrbitSegmentationLib.annotation.cases import AnnotationCase, CaseList, find_cases
from OrbitSegmentationLib.annotation.structures import task_structures
from OrbitSegmentationLib.mrml.annotation_parameters import AnnotationParameterNode, OrbitAnnotationLogic
from OrbitSegmentationLib.mrml.open_case import OpenCase
from OrbitSegmentationLib.widgets import annotation_choices, annotation_shortcuts, unsaved_work
from OrbitSegmentationLib.widgets.annotation_editor import AnnotationEditor
from OrbitSegmentationLib.widgets.annotation_prelabel import Prelabel
from OrbitSegmentationLib.widgets.annotation_runs import AnnotationRuns
from OrbitSegmentationLib.widgets.annotation_saving import save_case
from OrbitSegmentationLib.widgets.case_state import show_case_state
from OrbitSegmentationLib.widgets.case_table import CaseTable
from OrbitSegmentationLib.widgets.eyes_finder import EyesFinder
from OrbitSegmentationLib.widgets.leaving_case import LeavingCase
from OrbitSegmentationLib.widgets.structure_table import StructureTable
from OrbitSegmentationLib.widgets.work_time import WorkTime

#: Delay (ms) after which the tables are updated, so that they need not follow every stroke.
_UPDATE_DELAY_MS = 300
_LABEL_EVENTS = (slicer.vtkSegmentation.SourceRepresentationModified, slicer.vtkSegmentation.SegmentModified,
                 slicer.vtkSegmentation.SegmentRemoved)


class AnnotationPage(VTKObservationMixin):
    """Guides an annotator through the cases of a folder.

    :param ui_file: the page's .ui file.
    :param runs: starts the model that makes the first labels, and the search for the eyes of a case.
    """

    def __init__(self, ui_file: str, runs: AnnotationRuns) -> None:
        VTKObservationMixin.__init__(self)
        self.logic = OrbitAnnotationLogic()
        self.opened: OpenCase | None = None
        self.widget = slicer.util.loadUI(ui_file)
        self.ui = slicer.util.childWidgetVariables(self.widget)
        self._runs = runs
        self._node = self._gui_tag = None
        # On its own: removing all its observers is the only way to let go of the labels of earlier cases.
        self._case_observers = VTKObservationMixin()
        self._case_list = CaseList(())
        self._entered = self._busy = False
        self._make_parts()
        self._connect()
        self._update()

    # Parts

    def _make_parts(self) -> None:
        self.notice = NoticeBanner()
        self.ui.noticePlaceholder.layout().addWidget(self.notice)
        self.cases = CaseTable(self.ui.casesTable)
        self.structures = StructureTable(self.ui.structuresTable, self.pick, self.show_structure)
        self.editor: AnnotationEditor | None = None  # made when the page is first shown, as it takes time
        self.eyes = EyesFinder(self.widget, self._runs.find_eyes)
        self.prelabel = Prelabel(self.ui.prelabelButton, self.ui.runPlaceholder.layout(), self._start_prelabel,
                                 lambda: self._node.task.values(), self._save_state_for_undo, self._tell,
                                 lambda: self.editor.correct_proposals(), self._update, lambda: self._entered)
        self.place_buttons = annotation_choices.PlaceButtons(self.ui, lambda: self._node, self.refresh_cases)
        self.work_time = WorkTime(self._warn)
        self.shortcuts = annotation_shortcuts.Shortcuts({
            annotation_shortcuts.NEXT_STRUCTURE: self.next_structure,
            annotation_shortcuts.DONE: self.toggle_done,
            annotation_shortcuts.NEXT_CASE: self._on_next,
            annotation_shortcuts.IN_3D: self.toggle_3d,
        })
        self.leaving = LeavingCase(lambda: self.opened, self.save, lambda: self.notice.text)
        self._update_timer = self._make_timer(_UPDATE_DELAY_MS)
        self._repick_timer = self._make_timer(0)  # segments must not be changed before undo has ended

    def _make_timer(self, milliseconds: int) -> qt.QTimer:
        timer = qt.QTimer(self.widget)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        return timer

    def _connect(self) -> None:
        ui = self.ui
        for line_edit in (ui.casesLineEdit, ui.exportsLineEdit, ui.annotatorLineEdit):
            line_edit.connect("editingFinished()", self.refresh_cases)
        ui.casesTable.connect("cellDoubleClicked(int,int)", self._on_case_double_clicked)
        ui.openButton.connect("clicked(bool)", self._on_open)
        ui.nextButton.connect("clicked(bool)", self._on_next)
        ui.saveButton.connect("clicked(bool)", self._on_save)
        ui.doneButton.connect("clicked(bool)", self._on_done)
        self._update_timer.connect("timeout()", self._update)
        self._repick_timer.connect("timeout()", self._repick)

    # Life cycle

    def enter(self) -> None:
        """Called when the page is shown."""
        if self._entered:
            return
        self._entered = True
        self.widget.setMRMLScene(slicer.mrmlScene)
        self._follow_parameters()
        if self.editor is None:
            self.editor = AnnotationEditor(self.ui.editorPlaceholder.layout(), self._on_segment_selected)
            follow_in_tab_order(self.editor.widget, self.ui.editorCollapsibleButton)
        self.editor.enter(self.logic.editorNode())
        self.editor.show_case(self.opened)
        self.shortcuts.install()
        self.refresh_cases()
        if self.opened:
            if not is_shown(self.opened.volume):  # another page or module has shown another patient meanwhile
                self.opened.show()
            self.pick(self._node.label)
            self.prelabel.show_waiting()

    def exit(self) -> None:
        """Called when the page is hidden; the case stays open."""
        if not self._entered:
            return
        self._entered = False
        self.eyes.stop()  # another page uses the views now
        self.work_time.end()
        self.shortcuts.remove()
        self.editor.exit()
        self._forget_parameters()

    def scene_closes(self) -> None:
        """Called before the scene is closed: offer to save."""
        self.leaving.settle_before_scene_closes()
        self._forget_case()
        self.exit()

    def close(self) -> None:
        """Called when the panel is closed."""
        self.leaving.settle_before_page_closes()
        self._update_timer.stop()
        self._repick_timer.stop()
        opened = self.opened
        self._forget_case()
        if opened:
            opened.close()
        self.exit()
        if self.editor:
            self.editor.close()
        self.removeObservers()

    def _follow_parameters(self) -> None:
        self._node = self.logic.getParameterNode()
        annotation_choices.recall(self._node)
        self._gui_tag = self._node.connectGui(self.ui)
        self.addObserver(self._node, vtk.vtkCommand.ModifiedEvent, self._on_parameters)
        self._on_parameters()

    def _forget_parameters(self) -> None:
        if self._node is not None:
            self.removeObserver(self._node, vtk.vtkCommand.ModifiedEvent, self._on_parameters)
            self._node.disconnectGui(self._gui_tag)
        self._node = None

    def _on_parameters(self, caller: object = None, event: object = None) -> None:
        self.structures.set_structures(task_structures(self._node.task.keys()))
        self._prepare_segments()
        self._update()

    # Cases

    def refresh_cases(self) -> None:
        """Update the list of cases."""
        if self._node is None:
            return
        self._case_list = CaseList(())
        if self._node.cases.strip():
            with self._problems_shown():
                self._case_list = find_cases(self._node.cases.strip(), self._folder())
                self._tell("warning", self._case_list.problems)
        self._show_cases()

    def _folder(self) -> Path:
        return annotation_choices.export_folder(self._node)

    def open_case(self, case: AnnotationCase) -> bool:
        """Open a case after the annotator has decided about unsaved work; return false if another one stays open."""
        if not self.leaving.settle():
            return False
        with self._problems_shown():
            return self._open(case)
        return False

    def _open(self, case: AnnotationCase) -> bool:
        folder, annotator = self._folder(), annotation_choices.annotator_of(self._node)
        other = progress.claim_case(folder, case.name, annotator)
        if other is not None and not unsaved_work.ask_to_overrule(
                _("{case} is open: {annotator}.").format(case=case.name, annotator=other)):
            return False
        self._replace_case(self._load(case, folder, annotator))
        annotation_choices.remember(self._node)
        return True

    def _load(self, case: AnnotationCase, folder: Path, annotator: str) -> OpenCase:
        progress.claim_case(folder, case.name, annotator, take_over=True)
        try:
            return OpenCase(case, folder, annotator)
        except Problem:
            if self.opened is None or self.opened.case.name != case.name:
                progress.release_case(folder, case.name, annotator)
            raise

    def _replace_case(self, opened: OpenCase) -> None:
        previous = self.opened
        self._forget_case()
        self.opened = opened
        self._prepare_segments()
        for event in _LABEL_EVENTS:
            self._case_observers.addObserver(opened.segmentation, event, self._on_labels)
        self._case_observers.addObserver(
            slicer.mrmlScene, slicer.mrmlScene.NodeRemovedEvent, self._on_node_removed)
        self.editor.show_case(opened)
        if previous is not None:
            previous.close()
            progress.claim_case(opened.folder, opened.case.name, opened.annotator)
        opened.show()
        if not opened.filled():
            self.eyes.look_in(opened.volume)
        self._tell("warning", opened.notices)
        self.ui.casesCollapsibleButton.collapsed = True
        self.cases.select(opened.case)
        remaining = opened.state.remaining(self._node.task.values())
        self.pick(remaining[0] if remaining else self._node.label)

    def _forget_case(self) -> None:
        """Forget the open case; the caller removes its nodes."""
        if self.opened is None:
            return
        self.eyes.stop()
        self.work_time.end()
        self._case_observers.removeObservers()
        self.opened.release()
        self.opened = None
        if self.editor:
            self.editor.show_case(None)
        self._update()

    def next_case(self) -> bool:
        """Open the next case that is not done and that nobody else has open; return false if there is none.

        Cases that cannot be opened are skipped, and a notice names them.
        """
        if not self.leaving.settle():
            return False
        annotator, problems = annotation_choices.annotator_of(self._node), []
        for case in self._case_list.after(self.opened.case.name if self.opened else ""):
            try:
                if progress.is_waiting(self._folder(), case.name, annotator, self._node.task.values()):
                    return self._open_after(case, problems)
            except Problem as problem:
                problems.append(_("{case} was passed over. {problem}").format(case=case.name, problem=problem))
        problems.append(_("There is no other case that is waiting to be annotated."))
        self._tell("info" if len(problems) == 1 else "warning", problems)
        return False

    def _open_after(self, case: AnnotationCase, problems: list[str]) -> bool:
        """Open a case, and show a notice about those that were skipped before it."""
        is_open = self._open(case)
        if is_open and problems:
            self._tell("warning", [*problems, *self.opened.notices])
        return is_open

    # Structures

    def pick(self, value: int) -> None:
        """Make a structure the current one and select its segment."""
        if self._node is None:
            return
        if self.opened:
            with self._quietly():
                self.editor.pick(self.opened.segment(value))
        self._attend_to(value)

    def _attend_to(self, value: int) -> None:
        self._node.label = value
        self.structures.select(value)
        if self.opened:
            self.work_time.begin(self.opened, value)
        self._update()

    def _on_segment_selected(self, segment_id: str) -> None:
        """Make the segment that the annotator selected in the editor the current structure."""
        value = self.opened.value_of(segment_id) if self.opened else None
        if value not in (None, self._node.label):
            self._attend_to(value)

    def _repick(self) -> None:
        """Select the current structure again: undo may have removed its segment, and the next stroke would be lost."""
        if self._entered and self.opened and not self.editor.segment_id():
            with self._quietly():
                self.editor.pick(self.opened.segment(self._node.label))

    def _prepare_segments(self) -> None:
        """Make the segments of the task in advance, so that undo leaves them in place and redo stays possible."""
        if self.opened:
            with self._quietly():
                for value in self._node.task.values():
                    self.opened.segment(value)

    def next_structure(self) -> None:
        """Make the next structure of the task that is not done the current one, beginning again after the last."""
        if not self.opened:
            return
        values, done = list(self._node.task.values()), self.opened.done()
        start = values.index(self._node.label) + 1 if self._node.label in values else 0
        waiting = [value for value in values[start:] + values[:start] if value not in done]
        if waiting:
            self.pick(waiting[0])
            self.show_structure(waiting[0])

    def toggle_done(self) -> None:
        """Mark the current structure as done, or as not done if it already is."""
        if self.opened:
            self.mark_done(self._node.label not in self.opened.done())

    def toggle_3d(self) -> None:
        """Show or hide the labels in the 3-D views."""
        if self.opened:
            self.opened.toggle_3d()

    def open_from(self, folder: Path, name: str, notices: Iterable[str] = ()) -> bool:
        """Choose a folder and open the case whose scan is ``NAME.nii`` there, with further notices about it.

        :return: ``False`` if another case stays open.
        """
        self._node.cases, self._node.exports = str(folder), ""
        self.refresh_cases()
        case = next((case for case in self._case_list.cases if case.scan == folder / f"{name}.nii"), None)
        self.cases.select(case)
        if case is None:
            self._warn(_("{name} was written to {folder}, but a table or the layout of this folder lists other scans. "
                         "Choose an empty folder.").format(name=name, folder=folder))
        is_open = case is not None and self.open_case(case)
        if is_open:
            self._tell("warning", [*notices, *self.opened.notices])
        return is_open

    def show_structure(self, value: int) -> None:
        """Move the slices to a structure."""
        if self.opened:
            self.opened.show_structure(value)

    def mark_done(self, done: bool) -> None:
        """Mark the current structure as done, or as not done."""
        value = self._node.label
        with self._quietly():
            self.opened.mark_done(value, done)
        self.work_time.on_action()
        self._update()
        if done and value in self.opened.empty_but_done():
            self._warn(_("{structure} is marked as done, but nothing is drawn. Leave it so only if the scan does not "
                         "show it.").format(structure=anatomy.label_name(value)))
        else:
            self.notice.clear_notices()

    @contextlib.contextmanager
    def _quietly(self) -> Iterator[None]:
        """Ignore changes of the segments inside the ``with`` block: the page makes them, not the annotator."""
        self._busy, before = True, self._busy
        try:
            yield
        finally:
            self._busy = before

    def _start_prelabel(self, volume: slicer.vtkMRMLScalarVolumeNode, insert: Insert) -> VolumeRun:
        self.eyes.stop()
        return self._runs.prelabel(volume, insert)

    def _save_state_for_undo(self) -> None:
        self.editor.widget.saveStateForUndo()

    def _on_labels(self, caller: object = None, event: object = None) -> None:
        if self._busy or self.opened is None:
            return
        self.opened.done()  # at once: a status set in Slicer's list counts even if undo follows
        self.opened.unsaved = True
        self.leaving.work_went_on()
        self.work_time.on_action()
        self._update_timer.start()
        self._repick_timer.start()

    def _on_node_removed(self, caller: object = None, event: object = None) -> None:
        if not self.opened.in_scene():
            self._warn(_("The scan or the labels of {case} were removed from the scene. Press Save if they are to be "
                         "kept, then open the case again.").format(case=self.opened.case.name))
            self._update()

    # Saving

    def save(self) -> bool:
        """Save the open case; return false if it was not saved."""
        with self._problems_shown():
            self.work_time.end()
            with self._quietly():
                notices = save_case(self.opened, self._parameters().formats())
            if notices is None:
                self._tell("info", [_("Nothing was saved.")])
                return False
            empty = [anatomy.label_name(value) for value in self.opened.empty_but_done()]
            if empty:
                notices = [*notices, _("Marked as done, but nothing is drawn: {names}.").format(names=", ".join(empty))]
            if self.opened.folder != annotation_choices.export_folder(self._parameters()):
                notices = [*notices, _("{case} was saved in {folder}, where it was opened. The folder in 'Save to' "
                                       "applies from the next case on.").format(case=self.opened.case.name,
                                                                              folder=self.opened.folder)]
            self._tell("warning", notices)
            if self._entered:
                self.work_time.begin(self.opened, self._node.label)
            self._show_cases()
            return True
        return False

    def _parameters(self) -> AnnotationParameterNode:
        return self._node or self.logic.getParameterNode()

    # What the annotator sees

    def _show_cases(self) -> None:
        if self._node is not None:
            self.cases.show_cases(self._case_list.cases, self._folder(), self._node.task.values(),
                                  self._node.annotator.strip())
        self._update()

    def _update(self) -> None:
        ui, opened = self.ui, self.opened
        done = opened.done() if opened else set()
        self.structures.show_progress(opened.filled() if opened else set(), done)
        if self._node is not None:
            self.structures.select(self._node.label)
        ui.openButton.enabled = ui.nextButton.enabled = bool(self._case_list.cases)
        self.prelabel.show_case(opened)
        show_case_state(ui, self._node, opened, done)

    def _tell(self, level: str, texts: Iterable[str]) -> None:
        self.notice.show_notices([{"level": level, "text": text} for text in texts])

    def _warn(self, text: str) -> None:
        self._tell("warning", [text])

    @contextlib.contextmanager
    def _problems_shown(self) -> Iterator[None]:
        """Show a problem that is raised inside the ``with`` block to the annotator."""
        try:
            yield
        except Problem as problem:
            self._tell("error", [str(problem)])

    # Buttons

    def _on_case_double_clicked(self, _row: int, _column: int) -> None:
        self._on_open()

    def _on_open(self, _checked: bool = False) -> None:
        case = self.cases.selected()
        if case is not None:
            self.open_case(case)

    def _on_next(self, _checked: bool = False) -> None:
        with self._problems_shown():
            self.next_case()

    def _on_save(self, _checked: bool = False) -> None:
        self.save()

    def _on_done(self, checked: bool = False) -> None:
        self.mark_done(checked)

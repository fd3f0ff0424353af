"""An annotator's day in the panel: open a folder, pre-label, draw, mark, save, next case, resume tomorrow."""

from __future__ import annotations

import csv
import gc
import json
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
import qt
import slicer
import vtk
from PySide6 import QtGui, QtWidgets

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.imaging import files
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.mrml.segment_masks import set_segment_mask
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets import dependencies
from NeuroOrbitLib.widgets.run_control import RunState
from OrbitSegmentationLib.annotation.progress import claim_case, load_state, save_state
from OrbitSegmentationLib.annotation.time_log import WorkClock
from OrbitSegmentationLib.mrml.result_case import write_result_case
from OrbitSegmentationLib.widgets.annotation_editor import OWN_EFFECTS
from Testing.annotator import (
    LEFT_EYE,
    MUSCLE,
    RIGHT_EYE,
    background,
    click_structure,
    open_selected,
    out,
    paint_at,
    prelabel,
    type_into,
)
from Testing.panels import press


def middle(image, value):
    return image.grid.ras_from_ijk(np.argwhere(image.array == value)[:, ::-1]).mean(axis=0)


def test_every_page_shows_the_scan_that_it_is_about(page, panel):
    chosen = panel._parameterNode.inputVolume
    open_selected(page)
    case = page.opened.volume
    assert background() is case and chosen is not None
    panel.ui.pagesTabWidget.setCurrentIndex(0)
    assert background() is chosen, "its results stand on this page"
    panel.ui.pagesTabWidget.setCurrentWidget(panel.ui.annotationTab)
    assert background() is case, "else labels are drawn on another patient"
    panel.exit()
    panel.enter()
    assert background() is case
    panel.exit()
    slicer.util.setSliceViewerLayers(background=chosen)
    panel.enter()
    assert background() is case


def test_a_whole_session_from_folder_to_files_and_tomorrow(page, folder, until, slicer_session):
    assert [page.ui.casesTable.item(row, 0).text() for row in range(3)] == ["p1", "p2", "p3"]
    open_selected(page)
    assert page.opened.case.name == "p1"
    prelabel(page, until)
    assert page.structures.text(RIGHT_EYE) == "drawn"
    click_structure(page, MUSCLE + 1)  # the left side, which the model does not find
    paint_at(page, (-14, -6, 0))
    assert page.opened.unsaved
    for value in (RIGHT_EYE, LEFT_EYE):
        click_structure(page, value)
        press(page.ui.doneButton)
    press(page.ui.saveButton)
    labels = load_image(out(folder) / "p1_labels.nii.gz")
    assert labels.grid.same_as(load_image(folder / "p1.nii.gz").grid, tolerance=1e-3)
    assert set(np.unique(labels.array)) == {0, RIGHT_EYE, LEFT_EYE, MUSCLE, MUSCLE + 1}
    assert middle(labels, RIGHT_EYE) == pytest.approx([30, 0, 0], abs=1.0)
    assert middle(labels, LEFT_EYE) == pytest.approx([-30, 0, 0], abs=1.0)
    assert middle(labels, MUSCLE + 1) == pytest.approx([-14, -6, 0], abs=2.0)
    header = (out(folder) / "p1.seg.nrrd").read_bytes().split(b"\n\n")[0].decode()
    assert anatomy.terminology_entry(MUSCLE + 1) in header
    state = json.loads((out(folder) / "p1.annotation.json").read_text())
    assert state["done"] == ["right_eyeball", "left_eyeball"]
    assert state["prelabel"]["name"] == "orbit-any-contrast"
    assert state["prelabel"]["structures"] == ["right_eyeball", "left_eyeball", "right_medial_rectus"]
    assert page.cases.text("p1")[0] == "2 of 12"
    press(page.ui.nextButton)
    assert page.opened.case.name == "p2"
    assert page.opened.filled() == set()
    # tomorrow
    slicer.util.reloadScriptedModule("OrbitSegmentation")
    widget = slicer.modules.OrbitSegmentationWidget
    widget.enter()
    widget.ui.pagesTabWidget.setCurrentWidget(widget.ui.annotationTab)
    again = widget.annotationPage
    again.ui.casesTable.setCurrentCell(0, 0)
    press(again.ui.openButton)
    assert again.opened.done() == {RIGHT_EYE, LEFT_EYE}
    assert again.opened.filled() == {RIGHT_EYE, LEFT_EYE, MUSCLE, MUSCLE + 1}
    assert again.structures.text(RIGHT_EYE) == "✓ done"


def test_cases_leave_the_memory_when_the_next_one_is_opened(page, until, slicer_session):
    open_selected(page)
    paint_at(page, (30, 0, 0))
    press(page.ui.saveButton)
    held = [vtk.vtkWeakReference(), vtk.vtkWeakReference()]
    for weak, node in zip(held, (page.opened.volume, page.opened.segmentation), strict=True):
        weak.Set(node)
    del node
    press(page.ui.nextButton)
    assert page.opened.case.name == "p2"
    until(lambda: not page.eyes.is_looking())
    gc.collect()
    assert [weak.Get() for weak in held] == [None, None]


def slice_places():
    return {node.GetName(): node.GetSliceOffset() for node in slicer.util.getNodesByClass("vtkMRMLSliceNode")}


def test_case_without_labels_opens_at_the_orbits(page, until):
    open_selected(page)
    until(lambda: not page.eyes.is_looking())
    assert page.opened.filled() == set() and not page.opened.unsaved
    assert slice_places()["Red"] == pytest.approx(0.0, abs=1.0), "through both eyes"
    assert slice_places()["Green"] == pytest.approx(-18.0, abs=1.0), "behind the eyes, where the muscles are thick"
    red = slicer.mrmlScene.GetFirstNode("Red", "vtkMRMLSliceNode").GetFieldOfView()
    assert 60.0 < min(red[:2]) < 160.0


def test_eyes_are_not_looked_for_before_pytorch_is_installed(page, monkeypatch):
    monkeypatch.setattr(dependencies, "_has_torch", lambda _requirement: False)
    open_selected(page)
    assert not page.eyes.is_looking() and page.opened is not None


def test_slices_that_the_annotator_has_moved_stay(page, until):
    open_selected(page)
    slicer.mrmlScene.GetFirstNode("Red", "vtkMRMLSliceNode").SetSliceOffset(7.0)
    until(lambda: not page.eyes.is_looking())
    assert slice_places()["Red"] == pytest.approx(7.0)


def test_own_effects_come_first_and_slicers_follow(page):
    order = list(page.editor.widget.effectNameOrder())
    assert order[:3] == list(OWN_EFFECTS)
    assert {"Paint", "Threshold", "Scissors"} < set(order[3:])


def test_page_has_an_editor_state_of_its_own(page):
    open_selected(page)
    node = page.editor.widget.mrmlSegmentEditorNode()
    assert node.GetSingletonTag() == "OrbitAnnotation"
    assert node.GetSegmentationNode() is page.opened.segmentation
    assert node.GetSourceVolumeNode() is page.opened.volume


def test_picking_a_side_selects_the_segment_of_that_side(page):
    open_selected(page)
    click_structure(page, LEFT_EYE)
    assert page.editor.widget.currentSegmentID() == "left_eyeball"
    segment = page.opened.segmentation.GetSegmentation().GetSegment("left_eyeball")
    assert segment.GetName() == "Left eyeball"
    assert segment.GetColor() == pytest.approx(anatomy.label_color(LEFT_EYE))
    assert "Left eyeball" in page.ui.doneButton.text


def test_looking_around_is_no_unsaved_work(page):
    open_selected(page)
    click_structure(page, LEFT_EYE)
    click_structure(page, MUSCLE)
    assert not page.opened.unsaved
    press(page.ui.nextButton)
    assert page.opened.case.name == "p2"


def test_drawn_structure_is_shown_as_drawn(page, until):
    open_selected(page)
    click_structure(page, RIGHT_EYE)
    assert page.structures.text(RIGHT_EYE) == ""
    paint_at(page, (30, 0, 0))
    until(lambda: page.structures.text(RIGHT_EYE) == "drawn")
    assert "not saved" in page.ui.caseLabel.text


def test_done_but_empty_is_warned_of_at_once_and_again_when_saving(page):
    open_selected(page)
    click_structure(page, LEFT_EYE)
    press(page.ui.doneButton)
    assert "Left eyeball is marked as done, but nothing is drawn" in page.notice.text
    assert page.structures.text(LEFT_EYE) == "⚠ empty"
    press(page.ui.saveButton)
    assert "Marked as done, but nothing is drawn: Left eyeball." in page.notice.text


@pytest.mark.parametrize(("answer", "case", "saved"), [("Save", "p2", True), ("Discard", "p2", False),
                                                       ("Cancel", "p1", False)])
def test_unsaved_work_is_asked_about_before_the_next_case(page, folder, slicer_dialogs, answer, case, saved):
    open_selected(page)
    click_structure(page, RIGHT_EYE)
    paint_at(page, (30, 0, 0))
    slicer_dialogs.answer(answer)
    press(page.ui.nextButton)
    assert "p1 has changes that are not saved" in slicer_dialogs.seen[-1]
    assert page.opened.case.name == case
    assert (out(folder) / "p1_labels.nii.gz").exists() == saved
    if saved:
        assert RIGHT_EYE in load_image(out(folder) / "p1_labels.nii.gz").array


def test_closing_the_scene_asks_about_unsaved_work(page, folder, slicer_dialogs):
    open_selected(page)
    click_structure(page, RIGHT_EYE)
    paint_at(page, (30, 0, 0))
    slicer_dialogs.answer("Save")
    slicer.mrmlScene.Clear(0)
    assert RIGHT_EYE in load_image(out(folder) / "p1_labels.nii.gz").array
    assert page.opened is None
    assert not (out(folder) / "p1.open.json").exists()


def test_closing_the_application_can_be_called_off(page, slicer_dialogs):
    open_selected(page)
    click_structure(page, RIGHT_EYE)
    paint_at(page, (30, 0, 0))
    for answer, ignored in (("Cancel", True), ("Discard", False)):
        slicer_dialogs.answer(answer)
        event = qt.QCloseEvent()
        assert page.leaving.guard.eventFilter(slicer.util.mainWindow(), event) == ignored
    assert page.opened.unsaved, "the application may still be kept open: the next case must ask again"
    slicer_dialogs.answer("Cancel")
    press(page.ui.nextButton)
    assert page.opened.case.name == "p1"


def test_existing_files_are_asked_about(page, folder, slicer_dialogs):
    out(folder).mkdir()
    (out(folder) / "p1.seg.nrrd").write_bytes(b"precious")
    open_selected(page)
    slicer_dialogs.answer("No")
    press(page.ui.saveButton)
    assert "p1.seg.nrrd" in slicer_dialogs.seen[-1]
    assert (out(folder) / "p1.seg.nrrd").read_bytes() == b"precious"
    assert not (out(folder) / "p1_labels.nii.gz").exists()
    assert page.notice.text == "Nothing was saved."
    slicer_dialogs.answer("Yes")
    press(page.ui.saveButton)
    press(page.ui.saveButton)  # one's own file of a moment ago: no question
    assert (out(folder) / "p1_labels.nii.gz").exists()


def test_case_that_a_colleague_saved_meanwhile_is_asked_about(page, folder, slicer_dialogs):
    open_selected(page)
    save_state(out(folder), load_state(out(folder), "p1").marked(LEFT_EYE, True), "Ben", {})
    slicer_dialogs.answer("No")
    press(page.ui.saveButton)
    assert "Ben saved p1" in slicer_dialogs.seen[-1]
    assert load_state(out(folder), "p1").annotator == "Ben"
    slicer_dialogs.answer("Yes")
    press(page.ui.saveButton)
    assert load_state(out(folder), "p1").annotator == "Ann"


def test_case_that_a_colleague_has_open_is_asked_about_and_skipped_by_next(page, folder, slicer_dialogs):
    claim_case(out(folder), "p2", "Ben")
    page.refresh_cases()
    assert page.cases.text("p2")[1].startswith("open: Ben")
    slicer_dialogs.answer("No")
    open_selected(page, 1)
    assert page.opened is None
    open_selected(page, 0)
    press(page.ui.nextButton)
    assert page.opened.case.name == "p3"


def test_prelabels_leave_what_is_drawn_and_can_be_undone(page, until):
    open_selected(page)
    click_structure(page, RIGHT_EYE)
    paint_at(page, (30, 8, 0), 4.0)
    drawn = slicer.util.arrayFromSegmentBinaryLabelmap(page.opened.segmentation, "right_eyeball", page.opened.volume)
    prelabel(page, until)
    after = slicer.util.arrayFromSegmentBinaryLabelmap(page.opened.segmentation, "right_eyeball", page.opened.volume)
    assert np.array_equal(drawn, after)
    assert page.opened.filled() == {RIGHT_EYE, LEFT_EYE, MUSCLE}
    assert "The model labelled 2 structures" in page.notice.text
    assert "1 that were drawn" in page.notice.text
    page.editor.widget.undo()
    assert page.opened.filled() == {RIGHT_EYE}


def test_prelabels_take_no_voxels_of_what_is_drawn(page, folder, until):
    """A nerve of the reader's lay where the model saw the muscle: the label map cut the nerve."""
    nerve = anatomy.label_value("optic_nerve", "right")
    open_selected(page)
    click_structure(page, nerve)
    paint_at(page, (14, -6, 0))
    drawn = page.opened.label_map()[0].array == nerve
    prelabel(page, until)
    labels, notices = page.opened.label_map()
    assert drawn.sum() > 50
    np.testing.assert_array_equal(labels.array == nerve, drawn)
    assert (labels.array == MUSCLE).any() and not notices


def test_after_prelabels_smart_fill_corrects_them(page, until):
    open_selected(page)
    node = page.editor.widget.mrmlSegmentEditorNode()
    prelabel(page, until)
    assert node.GetActiveEffectName() == "SmartFill"
    assert (node.GetAttribute("SmartFill.Scope"), node.GetAttribute("SmartFill.SegmentIsProposal")) == ("3", "1")
    assert "mark what is wrong with SmartFill" in page.notice.text
    node.SetAttribute("SmartFill.SegmentIsProposal", "0")
    page.editor.widget.setActiveEffectByName("Paint")
    prelabel(page, until)
    assert "mark what is wrong" not in page.notice.text, "nothing new was labelled"
    assert node.GetActiveEffectName() == "Paint" and node.GetAttribute("SmartFill.SegmentIsProposal") == "0"


def test_prelabels_bring_only_what_the_task_asks_for(page, panel, until, monkeypatch):
    open_selected(page)
    asked = [LEFT_EYE, MUSCLE]
    monkeypatch.setattr(page.prelabel, "_wanted", lambda: asked)
    prelabel(page, until)
    assert page.opened.filled() == set(asked)


def test_prelabel_problem_is_told_and_changes_nothing(page, panel, until):
    open_selected(page)
    panel._parameterNode.modelName = "problem"
    prelabel(page, until)
    assert "No orbit was found" in page.notice.text
    assert page.opened.filled() == set()
    assert not page.opened.unsaved


def test_time_is_logged_per_structure(page, folder):
    ticks = count()
    page.work_time.clock = WorkClock(lambda: 0.5 * next(ticks))  # a fast machine paints in no time
    open_selected(page)
    click_structure(page, RIGHT_EYE)
    paint_at(page, (30, 0, 0))
    click_structure(page, MUSCLE)
    paint_at(page, (14, -6, 0), 4.0)
    press(page.ui.saveButton)
    with (out(folder) / "annotation_time_Ann.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["case"], row["structure"], row["side"]) for row in rows] == [
        ("p1", "eyeball", "right"), ("p1", "medial_rectus", "right")]
    assert all(float(row["active_seconds"]) > 0 and int(row["actions"]) > 0 for row in rows)


def test_name_is_asked_for_before_a_case_is_opened(page):
    type_into(page.ui.annotatorLineEdit, " ")
    open_selected(page)
    assert page.opened is None
    assert "Type your name or initials first" in page.notice.text


def test_folder_without_scans_is_told(page, tmp_path):
    (tmp_path / "empty").mkdir()
    type_into(page.ui.casesLineEdit, str(tmp_path / "empty"))
    assert "holds no scan" in page.notice.text
    assert not page.ui.openButton.enabled


def test_damaged_scan_keeps_the_open_case(page, folder):
    open_selected(page, 0)
    (folder / "p2.nii.gz").write_bytes(b"damaged")
    open_selected(page, 1)
    assert page.opened.case.name == "p1"
    assert "p2.nii.gz cannot be read" in page.notice.text
    assert not (out(folder) / "p2.open.json").exists()


def test_done_cases_are_passed_over(page, folder):
    done = load_state(out(folder), "p2")
    for value in page._node.task.values():
        done = done.marked(value, True)
    out(folder).mkdir()
    save_state(out(folder), done, "Ben", {})
    open_selected(page, 0)
    press(page.ui.nextButton)
    assert page.opened.case.name == "p3"


def test_dicom_export_says_why_it_is_not_available(page):
    page.ui.exportCollapsibleButton.collapsed = False
    open_selected(page)
    assert not page.ui.dicomCheckBox.enabled
    assert "this scan is not a DICOM series" in page.ui.dicomReasonLabel.text


def test_dicom_segmentation_is_written_for_a_dicom_series(page, tmp_path, make_scan, dicom_series_writer, until):
    import pydicom

    dicom_series_writer(make_scan(), tmp_path / "exam" / "ct")
    type_into(page.ui.casesLineEdit, str(tmp_path / "exam"))
    open_selected(page)
    prelabel(page, until)
    page.ui.dicomCheckBox.checked = True
    press(page.ui.saveButton)
    dataset = pydicom.dcmread(tmp_path / "exam" / "annotations" / "ct_seg.dcm")
    assert [item.SegmentLabel for item in dataset.SegmentSequence] == [
        "Right eyeball", "Left eyeball", "Right medial rectus muscle"]
    assert dataset.SegmentSequence[0].SegmentAlgorithmType == "SEMIAUTOMATIC"
    assert dataset.ContentCreatorName == "Ann"


def test_more_structures_can_be_asked_for(page):
    page.ui.taskComboBox.currentIndex = 2
    assert page.ui.structuresTable.rowCount == 13
    assert page.ui.structuresTable.columnSpan(12, 1) == 2, "the chiasm has no side"


def test_entering_and_leaving_many_times_leaves_nothing_behind(page, panel):
    open_selected(page)

    def cycle():
        panel.exit()
        panel.enter()
        click_structure(page, RIGHT_EYE)

    cycle()
    before = len(page.Observations), len(page.work_time.Observations)
    shortcuts = len(slicer.util.mainWindow().findChildren(QtWidgets.QWidget))
    for _ in range(10):
        cycle()
    assert (len(page.Observations), len(page.work_time.Observations)) == before
    assert len(slicer.util.mainWindow().findChildren(QtWidgets.QWidget)) == shortcuts
    panel.exit()
    assert len(page.work_time.Observations) == 0
    assert page.editor.widget.activeEffect() is None


def test_reload_closes_the_case_and_lets_go_of_everything(page, folder, slicer_session):
    open_selected(page)
    slicer.util.reloadScriptedModule("OrbitSegmentation")
    assert len(page.Observations) == 0
    assert len(page.work_time.Observations) == 0
    assert not (out(folder) / "p1.open.json").exists()
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 0


def test_module_can_be_left_and_entered_with_a_case_open(page, panel):
    open_selected(page)
    panel.exit()
    panel.enter()
    click_structure(page, RIGHT_EYE)
    paint_at(page, (30, 0, 0))
    assert page.opened.filled() == {RIGHT_EYE}


# The structure that the editor draws


def selected(page):
    return page.editor.widget.mrmlSegmentEditorNode().GetSelectedSegmentID()


def test_segment_chosen_in_the_editor_is_what_the_page_draws_times_and_marks(page, folder):
    open_selected(page)
    click_structure(page, RIGHT_EYE)
    page.editor.widget.setCurrentSegmentID("left_eyeball")
    paint_at(page, (-30, 0, 0))
    assert page._node.label == LEFT_EYE
    assert page.ui.doneButton.text == "Left eyeball is done"
    assert page.ui.structuresTable.currentRow() == page.structures.cell(LEFT_EYE)[0]
    press(page.ui.doneButton)
    assert page.opened.done() == {LEFT_EYE}
    assert page.notice.text == ""
    press(page.ui.saveButton)
    with (out(folder) / "annotation_time_Ann.csv").open(newline="") as file:
        assert [(row["structure"], row["side"]) for row in csv.DictReader(file)][-1] == ("eyeball", "left")


def test_keys_for_the_next_segment_go_through_the_structures_of_the_task(page):
    open_selected(page)
    click_structure(page, RIGHT_EYE)
    page.editor.widget.selectNextSegment()
    assert "Left eyeball" in page.ui.doneButton.text
    page.editor.widget.selectPreviousSegment()
    assert "Right eyeball" in page.ui.doneButton.text
    assert not page.opened.unsaved


def test_segment_that_is_no_structure_is_left_to_the_annotator(page):
    open_selected(page)
    click_structure(page, LEFT_EYE)
    page.opened.segmentation.GetSegmentation().AddEmptySegment("tumour", "Tumour")
    page.editor.widget.setCurrentSegmentID("tumour")
    slicer.app.processEvents()
    assert selected(page) == "tumour"
    assert page._node.label == LEFT_EYE


def test_picked_structure_stays_when_page_is_left_and_shown_again(page, panel):
    open_selected(page)
    click_structure(page, MUSCLE)
    panel.exit()
    assert page.editor.Observations == []
    page.editor.widget.mrmlSegmentEditorNode().SetSelectedSegmentID("left_eyeball")
    assert page.logic.getParameterNode().label == MUSCLE
    panel.enter()
    assert (page._node.label, selected(page)) == (MUSCLE, "right_medial_rectus")


def test_after_undo_the_next_stroke_goes_to_the_picked_structure_and_undo_reaches_the_beginning(page):
    open_selected(page)
    click_structure(page, RIGHT_EYE)
    paint_at(page, (30, 0, 0))
    click_structure(page, LEFT_EYE)
    paint_at(page, (-30, 0, 0), 6.0)
    for expected in ({RIGHT_EYE}, set()):
        page.editor.widget.undo()
        slicer.app.processEvents()
        assert page.opened.filled() == expected
    for expected in ({RIGHT_EYE}, {RIGHT_EYE, LEFT_EYE}):
        page.editor.widget.redo()
        slicer.app.processEvents()
        assert page.opened.filled() == expected
    page.editor.widget.undo()
    page.editor.widget.undo()
    slicer.app.processEvents()
    paint_at(page, (-30, 0, 0), 6.0)
    assert page.opened.filled() == {LEFT_EYE}


def test_structure_beyond_the_task_that_undo_removes_is_picked_again(page):
    open_selected(page)
    click_structure(page, RIGHT_EYE)
    paint_at(page, (30, 0, 0))
    page.pick(anatomy.label_value("lacrimal_gland", "left"))
    page.editor.widget.undo()
    slicer.app.processEvents()
    assert selected(page) == "left_lacrimal_gland"
    paint_at(page, (-30, 0, 0), 6.0)
    assert page.opened.filled() == {anatomy.label_value("lacrimal_gland", "left")}


def test_undo_of_one_structure_leaves_another_done(page):
    open_selected(page)
    click_structure(page, LEFT_EYE)
    paint_at(page, (-30, 0, 0))
    click_structure(page, RIGHT_EYE)
    paint_at(page, (30, 0, 0))
    click_structure(page, LEFT_EYE)
    press(page.ui.doneButton)
    page.editor.widget.undo()
    slicer.app.processEvents()
    page.editor.widget.redo()
    slicer.app.processEvents()
    assert page.opened.filled() == {LEFT_EYE, RIGHT_EYE}
    assert page.structures.text(LEFT_EYE) == "✓ done"
    assert page.ui.doneButton.checked


def test_mark_set_in_slicers_segment_list_survives_an_undo_that_follows_at_once(page):
    open_selected(page)
    click_structure(page, RIGHT_EYE)
    paint_at(page, (30, 0, 0))
    logic = slicer.vtkSlicerSegmentationsModuleLogic
    segment = page.opened.segmentation.GetSegmentation().GetSegment("right_eyeball")
    logic.SetSegmentStatus(segment, logic.Completed)
    page.editor.widget.undo()
    assert (page.opened.filled(), page.opened.done()) == (set(), {RIGHT_EYE})


def test_case_that_is_done_opens_with_the_structure_that_was_picked(page, folder):
    out(folder).mkdir()
    save_state(out(folder), replace(load_state(out(folder), "p2"), done=frozenset(page._node.task.values())), "Ben", {})
    open_selected(page)
    click_structure(page, MUSCLE)
    open_selected(page, 1)
    assert (page.opened.case.name, page._node.label, selected(page)) == ("p2", MUSCLE, "right_medial_rectus")


# Leaving a case


def close_scene():
    slicer.mrmlScene.Clear(0)


def reload_module():
    slicer.util.reloadScriptedModule("OrbitSegmentation")


@pytest.mark.parametrize("leave", [close_scene, reload_module])
@pytest.mark.parametrize("answers", [("Save", "No", "Save", "Yes"), ("Save", "No", "Discard")])
def test_leaving_asks_again_until_work_is_saved_or_given_up(page, folder, slicer_dialogs, leave, answers):
    out(folder).mkdir()
    precious = out(folder) / "p1.seg.nrrd"
    precious.write_bytes(b"precious")
    open_selected(page)
    click_structure(page, RIGHT_EYE)
    paint_at(page, (30, 0, 0))
    slicer_dialogs.answer(*answers)
    leave()
    assert "not saved. Nothing was saved." in slicer_dialogs.seen[2]
    assert (precious.read_bytes() == b"precious") == (answers[-1] == "Discard")
    assert load_state(out(folder), "p1").annotator == ("" if answers[-1] == "Discard" else "Ann")


def test_leaving_tells_why_the_work_could_not_be_saved(page, folder, slicer_dialogs, drawn):
    (out(folder) / "p1.seg.nrrd").mkdir()  # a file cannot take its place
    slicer_dialogs.answer("Save", "Yes", "Discard")
    close_scene()
    assert "p1_labels.nii.gz cannot be written" in slicer_dialogs.seen[-1]


def test_case_is_not_called_saved_when_work_is_given_up_but_it_stays_open(page, folder, slicer_dialogs, drawn):
    claim_case(out(folder), "p2", "Ben")
    slicer_dialogs.answer("Discard", "No")
    open_selected(page, 1)
    assert page.opened.case.name == "p1"
    assert page.opened.filled() == {RIGHT_EYE}
    page.refresh_cases()
    assert page.ui.caseLabel.text.endswith("not saved")


def test_case_is_not_called_saved_when_there_is_no_next_one(page, folder, slicer_dialogs, drawn, until):
    for case in ("p2", "p3"):
        claim_case(out(folder), case, "Ben")
    until(lambda: page.ui.caseLabel.text.endswith("not saved"))
    slicer_dialogs.answer("Discard", "Cancel")
    press(page.ui.nextButton)
    assert "no other case" in page.notice.text
    page.refresh_cases()
    assert page.ui.caseLabel.text.endswith("not saved")
    assert not page.leaving.may_close_application()


# Cases that cannot be opened


def test_next_passes_over_a_damaged_progress_file_and_a_damaged_scan(page, folder):
    out(folder).mkdir()
    (out(folder) / "p2.annotation.json").write_text("{")
    open_selected(page)
    press(page.ui.nextButton)
    assert page.opened.case.name == "p3"
    assert "p2 was passed over. p2.annotation.json is damaged" in page.notice.text
    (folder / "p1.nii.gz").write_bytes(b"damaged")
    press(page.ui.nextButton)
    assert page.opened.case.name == "p3"
    assert "p1 was passed over. " in page.notice.text
    assert "no other case" in page.notice.text
    assert not (out(folder) / "p1.open.json").exists()


def test_case_of_another_data_set_in_the_same_folder_is_refused(page, folder, tmp_path, make_scan, drawn):
    press(page.ui.saveButton)
    affine = np.diag([3.0, 3.0, 3.0, 1.0])
    save_image(make_scan((10, 12, 14), affine), tmp_path / "other" / "p1.nii.gz")
    page._node.exports = str(out(folder))
    type_into(page.ui.casesLineEdit, str(tmp_path / "other"))
    before = (out(folder) / "p1.seg.nrrd").read_bytes()
    open_selected(page)
    assert "Choose another folder in 'Save to'" in page.notice.text
    assert page.opened.case.scan == folder / "p1.nii.gz"
    assert (out(folder) / "p1.seg.nrrd").read_bytes() == before


def test_segmentation_is_written_whatever_else_is_ticked(page, folder, drawn):
    page.ui.labelMapCheckBox.checked = False
    press(page.ui.saveButton)
    assert (out(folder) / "p1.seg.nrrd").exists()
    assert not (out(folder) / "p1_labels.nii.gz").exists()


def press_keys(keys):
    shortcut, = [found for found in slicer.util.mainWindow().findChildren(QtGui.QShortcut)
                 if found.key.toString() == keys and found.enabled]
    shortcut.activated.emit()


def test_a_folder_chosen_while_a_case_is_open_holds_for_the_next_and_saving_says_so(page, folder, drawn, tmp_path):
    type_into(page.ui.exportsLineEdit, str(tmp_path / "elsewhere"))
    press(page.ui.saveButton)
    assert (out(folder) / "p1.seg.nrrd").is_file() and not (tmp_path / "elsewhere").exists()
    assert f"p1 was saved in {out(folder)}" in page.notice.text
    type_into(page.ui.exportsLineEdit, "")
    press(page.ui.saveButton)
    assert page.notice.isHidden()


def test_untouched_case_reads_not_started_and_a_saved_one_saved(page):
    open_selected(page)
    assert page.ui.caseLabel.text.endswith("not started")
    page.mark_done(True)
    assert page.ui.caseLabel.text.endswith("not saved")
    page.save()
    assert page.ui.caseLabel.text.endswith("– saved")


def test_keys_go_on_to_the_next_structure_mark_it_as_done_and_show_all_in_3d(page):
    open_selected(page)
    page.pick(RIGHT_EYE)
    press_keys("Ctrl+Shift+D")
    assert page.opened.done() == {RIGHT_EYE}
    press_keys("Ctrl+Shift+N")
    first = page._node.label
    press_keys("Ctrl+Shift+N")
    assert RIGHT_EYE not in (first, page._node.label) and first != page._node.label
    press_keys("Ctrl+Shift+3")
    representation = slicer.vtkSegmentationConverter.GetClosedSurfaceRepresentationName()
    assert page.opened.segmentation.GetSegmentation().ContainsRepresentation(representation)
    press_keys("Ctrl+Shift+3")
    assert not page.opened.segmentation.GetSegmentation().ContainsRepresentation(representation)
    press_keys("Ctrl+Shift+D")
    page.opened.unsaved = False
    press_keys("Ctrl+Shift+C")
    assert page.opened.case.name == "p2"


def test_keys_belong_to_others_while_another_page_is_shown(page, panel):
    panel.ui.pagesTabWidget.setCurrentWidget(panel.ui.segmentTab)
    assert not [found for found in slicer.util.mainWindow().findChildren(QtGui.QShortcut)
                if found.key.toString() == "Ctrl+Shift+D" and found.enabled]


def test_correct_this_result_leads_to_its_outlines_on_the_page(page, panel, until, tmp_path, monkeypatch):
    panel.ui.pagesTabWidget.setCurrentWidget(panel.ui.segmentTab)
    assert not panel.resultsView.correct_button.enabled
    press(panel.ui.applyButton)
    until(lambda: panel.runControl.state is RunState.IDLE)
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    (tmp_path / "scans").rename(tmp_path.with_name(tmp_path.name + "-scans"))
    result = panel.ui.resultSelector.currentNode()
    press(panel.resultsView.correct_button)
    assert panel.ui.pagesTabWidget.currentWidget() is panel.ui.annotationTab
    assert page.opened.case.name == "Scan" and page.opened.filled() == {RIGHT_EYE, LEFT_EYE, MUSCLE}
    assert not result.GetDisplayNode().GetVisibility(), "its outlines would lie over those that are corrected"
    panel.ui.pagesTabWidget.setCurrentWidget(panel.ui.segmentTab)
    press(panel.resultsView.correct_button)
    assert "exists already" in panel.resultsView.notices.text


@pytest.mark.parametrize("name", ["orbit_001_0000", "T1_seg", "头颅 CT"])
def test_a_result_is_corrected_whatever_its_scan_is_called(page, logic, scan, tmp_path, name):
    """nnU-Net's channel and what looks like labels are no part of a case's name: nothing was opened."""
    scan.SetName(name)
    (tmp_path / "corrected").mkdir()
    written = write_result_case(logic.process(scan).segmentation, tmp_path / "corrected")
    assert page.open_from(tmp_path / "corrected", written)
    assert page.opened.filled() == {RIGHT_EYE, LEFT_EYE, MUSCLE}


def test_a_result_in_a_folder_that_lists_other_scans_is_told(page, logic, scan, folder):
    (folder / "cases.csv").write_text("image\np1.nii.gz\n")
    assert not page.open_from(folder, write_result_case(logic.process(scan).segmentation, folder))
    assert "Choose an empty folder" in page.notice.text


def test_a_result_that_is_written_by_half_leaves_no_case_behind(logic, scan, tmp_path, monkeypatch):
    """The scan without its outlines stayed, was refused as existing the next time, and opened as an empty case."""
    result = logic.process(scan).segmentation

    def full(image, path):
        if "labels" in path.name:
            raise Problem("The disk is full.")
        return save_image(image, path)

    with monkeypatch.context() as patch:
        patch.setattr(files, "save_image", full)
        with pytest.raises(Problem, match="full"):
            write_result_case(result, tmp_path)
    assert not list(tmp_path.iterdir())
    assert write_result_case(result, tmp_path) == "Scan"
    assert {path.name for path in tmp_path.iterdir()} == {"Scan.nii", "Scan_labels.nii.gz", "annotations"}


def test_a_corrected_result_says_which_model_outlined_it_first(page, logic, scan, tmp_path):
    """Ground truth that began with a model's outlines passed for one that a reader had drawn."""
    assert page.open_from(tmp_path, write_result_case(logic.process(scan).segmentation, tmp_path))
    assert page.cases.text("Scan") == ("0 of 12", ""), "nobody has saved it"
    press(page.ui.saveButton)
    told = load_state(tmp_path / "annotations", "Scan").prelabel
    assert (told["name"], told["version"]) == ("orbit-any-contrast", "1.2.3")
    assert told["structures"] == ["right_eyeball", "left_eyeball", "right_medial_rectus"]


def test_what_a_case_does_not_take_over_from_a_result_is_told(page, panel, until, tmp_path, monkeypatch):
    """A tumour that the reader had added to the result was not on the page, and nothing said where it was."""
    panel.ui.pagesTabWidget.setCurrentWidget(panel.ui.segmentTab)
    press(panel.ui.applyButton)
    until(lambda: panel.runControl.state is RunState.IDLE)
    result = panel.ui.resultSelector.currentNode()
    mask = np.zeros(slicer.util.arrayFromVolume(panel.ui.inputSelector.currentNode()).shape, bool)
    mask[8, 12, 8:12] = True
    result.GetSegmentation().AddEmptySegment("Segment_1", "Tumour")
    set_segment_mask(result, "Segment_1", mask, panel.ui.inputSelector.currentNode())
    set_segment_mask(result, "right_medial_rectus", mask, panel.ui.inputSelector.currentNode())
    set_segment_mask(result, "left_eyeball", mask, panel.ui.inputSelector.currentNode())
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "corrected"))
    (tmp_path / "corrected").mkdir()
    press(panel.resultsView.correct_button)
    assert f"Tumour: no structure of the orbit, and only in '{result.GetName()}'" in page.notice.text
    assert "'Left eyeball' and 'Right medial rectus muscle' share 4 voxels" in page.notice.text


def test_a_result_does_not_take_the_place_of_a_case_whose_scan_is_gone(logic, scan, tmp_path):
    result = logic.process(scan).segmentation
    write_result_case(result, tmp_path)
    for path in tmp_path.glob("Scan*"):
        path.unlink()
    with pytest.raises(Problem, match=r"Scan\.annotation\.json exists already"):
        write_result_case(result, tmp_path)

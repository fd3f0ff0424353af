"""The panel as a radiologist uses it: choose, press Apply, watch, cancel, read the results."""

from __future__ import annotations

import os
import signal
import time

import numpy as np
import pytest
import qt
import slicer
from PySide6.QtTest import QTest

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml.volumes import node_from_image
from NeuroOrbitLib.widgets.run_control import RunState

SEGMENTATION = "vtkMRMLSegmentationNode"


def press(button):
    QTest.mouseClick(button, qt.Qt.LeftButton)


def is_idle(panel):
    return panel.runControl.state is RunState.IDLE


def choose_model(panel, name):
    panel._parameterNode.modelName = name
    assert panel.modelChooser.current_package().name == name


def run_to_end(panel, until, model="orbit-any-contrast"):
    choose_model(panel, model)
    press(panel.ui.applyButton)
    until(lambda: is_idle(panel))


def node_ids():
    return {slicer.mrmlScene.GetNthNode(index).GetID() for index in range(slicer.mrmlScene.GetNumberOfNodes())}


def test_first_scan_is_chosen_and_apply_is_ready(panel, scan):
    assert panel.ui.inputSelector.currentNode() is scan
    assert panel.ui.applyButton.enabled
    assert panel.noticeBanner.isHidden()


def test_apply_brings_segmentation_table_and_views(panel, until, scan):
    run_to_end(panel, until)
    segmentation = panel.ui.resultSelector.currentNode()
    assert segmentation.GetSegmentation().GetNumberOfSegments() == 3
    assert segmentation.GetDisplayNode().GetVisibility3D()
    table = panel.resultsView.table_view.mrmlTableNode()
    muscle_ml = (slicer.util.arrayFromVolume(scan) == 500).sum() * 8e-3
    assert slicer.util.arrayFromTableColumn(table, "volume_ml")[2] == pytest.approx(muscle_ml, abs=0.005)
    selection = slicer.app.applicationLogic().GetSelectionNode()
    assert selection.GetActiveTableID() == table.GetID()
    layout = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLLayoutNode")
    assert layout.GetViewArrangement() == slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpTableView


def test_slices_go_to_the_right_eyeball(panel, until):
    run_to_end(panel, until)
    offsets = {name: slicer.app.layoutManager().sliceWidget(name).mrmlSliceNode().GetSliceOffset()
               for name in ("Red", "Yellow", "Green")}
    assert abs(offsets["Yellow"]) == pytest.approx(30, abs=1.5)
    assert offsets["Red"] == pytest.approx(0, abs=1.5)


def test_slices_frame_the_orbits_and_not_the_head(panel, until, make_scan):
    affine = np.diag([4.0, 4.0, 4.0, 1.0])
    affine[:3, 3] = [-126, -126, -62]
    panel.ui.inputSelector.setCurrentNode(node_from_image(make_scan((32, 64, 64), affine), "Head"))
    run_to_end(panel, until)
    for name in ("Red", "Green"):
        slice_node = slicer.app.layoutManager().sliceWidget(name).mrmlSliceNode()
        assert 80 < min(slice_node.GetFieldOfView()[:2]) < 130, "the orbits span about 80 mm, the head 256 mm"


def test_progress_and_remaining_time_are_shown_while_running(panel, until):
    choose_model(panel, "slow")
    press(panel.ui.applyButton)
    assert not panel.ui.applyButton.enabled
    assert panel.ui.applyButton.toolTip == "A run is under way."
    until(lambda: "left" in panel.runControl.status_label.text)
    assert panel.runControl.status_label.text.startswith("Segmenting the right orbit")
    assert 100 < panel.runControl.progress_bar.value < 1000
    assert not panel.runControl.cancel_button.isHidden()
    press(panel.runControl.cancel_button)


@pytest.mark.parametrize("model", ["slow", "stuck"])
def test_cancel_returns_control_at_once_and_leaves_the_scene_as_it_was(panel, until, model):
    before = node_ids()
    choose_model(panel, model)
    press(panel.ui.applyButton)
    until(lambda: panel.runControl.progress_bar.value >= 100)
    start = time.monotonic()
    press(panel.runControl.cancel_button)
    until(lambda: is_idle(panel))
    assert time.monotonic() - start < 1.0
    assert node_ids() == before
    assert panel.noticeBanner.text == "Cancelled. The scene is as it was before."
    assert panel.ui.applyButton.enabled
    assert panel.runControl.progress_bar.isHidden()


def test_killed_worker_is_told_and_the_next_run_works(panel, until, runner):
    choose_model(panel, "stuck")
    press(panel.ui.applyButton)
    until(lambda: panel.runControl.progress_bar.value >= 100)
    os.kill(runner.worker_pid, signal.SIGKILL)
    until(lambda: is_idle(panel))
    assert "stopped by the system" in panel.noticeBanner.text
    assert slicer.mrmlScene.GetNumberOfNodesByClass(SEGMENTATION) == 0
    run_to_end(panel, until)
    assert slicer.mrmlScene.GetNumberOfNodesByClass(SEGMENTATION) == 1
    assert panel.noticeBanner.isHidden()


def test_problem_of_the_scan_is_shown_as_it_is(panel, until):
    run_to_end(panel, until, "problem")
    assert panel.noticeBanner.text == "No orbit was found. Choose a scan of the head."
    assert slicer.mrmlScene.GetNumberOfNodesByClass(SEGMENTATION) == 0


def test_fault_of_the_program_is_shown_and_its_details_are_in_the_log(panel, until):
    run_to_end(panel, until, "bug")
    assert "failed" in panel.noticeBanner.text
    assert "KeyError" in panel.runControl.log_view.content()


def test_results_that_cannot_be_shown_stay_in_the_scene_and_the_user_is_told(panel, until, logic, monkeypatch):
    monkeypatch.setattr(logic, "showResults", lambda *_: 1 / 0)
    run_to_end(panel, until)
    assert "could not be shown (ZeroDivisionError" in panel.noticeBanner.text
    assert slicer.mrmlScene.GetNumberOfNodesByClass(SEGMENTATION) == 1


def test_log_unfolds_and_can_be_copied(panel, until):
    run_to_end(panel, until)
    log = panel.runControl.log_view
    assert log.text_edit.isHidden()
    press(log.show_button)
    assert not log.text_edit.isHidden()
    press(log.copy_button)
    assert "reading the scan" in qt.QApplication.clipboard().text()


def test_notices_stand_with_the_result_that_they_are_about(panel, until, scan):
    panel.ui.resultsCollapsibleButton.collapsed = True
    run_to_end(panel, until, "notices")
    assert not panel.ui.resultsCollapsibleButton.collapsed
    notices, told = panel.resultsView.notices, panel.ui.resultSelector.currentNode()
    assert notices.text == "The slices are thick." and not notices.isHidden()
    run_to_end(panel, until)
    assert notices.isHidden()
    panel.ui.resultSelector.setCurrentNode(told)
    assert notices.text == "The slices are thick." and not notices.isHidden()
    panel.ui.inputSelector.setCurrentNode(colour_picture())
    panel.ui.inputSelector.setCurrentNode(scan)
    assert not notices.isHidden() and panel.noticeBanner.isHidden()


def test_a_model_that_does_not_know_how_sure_it_is_has_no_such_column(panel, until):
    run_to_end(panel, until, "notices")
    press(panel.resultsView.copy_button)
    headings = qt.QApplication.clipboard().text().split("\n")[0].split("\t")
    assert headings == ["Structure", "Side", "Volume [mL]", "Mean intensity", "Published range [mL]"]


def test_places_to_check_are_listed_and_their_buttons_show_them_in_all_slices(panel, until):
    run_to_end(panel, until, "doubts")
    view = panel.resultsView.quality_view
    assert not view.isHidden() and "unlike the images" in view.novelty_label.text and "4.2" in view.novelty_label.text
    button, = view.buttons
    assert "Right optic nerve" in button.text and "53 %" in button.text and "2 axial slices" in button.toolTip
    press(button)
    shown = {node.GetName(): node.GetSliceToRAS() for node in slicer.util.getNodesByClass("vtkMRMLSliceNode")}
    assert shown["Red"].GetElement(2, 3) == pytest.approx(7.0)
    assert shown["Green"].GetElement(1, 3) == pytest.approx(-3.0)
    assert shown["Yellow"].GetElement(0, 3) == pytest.approx(12.0)


def test_without_quality_control_nothing_is_shown_of_it(panel, until):
    run_to_end(panel, until)
    assert panel.resultsView.quality_view.isHidden()


def test_table_can_be_copied_with_headings(panel, until):
    run_to_end(panel, until)
    press(panel.resultsView.copy_button)
    lines = qt.QApplication.clipboard().text().split("\n")
    assert lines[0].split("\t") == [
        "Structure", "Side", "Volume [mL]", "Mean intensity", "Confidence [%]", "Published range [mL]"]
    assert lines[1].split("\t")[:2] == ["Eyeball", "right"]


def test_device_that_computed_and_why_is_shown_with_the_result(panel, until):
    run_to_end(panel, until)
    assert "There is no graphics card." in panel.resultsView.summary_label.text


def test_earlier_results_can_be_chosen_again(panel, until):
    run_to_end(panel, until)
    first = panel.ui.resultSelector.currentNode()
    first_table = panel.resultsView.table_view.mrmlTableNode()
    run_to_end(panel, until)
    assert panel.ui.resultSelector.currentNode() is not first
    panel.ui.resultSelector.setCurrentNode(first)
    assert panel.resultsView.table_view.mrmlTableNode() is first_table


def colour_picture():
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLVectorVolumeNode", "Photo")
    slicer.util.updateVolumeFromArray(node, np.zeros((3, 4, 5, 3), np.uint8))
    return node


@pytest.mark.parametrize(("make", "words"), [
    (colour_picture, "'Photo' is a colour picture"),
    (lambda: slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Empty"), "'Empty' has no voxels"),
])
def test_unsuitable_scan_disables_apply_and_says_why(panel, scan, make, words):
    panel.ui.inputSelector.setCurrentNode(make())
    assert not panel.ui.applyButton.enabled
    assert words in panel.ui.applyButton.toolTip
    assert words in panel.noticeBanner.text
    panel.ui.inputSelector.setCurrentNode(scan)
    assert panel.ui.applyButton.enabled
    assert panel.noticeBanner.isHidden()


def test_no_scan_disables_apply_and_the_tool_tip_says_what_to_do(panel):
    panel.ui.inputSelector.setCurrentNode(None)
    assert not panel.ui.applyButton.enabled
    assert "Select a scan first" in panel.ui.applyButton.toolTip


def test_label_maps_are_not_offered_as_scans(panel):
    node = node_from_image(Image(np.ones((3, 3, 3), np.uint8), np.eye(4)), "Mask", "vtkMRMLLabelMapVolumeNode")
    panel.ui.inputSelector.setCurrentNode(node)
    assert panel.ui.inputSelector.currentNode() is not node


def test_scan_that_gets_voxels_later_can_be_segmented(panel):
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Late")
    panel.ui.inputSelector.setCurrentNode(node)
    assert not panel.ui.applyButton.enabled
    slicer.util.updateVolumeFromArray(node, np.zeros((8, 8, 8), np.int16))
    assert panel.ui.applyButton.enabled


def test_model_that_is_not_installed_disables_apply(panel):
    panel._parameterNode.modelName = "model-of-a-colleague"
    assert not panel.ui.applyButton.enabled
    assert "'model-of-a-colleague' is not installed" in panel.ui.applyButton.toolTip


def test_facts_of_the_model_and_research_use_can_be_read(panel):
    text = panel.ui.aboutLabel.text
    assert "Trained on: synthetic phantoms" in text
    assert "Licence: Apache-2.0" in text
    assert "For research use only. Not for use in diagnostic procedures." in text


def test_removing_the_scan_while_running_ends_the_run_with_a_message(panel, until, scan):
    choose_model(panel, "slow")
    press(panel.ui.applyButton)
    slicer.mrmlScene.RemoveNode(scan)
    until(lambda: is_idle(panel))
    assert "removed from the scene" in panel.noticeBanner.text


def test_closing_the_scene_while_running_ends_the_run(panel, until):
    choose_model(panel, "slow")
    press(panel.ui.applyButton)
    until(lambda: panel.runControl.progress_bar.value >= 100)
    slicer.mrmlScene.Clear(0)
    assert is_idle(panel)
    assert panel.noticeBanner.isHidden()
    assert panel._parameterNode is not None
    assert not panel.ui.applyButton.enabled


def test_run_goes_on_in_another_module_and_its_result_is_there_on_return(panel, until):
    press(panel.ui.applyButton)
    panel.exit()
    until(lambda: is_idle(panel))
    assert slicer.mrmlScene.GetNumberOfNodesByClass(SEGMENTATION) == 1
    panel.enter()
    assert panel.ui.resultSelector.currentNode() is not None


def test_choices_are_stored_with_the_scene(panel, until, tmp_path):
    run_to_end(panel, until, "notices")
    panel.ui.show3DCheckBox.checked = False
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    panel.initializeParameterNode()
    assert panel._parameterNode.modelName == "notices"
    assert not panel.ui.show3DCheckBox.checked
    assert panel.ui.resultSelector.currentNode().GetName() == "Scan - Orbit segmentation"
    assert panel.resultsView.table_view.mrmlTableNode().GetNumberOfRows() == 3


def test_twenty_visits_leave_no_observers_and_no_timers(panel):
    def count():
        timers = [timer for timer in panel.runControl.findChildren(qt.QTimer) if timer.active]
        return len(panel.Observations), len(timers)

    before = count()
    for _ in range(20):
        panel.exit()
        panel.enter()
    assert count() == before
    assert before[1] == 0

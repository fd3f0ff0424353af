"""The panel as a radiologist uses it: choose, press Apply, watch, cancel, read the results."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest
import qt
import slicer
from PySide6.QtTest import QTest

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml import shown
from NeuroOrbitLib.mrml.segment_masks import label_masks, set_segment_mask
from NeuroOrbitLib.mrml.tables import Column, add_table
from NeuroOrbitLib.mrml.volumes import node_from_image
from NeuroOrbitLib.widgets.node_table import NodeTable
from NeuroOrbitLib.widgets.run_control import RunState

SEGMENTATION = "vtkMRMLSegmentationNode"
TABLE_LAYOUT = slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpTableView


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
    assert slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLLayoutNode").GetViewArrangement() != TABLE_LAYOUT


def test_table_is_shown_in_the_layout_if_that_is_wanted(panel, until):
    panel.ui.showTableCheckBox.checked = True
    run_to_end(panel, until)
    selection = slicer.app.applicationLogic().GetSelectionNode()
    assert selection.GetActiveTableID() == panel.resultsView.table_view.mrmlTableNode().GetID()
    assert slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLLayoutNode").GetViewArrangement() == TABLE_LAYOUT


def test_slices_show_the_eyes_axially_the_muscles_behind_them_coronally_and_one_eye_sagittally(panel, until):
    run_to_end(panel, until)
    planes = {name: slicer.app.layoutManager().sliceWidget(name).mrmlSliceNode().GetSliceToRAS()
              for name in ("Red", "Yellow", "Green")}
    assert planes["Red"].GetElement(2, 3) == pytest.approx(0, abs=1.5)
    assert planes["Green"].GetElement(1, 3) == pytest.approx(-18, abs=1.5)
    assert planes["Yellow"].GetElement(0, 3) == pytest.approx(30, abs=1.5), "the patient's right eye"


def test_slices_frame_the_orbits_and_not_the_head(panel, until, make_scan):
    affine = np.diag([4.0, 4.0, 4.0, 1.0])
    affine[:3, 3] = [-126, -126, -62]
    panel.ui.inputSelector.setCurrentNode(node_from_image(make_scan((32, 64, 64), affine), "Head"))
    run_to_end(panel, until)
    for name in ("Red", "Green"):
        slice_node = slicer.app.layoutManager().sliceWidget(name).mrmlSliceNode()
        width, height = slice_node.GetFieldOfView()[:2]
        assert width > 80 and min(width, height) < 130, "the orbits span about 80 mm, the head 256 mm"


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
    press(panel.runControl.cancel_button)
    until(lambda: is_idle(panel))
    assert node_ids() == before
    assert panel.noticeBanner.text == "Cancelled. The scene is as it was before."
    assert panel.ui.applyButton.enabled
    assert panel.runControl.progress_bar.isHidden()


def test_the_module_may_be_left_while_packages_are_installed(panel, until, monkeypatch):
    """PyTorch takes minutes: who looked at another module meanwhile read of something wrong inside the program."""
    with monkeypatch.context() as installing:
        installing.setattr(panel, "ensureDependencies", lambda _needs_torch: panel.exit())
        press(panel.ui.applyButton)
    assert is_idle(panel) and "you left this module" in panel.noticeBanner.text
    panel.enter()
    run_to_end(panel, until)
    assert panel._parameterNode.resultSegmentation is not None


def test_progress_names_its_scan_while_another_one_is_chosen(panel, until, make_scan):
    choose_model(panel, "slow")
    first, label = panel.ui.inputSelector.currentNode(), panel.runControl.status_label
    press(panel.ui.applyButton)
    until(lambda: panel.runControl.progress_bar.value >= 100)
    assert first.GetName() not in label.text
    panel.ui.inputSelector.setCurrentNode(node_from_image(make_scan(), "Second"))
    assert label.text.startswith(f"{first.GetName()} – ")
    panel.ui.inputSelector.setCurrentNode(first)
    assert label.text and first.GetName() not in label.text
    press(panel.runControl.cancel_button)
    until(lambda: is_idle(panel))


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
    panel.ui.resultSelector.setCurrentNode(told)
    assert not notices.isHidden() and panel.noticeBanner.isHidden()


def test_a_model_that_does_not_know_how_sure_it_is_has_no_such_column(panel, until):
    run_to_end(panel, until, "notices")
    press(panel.resultsView.copy_button)
    headings = qt.QApplication.clipboard().text().split("\n")[0].split("\t")
    assert headings == ["Structure", "Side", "Volume [ml]", "Remark", "Published [ml]",
                        "Mean intensity [arbitrary units]"]


def test_places_to_check_are_listed_and_their_buttons_show_them_in_all_slices(panel, until):
    run_to_end(panel, until, "doubts")
    view = panel.resultsView.quality_view
    assert not view.isHidden() and "looks unlike those" in view.novelty_label.text
    assert "4.2 standard deviations (up to 3.0 is usual)" in view.novelty_label.toolTip
    assert [button.text for button in view.buttons] == ["Right optic nerve: 53 %", "Left eyeball: 60 %"]
    assert "2 axial slices are in doubt" in view.buttons[0].toolTip
    assert "one axial slice is in doubt" in view.buttons[1].toolTip
    button = view.buttons[0]
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
        "Structure", "Side", "Volume [ml]", "Remark", "Published [ml]", "Mean intensity [arbitrary units]",
        "Confidence [%]"]
    assert lines[1].split("\t")[:2] == ["Eyeball", "right"]


def test_device_that_computed_and_why_is_shown_with_the_result(panel, until):
    run_to_end(panel, until)
    assert "There is no graphics card." in panel.resultsView.summary_label.text
    assert "1.2.3 with rules 0.10, trained on" in panel.resultsView.summary_label.text


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
    assert panel.ui.inputSelector.currentNode().GetName() == "Scan" and panel.ui.applyButton.enabled
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


def test_scene_opened_over_another_one_shows_what_was_saved(panel, until, tmp_path):
    run_to_end(panel, until)
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    node_from_image(Image(np.ones((4, 4, 4), np.int16), np.eye(4)), "Other")
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    assert panel.ui.inputSelector.currentNode().GetName() == "Scan"
    assert panel.ui.resultSelector.currentNode().GetName() == "Scan - Orbit segmentation"
    assert panel._parameterNode.inputVolume is panel.ui.inputSelector.currentNode()


def outlined_pixels(name="Red"):
    """How many pixels of a slice view are coloured."""
    slicer.app.processEvents()
    image = slicer.app.layoutManager().sliceWidget(name).sliceView().grab().toImage()
    pixels = image.convertToFormat(qt.QImage.Format_RGB888)
    rows = np.frombuffer(pixels.constBits(), np.uint8).reshape(pixels.height(), -1)
    return int((np.ptp(rows[:, : 3 * pixels.width()].reshape(-1, 3).astype(int), axis=1) > 40).sum())


def test_outlines_are_drawn_again_when_the_scene_is_opened_again(panel, until, tmp_path):
    run_to_end(panel, until)
    before = outlined_pixels()
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    assert before > 500 and outlined_pixels() == pytest.approx(before, rel=0.02)


def test_views_turn_to_the_orbits_again_when_an_earlier_patient_is_chosen(panel, until, scan, make_scan):
    def shown():
        nodes = slicer.util.getNodesByClass("vtkMRMLSliceNode")
        return {node.GetName(): (node.GetSliceOffset(), *node.GetFieldOfView()[:2]) for node in nodes}

    run_to_end(panel, until)
    before = shown()
    panel.ui.inputSelector.setCurrentNode(second_patient(make_scan))
    assert shown() != before
    panel.ui.inputSelector.setCurrentNode(scan)
    assert all(shown()[name] == pytest.approx(place, abs=0.01) for name, place in before.items())


def second_patient(make_scan):
    """A scan of somebody else, 6 mm further up."""
    affine = np.array([[2.0, 0, 0, -47.0], [0, 2.0, 0, -23.0], [0, 0, 2.0, -9.0], [0, 0, 0, 1.0]])
    return node_from_image(make_scan(affine=affine), "Second")


def shown_results():
    nodes = slicer.util.getNodesByClass(SEGMENTATION)
    return [node.GetName() for node in nodes if node.GetDisplayNode().GetVisibility()]


def backgrounds():
    return {node.GetBackgroundVolumeID() for node in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode")}


def test_result_of_one_patient_is_not_shown_on_the_next_scan(panel, until, scan, make_scan):
    panel.ui.showTableCheckBox.checked = True
    run_to_end(panel, until)
    first, second = panel.ui.resultSelector.currentNode(), second_patient(make_scan)
    panel.ui.inputSelector.setCurrentNode(second)
    assert shown_results() == [] and backgrounds() == {second.GetID()}
    assert panel.ui.resultSelector.currentNode() is None and panel.resultsView.table_view.isHidden()
    assert not slicer.app.applicationLogic().GetSelectionNode().GetActiveTableID(), "no table of the other patient"
    run_to_end(panel, until)
    assert shown_results() == ["Second - Orbit segmentation"]
    panel.ui.inputSelector.setCurrentNode(scan)
    assert panel.ui.resultSelector.currentNode() is first and shown_results() == ["Scan - Orbit segmentation"]
    assert backgrounds() == {scan.GetID()}


def test_choosing_an_earlier_result_chooses_its_scan(panel, until, scan, make_scan):
    run_to_end(panel, until)
    first = panel.ui.resultSelector.currentNode()
    panel.ui.inputSelector.setCurrentNode(second_patient(make_scan))
    run_to_end(panel, until)
    panel.ui.resultSelector.setCurrentNode(first)
    assert panel.ui.inputSelector.currentNode() is scan
    assert shown_results() == ["Scan - Orbit segmentation"] and backgrounds() == {scan.GetID()}


def test_of_two_results_of_one_scan_only_the_chosen_one_is_shown(panel, until):
    run_to_end(panel, until)
    run_to_end(panel, until)
    assert len(shown_results()) == 1


def test_segmentation_that_the_user_made_stays_as_it_is(panel, until, make_scan):
    own = slicer.mrmlScene.AddNewNodeByClass(SEGMENTATION, "My own")
    own.CreateDefaultDisplayNodes()
    run_to_end(panel, until)
    panel.ui.inputSelector.setCurrentNode(second_patient(make_scan))
    assert shown_results() == ["My own"]


@pytest.mark.parametrize("same_patient", [False, True])
def test_result_is_not_shown_over_a_scan_that_is_loaded_next(panel, until, scan, make_scan, tmp_path, monkeypatch,
                                                            same_patient):
    """The application shows the scan at once, and no identifier tells whether it is another patient's."""
    run_to_end(panel, until)
    if same_patient:
        monkeypatch.setattr(shown, "patient_of", lambda _scan: "P1")
    loaded = slicer.util.loadVolume(str(save_image(make_scan(), tmp_path / "next.nii.gz")))
    slicer.app.processEvents()
    assert backgrounds() == {loaded.GetID()}
    assert shown_results() == (["Scan - Orbit segmentation"] if same_patient else [])
    slicer.util.setSliceViewerLayers(background=scan)
    assert shown_results() == ["Scan - Orbit segmentation"], "its scan is looked at again"
    panel.ui.inputSelector.setCurrentNode(loaded)
    assert shown_results() == []


def test_scene_that_is_read_beside_another_one_shows_one_result(panel, until, tmp_path):
    run_to_end(panel, until)
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    slicer.app.processEvents()
    results = slicer.util.getNodesByClass(SEGMENTATION)
    assert len(results) == 2
    visible = [node for node in results if node.GetDisplayNode().GetVisibility()]
    assert visible == [panel.ui.resultSelector.currentNode()]


def test_scan_that_is_loaded_while_the_panel_is_open_is_chosen_if_none_is(panel, until, scan, make_scan):
    panel.ui.inputSelector.setCurrentNode(None)
    slicer.mrmlScene.RemoveNode(scan)
    second = second_patient(make_scan)
    until(lambda: panel.ui.inputSelector.currentNode() is second)
    assert panel.ui.applyButton.enabled
    node_from_image(make_scan(), "Third")
    slicer.app.processEvents()
    assert panel.ui.inputSelector.currentNode() is second


def test_a_result_whose_scan_has_left_is_shown_unless_over_another_scan(panel, until, scan, make_scan):
    """The outlines of one patient lay over the scan of the next."""
    run_to_end(panel, until)
    result = panel._parameterNode.resultSegmentation
    slicer.mrmlScene.RemoveNode(scan)
    panel.ui.resultSelector.setCurrentNode(None)
    panel.ui.resultSelector.setCurrentNode(result)
    assert panel._parameterNode.resultSegmentation is result and result.GetDisplayNode().GetVisibility()
    panel.ui.inputSelector.setCurrentNode(second_patient(make_scan))
    panel.ui.resultSelector.setCurrentNode(result)
    assert panel._parameterNode.resultSegmentation is result and panel._parameterNode.inputVolume is None
    assert not result.GetDisplayNode().GetVisibility()


def ct_like(make_scan):
    """The scan as a CT: air around a head of fat and muscle with some bone."""
    image = make_scan()
    array = np.full(image.array.shape, -1000, np.int16)
    array[2:14, 3:21, 4:44] = -90
    array[4:12, 5:19, 6:42] = 45
    array[3:13, 4, 6:42] = 900
    array[image.array == 1000] = 1000
    return image.with_array(array)


def test_ct_is_shown_in_a_window_for_soft_tissue_unless_the_user_has_set_one(panel, until, make_scan):
    fresh, adjusted = (node_from_image(ct_like(make_scan), name) for name in ("Fresh", "Adjusted"))
    adjusted.GetDisplayNode().SetAutoWindowLevel(False)
    adjusted.GetDisplayNode().SetWindowLevel(2000, 300)
    for volume in (fresh, adjusted):
        panel.ui.inputSelector.setCurrentNode(volume)
        run_to_end(panel, until)
    displays = [volume.GetDisplayNode() for volume in (fresh, adjusted)]
    assert [(display.GetWindow(), display.GetLevel()) for display in displays] == [(350, 40), (2000, 300)]
    displays[0].SetWindowLevel(400, 60)
    panel.ui.inputSelector.setCurrentNode(fresh)
    run_to_end(panel, until)
    assert (displays[0].GetWindow(), displays[0].GetLevel()) == (400, 60)


def test_mri_is_shown_between_percentiles_so_that_a_bright_spot_does_not_darken_it(panel, until, scan):
    array = slicer.util.arrayFromVolume(scan)
    array[8, 12, 24] = 30000
    slicer.util.arrayFromVolumeModified(scan)
    run_to_end(panel, until)
    display = scan.GetDisplayNode()
    assert display.GetLevel() + display.GetWindow() / 2 <= 1500


def headings_of(table):
    """The headings, those that stand in several lines in one."""
    return [table.horizontalHeaderItem(column).text().replace("\n", " ") for column in range(table.columnCount)]


def cell(table, row, heading):
    return table.item(row, headings_of(table).index(heading))


def test_volumes_outside_the_published_range_are_marked_on_both_sides_alike(panel, until):
    run_to_end(panel, until, "odd")
    table = panel.resultsView.table_view
    rows = {(table.item(row, 0).text(), table.item(row, 1).text()): row for row in range(table.rowCount)}
    remarks = {place: cell(table, row, "Remark").text() for place, row in rows.items()}
    assert remarks == {("Eyeball", "right"): "below", ("Eyeball", "left"): "below",
                       ("Medial rectus muscle", "right"): "no image"}
    assert cell(table, rows["Medial rectus muscle", "right"], "Confidence [%]").text() == ""
    marked, plain = (cell(table, rows[place], "Volume [ml]").background().color().name()
                     for place in (("Eyeball", "right"), ("Medial rectus muscle", "right")))
    assert marked == plain == "#ffd97a"


def test_volumes_of_outlines_that_were_corrected_since_are_told_to_be_old(panel, until, scan, tmp_path):
    run_to_end(panel, until)
    result = panel.ui.resultSelector.currentNode()
    old = "changed since the volumes below were taken"
    assert old not in panel.resultsView.notices.text
    panel.exit()
    mask = label_masks(result, scan)[1]
    mask[: mask.shape[0] // 2] = False
    set_segment_mask(result, "right_eyeball", mask, scan)
    panel.enter()
    assert old in panel.resultsView.notices.text
    slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    assert panel.resultsView.notices.isHidden()
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    until(lambda: panel.ui.resultSelector.currentNode() is not None)
    assert old in panel.resultsView.notices.text


def test_volumes_of_untouched_outlines_are_those_of_the_saved_scene(panel, until, tmp_path):
    run_to_end(panel, until)
    slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    until(lambda: panel.ui.resultSelector.currentNode() is not None)
    assert "changed since" not in panel.resultsView.notices.text


def test_numbers_have_fixed_decimals(panel, until):
    run_to_end(panel, until, "odd")
    table = panel.resultsView.table_view
    assert cell(table, 0, "Volume [ml]").text() == "0.10 below"
    assert cell(table, 0, "Mean intensity [arbitrary units]").text() == "1000.0"


def test_name_volume_remark_and_published_range_fit_without_scrolling(panel, until):
    run_to_end(panel, until, "odd")
    table = panel.resultsView.table_view
    assert headings_of(table)[:5] == ["Structure", "Side", "Volume [ml]", "Remark", "Published [ml]"]
    assert table.isColumnHidden(3), "the remark stands behind the volume"
    assert sum(table.columnWidth(column) for column in (0, 1, 2, 4)) < 380
    row = next(row for row in range(table.rowCount) if table.item(row, 0).text() == "Medial rectus muscle")
    assert table.item(row, 2).text().endswith(" no image")


def test_long_names_go_on_in_a_second_line(slicer_session):
    rows = [{"structure": "Lens", "side": "left"}, {"structure": "Superior rectus-levator complex", "side": "left"}]
    columns = [Column("structure", "Structure"), Column("side", "Side")]
    node, part = add_table("Names", columns, rows), NodeTable("table", "")
    part.setMRMLTableNode(node)
    assert part.rowHeight(1) > 1.3 * part.rowHeight(0) and part.columnWidth(0) < 150
    assert part.height >= part.rowHeight(0) + part.rowHeight(1)


def test_clicked_row_shows_the_structure_in_all_views(panel, until):
    run_to_end(panel, until)
    table = panel.resultsView.table_view
    sagittal = slicer.app.layoutManager().sliceWidget("Yellow").mrmlSliceNode()
    for row, right in ((1, -30), (0, 30)):
        table.setCurrentCell(row, 0)
        assert sagittal.GetSliceToRAS().GetElement(0, 3) == pytest.approx(right, abs=2)


def test_clicked_row_shows_the_side_that_the_user_says_a_segment_is(panel, until):
    run_to_end(panel, until)
    segmentation = panel.resultsView._segmentation.GetSegmentation()
    for segment, said in (("right_eyeball", 2), ("left_eyeball", 1)):
        segmentation.GetSegment(segment).SetTag(slicer.vtkSegment.GetTerminologyEntryTagName(),
                                                anatomy.terminology_entry(said))
    panel.resultsView.table_view.setCurrentCell(1, 0)
    sagittal = slicer.app.layoutManager().sliceWidget("Yellow").mrmlSliceNode()
    assert sagittal.GetSliceToRAS().GetElement(0, 3) == pytest.approx(30, abs=2)


def test_a_result_does_not_come_over_another_patient_who_is_looked_at_in_another_module(panel, until, scan, make_scan,
                                                                                        slicer_session):
    press(panel.ui.applyButton)
    panel.runControl._timer.stop()  # the run ends later than the user is quick
    slicer_session.select("SampleData")
    second = second_patient(make_scan)
    slicer.util.setSliceViewerLayers(background=second)
    panel.runControl._timer.start()
    until(lambda: is_idle(panel))
    assert backgrounds() == {second.GetID()} and shown_results() == []
    slicer_session.select("OrbitSegmentation")
    assert panel.ui.inputSelector.currentNode() is scan and backgrounds() == {scan.GetID()}
    assert shown_results() == ["Scan - Orbit segmentation"]
    assert panel.ui.resultSelector.currentNode() is panel._parameterNode.measuredSegmentation is not None


def test_a_result_does_not_come_over_the_case_that_is_annotated_meanwhile(panel, until, scan, make_scan):
    press(panel.ui.applyButton)
    panel.runControl._timer.stop()  # the run ends later than the user is quick
    first_page = panel.ui.pagesTabWidget.currentWidget()
    panel.ui.pagesTabWidget.setCurrentWidget(panel.ui.annotationTab)
    case = second_patient(make_scan)
    slicer.util.setSliceViewerLayers(background=case)
    panel.runControl._timer.start()
    until(lambda: is_idle(panel))
    assert backgrounds() == {case.GetID()} and shown_results() == []
    panel.ui.pagesTabWidget.setCurrentWidget(first_page)
    assert backgrounds() == {scan.GetID()} and shown_results() == ["Scan - Orbit segmentation"]


def test_a_result_leaves_the_scan_that_was_chosen_meanwhile(panel, until, scan, make_scan):
    press(panel.ui.applyButton)
    second = second_patient(make_scan)
    panel.ui.inputSelector.setCurrentNode(second)
    until(lambda: is_idle(panel))
    assert panel.ui.inputSelector.currentNode() is second and panel.ui.resultSelector.currentNode() is None
    assert backgrounds() == {second.GetID()} and shown_results() == []
    assert panel.noticeBanner.text == "The result of 'Scan' is ready. Choose this scan to see it."
    panel.ui.inputSelector.setCurrentNode(scan)
    assert shown_results() == ["Scan - Orbit segmentation"] and backgrounds() == {scan.GetID()}
    assert panel.noticeBanner.isHidden()
    assert panel._parameterNode.measuredSegmentation is panel.ui.resultSelector.currentNode(), "it is measured now"

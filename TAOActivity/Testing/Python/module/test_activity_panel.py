"""The panel as a radiologist uses it: prepare, look at the crop and drag it, apply, read, explain, report."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import qt
import slicer

from NeuroOrbitLib.anatomy import label_value, segment_id
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.models import write_package
from NeuroOrbitLib.mrml.classifier_results import hottest_first
from NeuroOrbitLib.mrml.patient_results import results_of_patient
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.scans import suggest_scan
from NeuroOrbitLib.mrml.segment_masks import label_masks, labelled_segments, set_segment_mask
from NeuroOrbitLib.mrml.segmentations import add_segmentation
from NeuroOrbitLib.mrml.volumes import node_from_image
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets import dependencies
from TAOActivityLib.mrml.choices import Fill, Method, Region
from Testing.Lint.source_tree import REPOSITORY
from Testing.panels import double_segment, is_idle, press, run_step, scene_content, wait_until
from Testing.pseudo_language import facts_of, speak, untranslated

from .conftest import glow_reader, write_glow_reader

#: Pictures to look at after the tests.
PICTURES = REPOSITORY / "out" / "tests"


def slice_offset(name="Red"):
    return slicer.app.layoutManager().sliceWidget(name).mrmlSliceNode().GetSliceOffset()


def foregrounds():
    nodes = slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode")
    return {(node.GetBackgroundVolumeID(), node.GetForegroundVolumeID(), round(node.GetForegroundOpacity(), 2))
            for node in nodes}


def drag(panel, right=0.0, forwards=0.0, up=0.0):
    """What the application does when the user drags the box: moves it step by step, then tells that it is dropped."""
    box = panel._parameterNode.cropBox
    start = np.array(box.GetCenterWorld())
    for share in (0.5, 1.0):
        box.SetCenterWorld(start + share * np.array([right, forwards, up]))
    box.InvokeEvent(slicer.vtkMRMLMarkupsNode.PointEndInteractionEvent)


@pytest.fixture
def step(slicer_session, panel):
    """Press a button of the panel by its name and wait for the end: ``step("prepareButton")``."""
    return lambda name: run_step(slicer_session, panel, getattr(panel.ui, name))


@pytest.fixture
def quick(panel):
    """Coarse occlusion of all slices at once, which is quick."""
    panel.ui.patchSpinBox.value = 24
    panel.ui.strideSpinBox.value = 12
    panel.ui.eachSliceCheckBox.checked = False


def test_only_prepare_can_be_pressed_at_first_and_the_others_say_why(panel):
    assert panel.ui.prepareButton.enabled
    assert not panel.ui.applyButton.enabled and "Press Prepare first" in panel.ui.applyButton.toolTip
    assert not panel.ui.explainButton.enabled and "Press Apply first" in panel.ui.explainButton.toolTip
    assert panel.answerView.card.isHidden() and not panel.ui.reportButton.enabled
    assert "Press Prepare" in panel.ui.cropLabel.text


def test_prepare_shows_the_crop_in_the_slice_views_with_what_was_found(panel, step, hot_scan):
    step("prepareButton")
    box = panel._parameterNode.cropBox
    assert panel.noticeBanner.isHidden()
    assert box.GetDisplayNode().GetVisibility() and box.GetDisplayNode().GetTranslationHandleVisibility()
    assert slice_offset() == pytest.approx(box.GetCenterWorld()[2], abs=0.01)
    width = min(slicer.app.layoutManager().sliceWidget("Red").mrmlSliceNode().GetFieldOfView()[:2])
    assert 100 < width < 160, "the box of 102 mm fills the view"
    assert "Fat-suppressed T2, by its contrast." in panel.ui.cropLabel.text
    assert panel.ui.applyButton.enabled


def test_unusual_contrast_is_a_warning_before_anything_is_estimated(panel, step, hot_scan, orbits):
    values = slicer.util.arrayFromVolume(hot_scan)
    fat = slicer.util.arrayFromSegmentBinaryLabelmap(orbits, "right_orbital_fat", hot_scan) \
        + slicer.util.arrayFromSegmentBinaryLabelmap(orbits, "left_orbital_fat", hot_scan)
    muscle = slicer.util.arrayFromSegmentBinaryLabelmap(orbits, "left_medial_rectus", hot_scan)
    values[fat > 0] = 0.95 * np.median(values[muscle > 0])
    slicer.util.arrayFromVolumeModified(hot_scan)
    step("prepareButton")
    assert "contrast is unusual" in panel.noticeBanner.text
    assert "contrast is unusual" in panel.ui.cropLabel.text


def test_slider_goes_through_the_five_slices_from_below(panel, step):
    step("prepareButton")
    middle = panel._parameterNode.cropBox.GetCenterWorld()[2]
    for number in (1, 5, 2):
        panel.ui.sliceSliderWidget.value = number
        assert slice_offset() == pytest.approx(middle + (number - 3) * 3.27, abs=0.01)
    step("prepareButton")
    assert panel.ui.sliceSliderWidget.value == 3 and slice_offset() == pytest.approx(middle, abs=0.01)


def test_dragged_crop_snaps_to_a_slice_is_told_and_can_be_put_back(panel, step):
    step("prepareButton")
    box = panel._parameterNode.cropBox
    start = np.array(box.GetCenterWorld())
    drag(panel, right=-6.0, forwards=2.5, up=-2.5)
    np.testing.assert_allclose(np.array(box.GetCenterWorld()) - start, [-6.0, 2.5, -3.27], atol=1e-3)
    text = panel.ui.cropLabel.text
    assert "6.0 mm to the left" in text and "2.5 mm forwards" in text and "1 slices down" in text
    box.SetSize(10, 10, 10)
    box.InvokeEvent(slicer.vtkMRMLMarkupsNode.PointEndInteractionEvent)
    np.testing.assert_allclose(box.GetSize(), [102.4, 102.4, 16.35], atol=1e-3)
    press(panel.ui.putBackButton)
    np.testing.assert_allclose(box.GetCenterWorld(), start, atol=1e-3)
    assert "yellow box" in panel.ui.cropLabel.text


def test_apply_classifies_the_crop_where_the_user_left_it(panel, step):
    step("prepareButton")
    drag(panel, right=5.0, up=3.27)
    expected = panel.confirmation.prepared.grid().affine
    step("applyButton")
    result = panel.result()
    np.testing.assert_allclose(result.record["crop"]["affine"], expected)
    crop = slicer.util.arrayFromVolume(result.seen)
    assert crop.shape == (5, 164, 164) and abs(crop.mean()) < 1


def test_result_card_says_probability_interval_decision_and_limits(panel, step):
    step("prepareButton")
    step("applyButton")
    card = panel.answerView.card
    record = panel.result().record
    assert not card.isHidden()
    assert card.headline_label.text.startswith("Active: probability of active disease")
    low, high = (round(100 * value) for value in record["interval"])
    text = card.lines_label.text
    assert f"{low}\u00a0% to {high}\u00a0%" in text and "threshold of 50\u00a0%" in text
    assert "synthetic phantoms: 108 patients" in text and "cases that the model had not learned from" in text
    assert "For research use only. Not for use in diagnostic procedures." in card.research_label.text
    assert panel.answerView.table_view.mrmlTableNode() is panel._parameterNode.result
    assert panel.ui.resultSelector.currentNode() is panel._parameterNode.result
    assert "The processor" in panel.answerView.summary_label.text


def test_explain_blends_the_heat_over_the_scan(panel, step, quick, hot_scan, hot_muscle):
    step("prepareButton")
    step("applyButton")
    step("explainButton")
    heat = panel.result().heat
    assert foregrounds() == {(hot_scan.GetID(), heat.GetID(), 0.6)}
    display = heat.GetDisplayNode()
    largest = slicer.util.arrayFromVolume(heat).max()
    assert display.GetApplyThreshold() and display.GetLowerThreshold() == pytest.approx(0.3 * largest, rel=1e-3)
    panel.ui.thresholdSliderWidget.value = 70
    panel.ui.opacitySliderWidget.value = 25
    assert display.GetLowerThreshold() == pytest.approx(0.7 * largest, rel=1e-3)
    assert foregrounds() == {(hot_scan.GetID(), heat.GetID(), 0.25)}
    table = panel.explanationView.table_view.mrmlTableNode()
    assert [table.GetCellText(0, column) for column in (0, 1)] == ["Lateral rectus", "right"]
    assert "24 pixels" in panel.explanationView.summary_label.text


def test_a_click_on_a_row_of_the_heat_shows_the_muscle(panel, step, quick, hot_scan):
    for button in ("prepareButton", "applyButton", "explainButton"):
        step(button)
    result = panel.result()
    rows = hottest_first(result.explanation["by_muscle"])
    for row in (0, len(rows) - 1):
        panel.explanationView.table_view.setCurrentCell(row, 0)
        middle = result.segmentation.GetSegmentCenterRAS(segment_id(rows[row]))
        for view in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
            shown = np.linalg.inv(slicer.util.arrayFromVTKMatrix(view.GetSliceToRAS())) @ [*middle, 1.0]
            assert np.abs(shown[:3]).max() < 0.1, "in the middle of the view, on its plane"


def test_choosing_an_earlier_result_shows_its_heat_instead_of_the_later_ones(panel, step, quick, hot_scan):
    step("prepareButton")
    step("applyButton")
    step("explainButton")
    first = panel.result()
    step("applyButton")
    second = panel.result()
    assert second.table is not first.table
    assert foregrounds() == {(hot_scan.GetID(), None, 0.0)}, "the new answer has no heat yet, the old heat is not its"
    panel.ui.resultSelector.setCurrentNode(first.table)
    step("explainButton")
    panel.ui.resultSelector.setCurrentNode(second.table)
    assert foregrounds() == {(hot_scan.GetID(), None, 0.0)}
    step("explainButton")
    assert foregrounds() == {(hot_scan.GetID(), second.heat.GetID(), 0.6)}
    panel.ui.resultSelector.setCurrentNode(first.table)
    assert foregrounds() == {(hot_scan.GetID(), first.heat.GetID(), 0.6)}


def test_reader_sees_the_heat_of_the_right_eye_on_the_left_of_the_picture(panel, step, slicer_session, orbits):
    assert panel.ui.eachSliceCheckBox.checked
    panel.ui.patchSpinBox.value, panel.ui.strideSpinBox.value = 12, 12
    for button in ("prepareButton", "applyButton", "explainButton"):
        step(button)
    PICTURES.mkdir(parents=True, exist_ok=True)
    slicer_session.grab(PICTURES / "tao_activity_window.png")
    panel._parameterNode.cropBox.GetDisplayNode().SetVisibility(False)
    orbits.GetDisplayNode().SetVisibility(False)
    view = slicer.app.layoutManager().sliceWidget("Red").sliceView()
    picture = PICTURES / "tao_activity_axial.png"
    slicer_session.grab(picture, view)
    pixels = qt.QImage(str(picture))
    warm = [x for x in range(pixels.width()) for y in range(0, pixels.height(), 2)
            if pixels.pixelColor(x, y).red() > pixels.pixelColor(x, y).blue() + 60]
    assert len(warm) > 50
    assert np.mean(np.array(warm) < pixels.width() / 2) > 0.98


def test_parameters_of_occlusion_reach_the_worker_and_grad_cam_needs_none(panel, step, quick):
    step("prepareButton")
    step("applyButton")
    panel._parameterNode.fill = Fill.DARK
    step("explainButton")
    assert "all five slices at once" in panel.explanationView.summary_label.text
    parameters = panel.result().explanation["parameters"]
    assert parameters["each_slice"] is False
    assert (parameters["patch"], parameters["stride"], parameters["fill"]) == (24, 12, -3.0)
    panel._parameterNode.method = Method.GRAD_CAM
    assert not panel.ui.patchSpinBox.enabled and not panel.ui.eachSliceCheckBox.enabled
    step("explainButton")
    assert panel.result().explanation["unit"] == "logit" and "Grad-CAM" in panel.explanationView.summary_label.text


def test_scan_without_glow_is_inactive_and_has_no_heat_to_show(panel, step, quick, cold_scan):
    panel.ui.inputSelector.setCurrentNode(cold_scan)
    step("prepareButton")
    step("applyButton")
    assert panel.answerView.card.headline_label.text.startswith("Inactive")
    step("explainButton")
    assert "no heat to show" in panel.explanationView.summary_label.text


def test_progress_appears_where_the_button_was_pressed_and_cancel_leaves_the_scene_alone(panel, slicer_session, step):
    step("prepareButton")
    step("applyButton")
    panel.ui.patchSpinBox.value, panel.ui.strideSpinBox.value = 4, 1
    before = scene_content()
    press(panel.ui.explainButton)
    wait_until(slicer_session, lambda: "patch by patch" in panel.runControl.status_label.text)
    assert panel.runControl.parent() is panel.ui.explainPlaceholder
    for button in (panel.ui.prepareButton, panel.ui.applyButton, panel.ui.explainButton):
        assert not button.enabled and button.toolTip == "A run is under way."
    press(panel.runControl.cancel_button)
    wait_until(slicer_session, lambda: is_idle(panel))
    assert scene_content() == before
    assert panel.noticeBanner.text == "Cancelled. The scene is as it was before."
    assert panel.ui.explainButton.enabled


def test_report_is_one_page_with_the_numbers_and_the_five_slices(panel, step, quick, tmp_path, monkeypatch):
    step("prepareButton")
    step("applyButton")
    step("explainButton")
    panel.reportButton.write(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64") == 5
    sha256 = panel.result().record["model"]["sha256"]
    for words in ("active, at the threshold", "Lateral rectus muscle", "1.21", "2.9", "For research use only",
                  "synthetic images only", "a square of 24 pixels", sha256):
        assert words in page
    assert "report.html" in panel.noticeBanner.text
    with monkeypatch.context() as patch:
        speak(patch)
        panel.reportButton.write(tmp_path / "other.html")
    left = untranslated((tmp_path / "other.html").read_text(encoding="utf-8"), facts_of(panel.result().record))
    assert not left
    panel.reportButton.write(tmp_path / "nowhere" / ".." / "report.html" / "report.html")
    assert "cannot be written" in panel.noticeBanner.text
    monkeypatch.setattr(dependencies, "ensure_packages", lack)
    panel.reportButton.write(tmp_path / "report.pdf")
    assert panel.noticeBanner.text == "The report as PDF lacks matplotlib." and not (tmp_path / "report.pdf").exists()


def lack(path: Path, requester: str) -> None:
    """Refuse as if the user had declined to install the package of a list."""
    raise Problem(f"{requester} lacks {path.read_text(encoding='utf-8').splitlines()[-1]}.")


def test_roc_and_reliability_of_the_model_are_native_plots(panel):
    view = panel.performanceView
    panel.ui.aboutCollapsibleButton.collapsed = False
    assert "160 synthetic scans of 108 patients: AUC 0.90 (0.85 to 0.95)" in view.text_label.text
    press(view.roc_button)
    press(view.reliability_button)
    press(view.roc_button)
    charts = slicer.util.getNodesByClass("vtkMRMLPlotChartNode")
    assert sorted(chart.GetYAxisTitle() for chart in charts) == ["Observed share", "Sensitivity"]
    assert any("AUC 0.90" in chart.GetTitle() for chart in charts)
    series = next(node for node in slicer.util.getNodesByClass("vtkMRMLPlotSeriesNode") if node.GetName() == "ROC")
    np.testing.assert_allclose(slicer.util.arrayFromTableColumn(series.GetTableNode(), "y"), [0, 0.8, 1])
    shown = slicer.util.getNodesByClass("vtkMRMLPlotViewNode")[0].GetPlotChartNode()
    assert shown.GetYAxisTitle() == "Sensitivity"


def test_a_model_that_was_judged_again_is_plotted_anew(panel, tmp_path):
    """The weights were the same, so the plot of the earlier evaluation was shown again, and none told of drawings."""
    made, view = write_glow_reader(tmp_path, "clinic"), panel.performanceView
    panel.modelChooser.set_folder(str(tmp_path))
    panel.onModelChosen("clinic")
    panel.ui.aboutCollapsibleButton.collapsed = False
    press(view.roc_button)
    judged = made.document("evaluation")
    again = {**judged, "roc": {**judged["roc"], "auc": 0.7, "low": 0.6, "high": 0.8}, "synthetic": False,
             "synthetic_cases": 60}
    write_package(made.folder, glow_reader().state_dict(), made.facts, documents={"evaluation": again})
    panel.modelChooser.set_folder("")
    panel.modelChooser.set_folder(str(tmp_path))
    panel._onParametersChanged()
    assert view.text_label.text == ("Judged on 160 cross-validated scans of 108 patients: AUC 0.70 (0.60 to 0.80). 60 "
                                    "of these scans are synthetic.")
    press(view.roc_button)
    shown = slicer.util.getNodesByClass("vtkMRMLPlotViewNode")[0].GetPlotChartNode()
    assert "AUC 0.70" in shown.GetTitle()
    panel.modelChooser.set_folder("")


def test_the_evaluation_of_another_model_than_that_of_the_answer_is_told_apart(panel, step, quick):
    """The AUC of the chosen model stood beside the answer of the one that was chosen before."""
    step("prepareButton")
    step("applyButton")
    label = panel.performanceView.text_label
    assert "AUC 0.90" in label.text and "another model" not in label.text
    index = panel.modelChooser.combo_box.findText("Glow reader tao-single")
    panel.modelChooser.combo_box.setCurrentIndex(index)
    panel.modelChooser.combo_box.activated.emit(index)
    assert "AUC" in label.text and "given by another model: tao-b 1.2.3" in label.text


def test_a_model_that_is_replaced_or_removed_while_the_panel_is_open(panel, step, tmp_path):
    """The new model answered beside the evaluation of the old one, and was said to be another model than itself."""
    own, chooser = write_glow_reader(tmp_path, "clinic").folder, panel.modelChooser
    chooser.set_folder(str(tmp_path))
    panel.onModelChosen("clinic")
    step("prepareButton")
    step("applyButton")
    write_package(own, glow_reader().state_dict(), replace(chooser.current_package().facts, version="2.0.0"))
    step("applyButton")
    assert panel.result().record["model"]["version"] == "2.0.0"
    assert panel.performanceView.text_label.text == "This model comes without an evaluation: there is nothing to plot."
    assert "Version: 2.0.0" in panel.ui.aboutLabel.text
    shutil.rmtree(own)
    step("applyButton")
    assert "There is no model clinic" in panel.noticeBanner.text
    assert chooser.combo_box.findText("Glow reader clinic") == -1
    assert not panel.ui.applyButton.enabled and "'clinic' is not installed" in panel.ui.applyButton.toolTip
    chooser.set_folder("")


def test_model_without_evaluation_says_that_there_is_nothing_to_plot(panel, packages_without_evaluation):
    assert panel.performanceView.roc_button.isHidden()
    assert "comes without an evaluation" in panel.performanceView.text_label.text


@pytest.fixture
def packages_without_evaluation(panel, monkeypatch):
    """The same models without their documents."""
    monkeypatch.setattr("NeuroOrbitLib.models.ModelPackage.document", lambda self, name: None)
    panel.modelChooser.reload()
    panel._onParametersChanged()


def test_only_classifiers_of_activity_are_offered(panel):
    names = [panel.modelChooser.combo_box.itemText(index) for index in range(panel.modelChooser.combo_box.count)]
    assert {"Glow reader tao-b", "Glow reader tao-single"} <= set(names)
    assert not [name for name in names if "Foreign" in name or "segment" in name.lower()]


def test_model_of_single_orbits_chooses_a_region_that_it_knows(panel, step):
    step("prepareButton")
    panel.modelChooser.set_current_name("tao-single")
    panel.onModelChosen("tao-single")
    assert panel._parameterNode.region is Region.RIGHT
    assert panel._parameterNode.cropBox.GetCenterWorld()[0] > 20
    panel._parameterNode.region = Region.LEFT
    assert panel._parameterNode.cropBox.GetCenterWorld()[0] < -20
    panel._parameterNode.region = Region.BOTH
    assert "not learned from crops of this region" in panel.ui.applyButton.toolTip


def test_an_eye_that_was_missing_can_be_segmented_and_the_button_says_what_comes_then(panel, step, orbits):
    """Whoever did what the button said, and segmented the eye, read the same words again."""
    panel.modelChooser.set_current_name("tao-single")
    panel.onModelChosen("tao-single")
    segmentation, eye = orbits.GetSegmentation(), slicer.vtkSegment()
    eye.DeepCopy(segmentation.GetSegment("left_eyeball"))
    segmentation.RemoveSegment("left_eyeball")
    panel._parameterNode.inputSegmentation = orbits
    step("prepareButton")
    panel._parameterNode.region = Region.LEFT
    told = panel.ui.applyButton.toolTip
    assert not panel.ui.applyButton.enabled
    assert "left eyeball is not in the segmentation" in told
    assert told.endswith("After a correction, press Prepare again.")
    segmentation.AddSegment(eye, "left_eyeball")
    step("prepareButton")
    panel._parameterNode.region = Region.LEFT
    assert panel.ui.applyButton.enabled


def test_model_that_is_not_installed_disables_all_steps(panel):
    panel._parameterNode.modelName = "model-of-a-colleague"
    assert not panel.ui.prepareButton.enabled
    assert "'model-of-a-colleague' is not installed" in panel.ui.prepareButton.toolTip


def test_other_scan_has_to_be_prepared_anew(panel, step, cold_scan):
    step("prepareButton")
    panel.ui.inputSelector.setCurrentNode(cold_scan)
    assert not panel.ui.applyButton.enabled and "has not been placed yet" in panel.ui.applyButton.toolTip
    assert "Press Prepare" in panel.ui.cropLabel.text, "what was found in the other scan is not told of this one"
    assert not panel.ui.sliceSliderWidget.enabled and not panel.ui.putBackButton.enabled


def test_orbits_that_were_found_in_one_scan_are_not_kept_for_another(panel, orbits, hot_scan, cold_scan):
    panel.ui.inputSelector.setCurrentNode(cold_scan)
    assert panel.ui.segmentationSelector.currentNode() is None, "they were drawn on a scan of perhaps another patient"
    orbits.SetNodeReferenceID("NeuroOrbit.scan", cold_scan.GetID())
    panel.ui.segmentationSelector.setCurrentNode(orbits)
    assert panel.ui.segmentationSelector.currentNode() is orbits
    panel.ui.inputSelector.setCurrentNode(hot_scan)
    assert panel.ui.segmentationSelector.currentNode() is None


def test_preparing_again_replaces_the_box(panel, step):
    step("prepareButton")
    step("prepareButton")
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLMarkupsROINode") == 1
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLTextNode") == 1


def colour_picture():
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLVectorVolumeNode", "Photo")
    slicer.util.updateVolumeFromArray(node, np.zeros((3, 4, 5, 3), np.uint8))
    return node


def time_series():
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLVectorVolumeNode", "Series")
    slicer.util.updateVolumeFromArray(node, np.zeros((3, 4, 5, 7), np.float32))
    return node


@pytest.mark.parametrize(("make", "words"), [
    (colour_picture, "'Photo' is a colour picture"),
    (time_series, "'Series' holds several values per voxel"),
    (lambda: slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Empty"), "'Empty' has no voxels"),
])
def test_unsuitable_volume_disables_all_steps_and_says_why(panel, hot_scan, make, words):
    panel.ui.inputSelector.setCurrentNode(make())
    assert not panel.ui.prepareButton.enabled
    assert words in panel.noticeBanner.text and words in panel.ui.prepareButton.toolTip
    panel.ui.inputSelector.setCurrentNode(hot_scan)
    assert panel.ui.prepareButton.enabled and panel.noticeBanner.isHidden()


def test_refused_scan_is_told_in_the_panel_and_nothing_is_added(panel, step, inactive_scan):
    image = inactive_scan.image
    scan = node_from_image(image.with_array((1.2 * image.array.max() - image.array).astype(np.float32)), "T1")
    labels = add_segmentation(Image(inactive_scan.labels.array, image.affine), scan, "Labels of T1")
    panel.ui.inputSelector.setCurrentNode(scan)
    panel.ui.segmentationSelector.setCurrentNode(labels)
    before = scene_content()
    step("prepareButton")
    assert "not a T2 series" in panel.noticeBanner.text and "fat-suppressed T2" in panel.noticeBanner.text
    assert scene_content() == before


def test_closing_the_scene_empties_the_panel(panel, step, quick):
    step("prepareButton")
    step("applyButton")
    step("explainButton")
    slicer.mrmlScene.Clear(0)
    assert panel.answerView.card.isHidden() and panel.explanationView.table_view.isHidden()
    assert not panel.ui.prepareButton.enabled and not panel.ui.reportButton.enabled
    assert panel.confirmation.prepared is None


def test_closing_the_scene_while_running_ends_the_run(panel, slicer_session, step):
    step("prepareButton")
    step("applyButton")
    panel.ui.patchSpinBox.value, panel.ui.strideSpinBox.value = 4, 1
    press(panel.ui.explainButton)
    wait_until(slicer_session, lambda: panel.runControl.progress_bar.value > 100)
    slicer.mrmlScene.Clear(0)
    assert is_idle(panel) and slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 0


def test_choices_and_results_come_back_with_the_scene(panel, step, quick, tmp_path):
    step("prepareButton")
    drag(panel, right=3.0)
    step("applyButton")
    step("explainButton")
    headline = panel.answerView.card.headline_label.text
    panel.ui.thresholdSliderWidget.value = 55
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    assert panel.answerView.card.headline_label.text == headline
    assert "changed after" not in panel.answerView.notices.text, "the orbits are those that were saved"
    assert panel._parameterNode.threshold == 55 and panel.ui.patchSpinBox.value == 24
    assert "3.0 mm to the right" in panel.ui.cropLabel.text
    assert panel.explanationView.table_view.mrmlTableNode().GetCellText(0, 0) == "Lateral rectus"
    assert panel.ui.applyButton.enabled and panel.ui.explainButton.enabled


def test_twenty_visits_leave_no_observers_and_no_timers(panel, step):
    step("prepareButton")

    def count():
        timers = [timer for timer in panel.runControl.findChildren(qt.QTimer) if timer.active]
        return len(panel.Observations), len(panel.confirmation.Observations), len(timers)

    before = count()
    for _ in range(20):
        panel.exit()
        panel.enter()
    assert count() == before and before[2] == 0


def test_nothing_of_one_patient_is_shown_on_the_next_scan(panel, step, quick, hot_scan, cold_scan):
    for button in ("prepareButton", "applyButton", "explainButton"):
        step(button)
    first, box, heat = panel.result(), panel._parameterNode.cropBox, panel.result().heat
    panel.ui.inputSelector.setCurrentNode(cold_scan)
    assert foregrounds() == {(cold_scan.GetID(), None, 0.0)}
    assert not box.GetDisplayNode().GetVisibility() and panel.answerView.card.isHidden()
    panel.ui.inputSelector.setCurrentNode(hot_scan)
    assert foregrounds() == {(hot_scan.GetID(), heat.GetID(), 0.6)}
    assert box.GetDisplayNode().GetVisibility() and panel.result().table is first.table


def test_a_scene_that_was_saved_in_another_module_shows_the_scan_of_the_panel(panel, step, quick, hot_scan, cold_scan,
                                                                                tmp_path):
    """The answer about one patient must not stand beside the scan of another one."""
    for button in ("prepareButton", "applyButton", "explainButton"):
        step(button)
    headline = panel.answerView.card.headline_label.text
    slicer.util.setSliceViewerLayers(background=cold_scan, foreground=None)
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    slicer.app.processEvents()
    assert panel.answerView.card.headline_label.text == headline and not panel.answerView.card.isHidden()
    assert foregrounds() == {(panel._parameterNode.inputVolume.GetID(), panel.result().heat.GetID(), 0.6)}
    assert panel._parameterNode.cropBox.GetDisplayNode().GetVisibility()


def test_a_crop_that_is_found_meanwhile_waits_until_its_scan_is_chosen_again(panel, slicer_session, hot_scan,
                                                                             cold_scan):
    press(panel.ui.prepareButton)
    panel.ui.inputSelector.setCurrentNode(cold_scan)
    wait_until(slicer_session, lambda: is_idle(panel))
    assert panel.ui.inputSelector.currentNode() is cold_scan and {shown[:2] for shown in foregrounds()} == {
        (cold_scan.GetID(), None)}
    assert not panel.ui.applyButton.enabled and "Choose this scan" in panel.noticeBanner.text
    (box,) = slicer.util.getNodesByClass("vtkMRMLMarkupsROINode")
    assert not box.GetDisplayNode().GetVisibility()
    panel.ui.inputSelector.setCurrentNode(hot_scan)
    assert panel._parameterNode.cropBox is box and box.GetDisplayNode().GetVisibility()
    assert {shown[0] for shown in foregrounds()} == {hot_scan.GetID()} and panel.confirmation.prepared is not None
    assert panel.ui.applyButton.enabled, panel.ui.applyButton.toolTip


def test_no_heat_of_one_patient_lies_over_a_scan_that_is_loaded_next(panel, step, quick, hot_scan, tmp_path):
    for button in ("prepareButton", "applyButton", "explainButton"):
        step(button)
    box, heat = panel._parameterNode.cropBox, panel.result().heat
    loaded = slicer.util.loadVolume(str(save_image(Image(np.ones((9, 20, 20), np.int16), np.diag([4, 4, 4, 1.0])),
                                                   tmp_path / "next.nii.gz")))
    slicer.app.processEvents()
    assert {shown[:2] for shown in foregrounds()} == {(loaded.GetID(), None)}
    assert not box.GetDisplayNode().GetVisibility()
    slicer.util.setSliceViewerLayers(background=hot_scan)
    assert foregrounds() == {(hot_scan.GetID(), heat.GetID(), 0.6)} and box.GetDisplayNode().GetVisibility()


def test_layout_has_no_empty_3d_view_unless_the_user_has_chosen_one(panel, step):
    layout = slicer.app.layoutManager()
    layout.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView)
    step("prepareButton")
    assert layout.layout == slicer.vtkMRMLLayoutNode.SlicerLayoutSideBySideView
    layout.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpPlotView)
    step("prepareButton")
    assert layout.layout == slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpPlotView


def test_heat_map_is_never_taken_for_a_scan(panel, step, quick, slicer_session, hot_scan, cold_scan):
    for button in ("prepareButton", "applyButton", "explainButton"):
        step(button)
    heat = panel.result().heat
    slicer.mrmlScene.RemoveNode(cold_scan)
    slicer.mrmlScene.RemoveNode(hot_scan)
    slicer.app.applicationLogic().GetSelectionNode().SetActiveVolumeID(heat.GetID())
    assert suggest_scan() is None


def test_a_second_segment_of_one_structure_is_told_before_and_with_the_answer(panel, step, orbits):
    double_segment(orbits, "right_eyeball", "Right eyeball, corrected")
    told = "'Right eyeball, corrected' of 'Orbits' is not used: 'Right eyeball' stands for the same structure"
    step("prepareButton")
    assert told in panel.noticeBanner.text
    step("applyButton")
    assert told in " ".join(notice["text"] for notice in panel.result().record["notices"])


def test_a_click_on_a_row_of_the_ratios_shows_the_muscle_of_another_programs_segmentation(panel, step, orbits):
    segmentation = orbits.GetSegmentation()
    for number, name in enumerate(list(segmentation.GetSegmentIDs())):
        segment = slicer.vtkSegment()
        segment.DeepCopy(segmentation.GetSegment(name))
        segmentation.RemoveSegment(name)
        segmentation.AddSegment(segment, f"Segment_{number}")
    step("prepareButton")
    step("applyButton")
    row = panel.result().record["ratios"][-1]
    panel.answerView.table_view.setCurrentCell(len(panel.result().record["ratios"]) - 1, 0)
    middle = orbits.GetSegmentCenterRAS(labelled_segments(orbits)[label_value(row["muscle"], row["side"])])
    for view in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        shown = np.linalg.inv(slicer.util.arrayFromVTKMatrix(view.GetSliceToRAS())) @ [*middle, 1.0]
        assert np.abs(shown[:3]).max() < 0.1, "in the middle of the view, on its plane"


def test_a_muscle_whose_name_says_the_other_side_is_told_before_and_with_the_answer(panel, step, orbits):
    orbits.GetSegmentation().GetSegment("right_medial_rectus").SetName("Left medial rectus")
    told = "'Left medial rectus' of 'Orbits' counts as 'Right medial rectus muscle'"
    step("prepareButton")
    assert told in panel.noticeBanner.text
    step("applyButton")
    assert told in " ".join(notice["text"] for notice in panel.result().record["notices"])


def test_an_answer_says_that_nerves_corrected_after_prepare_would_move_the_crop(panel, step, orbits, hot_scan):
    step("prepareButton")
    step("applyButton")
    assert "were edited after" not in panel.answerView.notices.text
    before, masks = panel.confirmation.prepared.grid().center, label_masks(orbits, hot_scan)
    for value in (label_value("optic_nerve", side) for side in ("right", "left")):
        higher = np.roll(masks[value], round(9.0 / hot_scan.GetSpacing()[2]), axis=0)
        set_segment_mask(orbits, segment_id(value), higher, hot_scan)
    step("applyButton")
    told = re.search(r"edited after the crop was placed: they would now place it (\d+) mm away. Press Prepare",
                     panel.answerView.notices.text)
    assert told is not None
    step("prepareButton")
    moved = np.linalg.norm(panel.confirmation.prepared.grid().center - before)
    assert moved > 5.0 and int(told.group(1)) == round(moved)
    step("applyButton")
    assert "were edited after" not in panel.answerView.notices.text


def test_an_answer_about_the_crop_where_it_was_says_so(panel, step, hot_scan, tmp_path):
    step("prepareButton")
    step("applyButton")
    assert "The crop was changed" not in panel.answerView.notices.text
    assert "such as the crop" not in results_of_patient(hot_scan)[0][1]
    drag(panel, right=20.0)
    assert "The crop was changed after this answer" in panel.answerView.notices.text
    ((_title, quoted),) = results_of_patient(hot_scan)
    assert "such as the crop, were changed after" in quoted, "the report of the orbits quotes it, too"
    panel.reportButton.write(tmp_path / "page.html")
    assert "The crop was changed after this answer" in (tmp_path / "page.html").read_text(encoding="utf-8")
    press(panel.ui.putBackButton)
    assert "The crop was changed" not in panel.answerView.notices.text
    assert "such as the crop" not in results_of_patient(hot_scan)[0][1]


def test_every_step_tells_that_the_processor_took_over_from_a_card_that_failed(panel, step, monkeypatch):
    """Of Prepare and Explain it stood in the record alone, although they take minutes longer."""
    accept, told = VolumeRun._accept, "The processor (CPU) computes: the graphics card failed."

    def accept_of_card(run: VolumeRun, result: object) -> object:
        result.value["device"] = {"name": "cpu", "reason": told, "is_fallback": True}
        return accept(run, result)

    step("prepareButton")
    noted = panel.noticeBanner.text
    monkeypatch.setattr(VolumeRun, "_accept", accept_of_card)
    for button in ("prepareButton", "applyButton", "explainButton"):
        step(button)
        assert told in panel.noticeBanner.text, button
        assert button != "prepareButton" or noted in panel.noticeBanner.text, "what Prepare tells stays"


def test_an_answer_about_voxels_that_were_changed_since_says_so(panel, step, hot_scan):
    step("prepareButton")
    step("applyButton")
    panel.exit()
    slicer.util.updateVolumeFromArray(hot_scan, slicer.util.arrayFromVolume(hot_scan) * 2)
    panel.enter()
    assert "scan or its segmentation was changed after" in panel.answerView.notices.text


@pytest.mark.parametrize("end", [
    lambda panel, table: slicer.mrmlScene.RemoveNode(table),
    lambda panel, table: panel.ui.resultSelector.setCurrentNode(None),
], ids=["deleted", "no longer chosen"])
def test_no_heat_stays_over_the_scan_without_its_answer(panel, step, quick, hot_scan, end):
    step("prepareButton")
    step("applyButton")
    step("explainButton")
    heat = panel.result().heat
    assert (hot_scan.GetID(), heat.GetID(), 0.6) in foregrounds()
    end(panel, panel.result().table)
    assert panel.result() is None and heat.GetID() not in {foreground for _scan, foreground, _opacity in foregrounds()}

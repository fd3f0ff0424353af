"""Several patients in one scene: muscles, features and reasons belong to the scan that is chosen."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import qt
import slicer
import vtk
from PySide6.QtTest import QTest

from IVGCResponseLib.mrml.patient_data import PATIENTS
from IVGCResponseLib.widgets.views import patient_form
from NeuroOrbitLib.anatomy import label_name, segment_id, structure
from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.classifiers.columns import Column
from NeuroOrbitLib.classifiers.recalibration import Recalibration
from NeuroOrbitLib.measurements.rows import Measured, Row
from NeuroOrbitLib.mrml.classifier_results import SEGMENTATION_REFERENCE
from NeuroOrbitLib.mrml.measurement_table import TableRow, add_measurement_table
from NeuroOrbitLib.mrml.patient_results import results_of_patient
from NeuroOrbitLib.mrml.provenance import add_record, image_sha256
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE
from NeuroOrbitLib.mrml.segment_masks import label_image, label_masks, set_segment_mask
from NeuroOrbitLib.mrml.visits import set_date
from NeuroOrbitLib.mrml.volumes import node_from_image
from NeuroOrbitLib.widgets.tab_order import order_tabs
from Testing.panels import is_idle, press, run_step, tab_steps_back, tab_stops, wait_until


@pytest.fixture
def step(slicer_session, panel):
    """Press a button of the panel by its name and wait for the end: ``step("applyButton")``."""
    return lambda name: run_step(slicer_session, panel, getattr(panel.ui, name))


def test_back_at_the_first_patient_the_muscles_need_not_be_found_again(panel, step, volume, muscles, scan):
    step("prepareButton")
    panel.ui.inputSelector.setCurrentNode(node_from_image(scan.image, "Second"))
    assert panel._parameterNode.inputSegmentation is None and not panel.ui.applyButton.enabled
    panel.ui.inputSelector.setCurrentNode(volume)
    assert panel._parameterNode.inputSegmentation is muscles and muscles.GetDisplayNode().GetVisibility()


@pytest.mark.parametrize("removed", [False, True])
def test_muscles_drawn_on_one_patient_are_not_taken_for_the_next_one(panel, volume, muscles, scan, removed):
    """Apply gave an answer about the second patient from the muscles of the first, without a word."""
    assert panel._parameterNode.inputSegmentation is muscles and muscles.GetNodeReference(SCAN_REFERENCE) is None
    second = node_from_image(scan.image, "Second")
    if removed:
        slicer.mrmlScene.RemoveNode(volume)
    panel.ui.inputSelector.setCurrentNode(second)
    assert panel._parameterNode.inputSegmentation is None and not panel.ui.applyButton.enabled


def test_muscles_drawn_on_another_scan_of_the_patient_stay_chosen(panel, muscles, scan, monkeypatch):
    monkeypatch.setattr("NeuroOrbitLib.mrml.visits.patient_of", lambda node: "A")
    panel.ui.inputSelector.setCurrentNode(node_from_image(scan.image, "Same patient"))
    assert panel._parameterNode.inputSegmentation is muscles and panel.ui.applyButton.enabled


def test_muscles_that_are_found_meanwhile_wait_until_their_scan_is_chosen_again(
        panel, slicer_session, volume, muscles, scan):
    second = node_from_image(scan.image, "Second")
    press(panel.ui.prepareButton)
    panel.ui.inputSelector.setCurrentNode(second)
    muscles.GetDisplayNode().SetVisibility(False)
    wait_until(slicer_session, lambda: is_idle(panel))
    assert panel._parameterNode.inputVolume is second is background() and panel._parameterNode.inputSegmentation is None
    assert not muscles.GetDisplayNode().GetVisibility() and "Choose this scan" in panel.noticeBanner.text
    panel.ui.inputSelector.setCurrentNode(volume)
    assert panel._parameterNode.inputSegmentation is muscles and muscles.GetDisplayNode().GetVisibility()
    assert background() is volume and panel.ui.applyButton.enabled, panel.ui.applyButton.toolTip


def test_muscles_that_were_corrected_after_apply_are_not_explained_as_if_they_were_the_answers(
        slicer_session, panel, step, volume, muscles):
    step("applyButton")
    mask = label_masks(muscles, volume)[9]
    mask[np.nonzero(mask)[0].max()] = False
    set_segment_mask(muscles, segment_id(9), mask, volume)
    press(panel.ui.explainButton)
    wait_until(slicer_session, lambda: is_idle(panel))
    assert "changed since this result was computed. Press Apply again" in panel.noticeBanner.text
    assert panel.result().heat is None


def test_an_answer_about_muscles_that_were_corrected_since_says_so(panel, step, volume, muscles, tmp_path):
    step("applyButton")
    assert "changed after" not in panel.answerView.notices.text
    panel.exit()
    mask = label_masks(muscles, volume)[9]
    mask[np.nonzero(mask)[0].max()] = False
    set_segment_mask(muscles, segment_id(9), mask, volume)
    panel.enter()
    assert "changed after" in panel.answerView.notices.text and panel.answerView.notices.visible
    panel.reportButton.write(tmp_path / "page.html")
    assert "changed after" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_volumes_of_muscles_that_were_corrected_since_are_not_shown(panel, step, volume, muscles):
    step("prepareButton")
    assert "Medial rectus: right" in panel.ui.musclesLabel.text
    panel.exit()
    mask = label_masks(muscles, volume)[9]
    mask[np.nonzero(mask)[0].max()] = False
    set_segment_mask(muscles, segment_id(9), mask, volume)
    panel.enter()
    assert "ml" not in panel.ui.musclesLabel.text and "measure the muscles" in panel.ui.musclesLabel.text


def test_volumes_of_muscles_that_were_corrected_while_they_were_measured_are_not_shown(
        slicer_session, panel, volume, muscles):
    press(panel.ui.prepareButton)
    mask = label_masks(muscles, volume)[9]
    mask[np.nonzero(mask)[0].max()] = False
    set_segment_mask(muscles, segment_id(9), mask, volume)
    wait_until(slicer_session, lambda: is_idle(panel))
    assert "ml" not in panel.ui.musclesLabel.text and "measure the muscles" in panel.ui.musclesLabel.text


def test_features_of_one_patient_are_not_shown_for_the_next_one(panel, volume, scan):
    features = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "First - radiomics")
    features.SetNodeReferenceID(SCAN_REFERENCE, volume.GetID())
    panel._parameterNode.features = features
    assert panel.featuresPart.table_view.mrmlTableNode() is features
    panel.ui.inputSelector.setCurrentNode(node_from_image(scan.image, "Second"))
    assert panel._parameterNode.features is None and panel.featuresPart.table_view.isHidden()


def test_features_of_muscles_that_were_corrected_since_say_so(panel, step, volume, muscles):
    panel.ui.featuresCollapsibleButton.collapsed = False
    step("featuresButton")
    assert panel.featuresPart.notices.isHidden()
    panel.exit()
    mask = label_masks(muscles, volume)[9]
    mask[np.nonzero(mask)[0].max()] = False
    set_segment_mask(muscles, segment_id(9), mask, volume)
    panel.enter()
    assert not panel.featuresPart.notices.isHidden() and "changed after" in panel.featuresPart.notices.text
    step("featuresButton")
    assert panel.featuresPart.notices.isHidden()
    slicer.mrmlScene.RemoveNode(muscles)
    panel._onParametersChanged()
    assert panel.featuresPart.notices.isHidden(), "nobody can tell any more"


def test_table_one_stays_until_there_are_features_to_show(panel, cohort):
    panel.featuresPart.show_table_one(cohort.folder)
    table = slicer.util.getNode("Table 1*")
    panel._parameterNode.prevalence = 30.0
    assert panel.featuresPart.table_view.mrmlTableNode() is table and not panel.featuresPart.table_view.isHidden()


def test_what_may_be_typed_can_be_read_in_every_field(panel):
    slicer.app.processEvents()
    fields = [field for field in panel.patientForm.form.fields.values() if isinstance(field, qt.QLineEdit)]
    assert fields
    for field in fields:
        assert field.fontMetrics().horizontalAdvance(field.placeholderText) < field.width - 10, field.placeholderText


def background() -> object:
    """The volume that the axial view shows."""
    name = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode().GetBackgroundVolumeID()
    return slicer.mrmlScene.GetNodeByID(name) if name else None


def cut() -> np.ndarray:
    """Where (RAS mm) sagittal, coronal and axial view cut."""
    nodes = [slicer.app.layoutManager().sliceWidget(view).mrmlSliceNode() for view in ("Yellow", "Green", "Red")]
    return np.array([node.GetSliceToRAS().GetElement(axis, 3) for axis, node in enumerate(nodes)])


def ijk(node: object, position: np.ndarray) -> list[int]:
    """The voxel of a volume at a place (RAS mm)."""
    to_ijk = vtk.vtkMatrix4x4()
    node.GetRASToIJKMatrix(to_ijk)
    return [round(value) for value in to_ijk.MultiplyPoint([*position, 1.0])[:3]]


def test_opening_the_panel_shows_the_scan_whose_numbers_it_shows(panel, step, slicer_session, volume, muscles, scan):
    step("applyButton")
    other = node_from_image(scan.image, "Seen in another module")
    panel.exit()
    slicer.util.setSliceViewerLayers(background=other)
    muscles.GetDisplayNode().SetVisibility(False)
    panel.enter()
    assert panel._parameterNode.inputVolume is volume and background() is volume
    assert muscles.GetDisplayNode().GetVisibility()


def test_opening_the_panel_leaves_views_that_show_its_scan_as_the_user_has_arranged_them(panel, volume, scan):
    blended = node_from_image(scan.image, "Blended")
    slicer.util.setSliceViewerLayers(background=volume, foreground=blended, foregroundOpacity=0.5)
    panel.exit()
    panel.enter()
    composite = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode()
    assert (background(), composite.GetForegroundVolumeID()) == (volume, blended.GetID())


def test_muscles_are_shown_over_their_scan_and_cut_by_every_view(panel, step, volume, muscles, scan):
    slicer.util.setSliceViewerLayers(background=node_from_image(scan.image, "Something else"))
    step("prepareButton")
    assert background() is volume
    bounds = np.zeros(6)
    muscles.GetRASBounds(bounds)
    low, high = bounds.reshape(3, 2).T
    assert (low < cut()).all() and (cut() < high).all()
    assert label_masks(muscles, volume)[1].any(axis=(0, 1))[ijk(volume, cut())[0]], "one orbit, not between both"


def test_a_click_on_a_row_of_the_reasons_shows_the_muscle_of_the_warmer_side(panel, step, muscles):
    step("applyButton")
    step("explainButton")
    explanation = panel.result().explanation
    panel.explanationView.table_view.setCurrentCell(1, 0)
    key = sorted(explanation["falls"], key=lambda name: -explanation["falls"][name])[1]
    warmer = max(structure(key).values, key=lambda value: explanation["by_muscle"].get(label_name(value), 0.0))
    assert cut() == pytest.approx(muscles.GetSegmentCenterRAS(segment_id(warmer)), abs=0.1)


def test_slices_go_to_the_hottest_muscle_and_not_to_a_corner_of_the_map(panel, step, volume, muscles):
    step("applyButton")
    step("explainButton")
    heat = panel.result().heat
    values = slicer.util.arrayFromVolume(heat)
    values[:] = 0.0
    values[:, -1, -1] = 9.0  # a corner above the orbits
    medial = label_masks(muscles, heat)[9]
    values[medial] = 1.0
    slicer.util.arrayFromVolumeModified(heat)
    panel.showChoice(volume, panel.result().table)
    i, j, k = ijk(heat, cut())
    assert medial[k, j, i]


def test_slices_go_to_the_hottest_muscle_of_a_patient_who_was_moved(panel, step, volume, muscles):
    step("applyButton")
    step("explainButton")
    heat = panel.result().heat
    medial = label_masks(muscles, heat)[9]
    values = slicer.util.arrayFromVolume(heat)
    values[:] = medial
    values[:, -1, -1] = 9.0  # a corner above the orbits
    slicer.util.arrayFromVolumeModified(heat)
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = np.eye(4)
    matrix[:3, 3] = (15.0, 0.0, 30.0)
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    for node in (volume, muscles):
        node.SetAndObserveTransformNodeID(transform.GetID())
    panel.showChoice(volume, panel.result().table)
    i, j, k = ijk(heat, cut())
    assert medial[k, j, i]


def train_on_own_features(models, cohort, request, columns: list[dict]) -> None:
    """Train "own-features" on a list of features; the package is removed after the test."""
    from IVGCResponseLib.clinical import FEATURES
    from IVGCResponseLib.task import TASK, documents, estimator_of, package_words
    from NeuroOrbitLib.classifiers.packing import train_package
    from NeuroOrbitLib.classifiers.training_config import config_from_dict

    (models / "own.json").write_text(json.dumps(columns))
    config = config_from_dict({"name": "own-features", "title": "Own features", "network": "clinical",
                               "schedule": None, "folds": 2, "repeats": 1})
    with FEATURES.chosen(models / "own.json"):
        train_package(TASK, cohort, estimator_of(config), config, package_words(config, cohort),
                      models / "own-features", documents=documents)
    request.addfinalizer(partial(shutil.rmtree, models / "own-features"))


def test_the_form_asks_what_the_chosen_model_has_learned_from(panel, step, models, cohort, request):
    """A model of one's own features: its fields, its answer in its words; another model has the shipped ones again."""
    train_on_own_features(models, cohort, request, [
        {"name": "age", "title": "Age", "unit": "years", "low": 0, "high": 90},
        {"name": "ratio MR", "title": "Ratio that was measured elsewhere", "low": 0, "high": 50}])
    panel.modelChooser.reload()
    panel._parameterNode.modelName = "own-features"
    assert set(panel.patientForm.form.fields) == {"age", "ratio MR"}
    field = panel.patientForm.form.fields["age"]
    field.setText("44")
    field.editingFinished.emit()
    step("applyButton")
    table = panel.result().table
    assert "Ratio that was measured elsewhere" in [table.GetCellText(row, 0) for row in range(table.GetNumberOfRows())]
    assert panel.result().record["clinical"] == {"age": 44.0}
    panel._parameterNode.modelName = "ivgc-rdinet"
    assert {"trab", "cas"} <= set(panel.patientForm.form.fields) and panel.patientForm.data.clinical == {"age": 44.0}
    assert panel.patientForm.form.fields["age"].text == "44"


def test_values_that_mean_something_else_to_a_model_are_not_given_to_it(panel, models, cohort, request):
    """8.5 IU/L were taken for 8.5 mIU/L, a smoker for a former one; the word for constant diplopia was not found."""
    train_on_own_features(models, cohort, request, [
        {"name": "age", "title": "Age", "unit": "years", "kind": "integer"},
        {"name": "trab", "title": "TRAb", "unit": "mIU/L", "low": 0, "high": 100000},
        {"name": "smoking", "title": "Smoking", "kind": "choice", "choices": {"never": 0, "former": 1, "current": 2}},
        {"name": "diplopia", "title": "Diplopia", "kind": "choice", "choices": {"no": 0, "some": 1}}])
    panel.modelChooser.reload()
    fields = panel.patientForm.form.fields
    type_in(fields["age"], "44")
    type_in(fields["trab"], "8.5")
    fields["smoking"].currentIndex = fields["smoking"].findText("yes")
    fields["diplopia"].currentIndex = fields["diplopia"].findText("constant")
    panel._parameterNode.modelName = "own-features"
    own = panel.patientForm.form.fields
    assert own["age"].text == "44" and own["trab"].text == ""
    assert (own["smoking"].currentText, own["diplopia"].currentText) == ("not known", "not known")
    assert panel.patientForm.finished().clinical == {"age": 44.0}
    type_in(own["trab"], "9000")
    panel._parameterNode.modelName = "ivgc-rdinet"
    again = panel.patientForm.form.fields
    assert (again["trab"].text, again["smoking"].currentText) == ("", "yes")
    assert again["diplopia"].currentText == "constant"


def test_the_tab_key_goes_through_the_panel_from_top_to_bottom(panel):
    assert tab_steps_back(panel.parent) == []


def test_the_fields_of_another_form_come_in_the_place_of_the_first_ones(slicer_session):
    window, form, button = qt.QWidget(), patient_form(lambda: None), qt.QPushButton("Apply")
    layout = qt.QVBoxLayout(window)
    layout.addWidget(form)
    layout.addWidget(button)
    order_tabs(window)
    form.set_columns([Column("age", "number", "Age"), Column("cas", "number", "CAS")])
    window.show()
    stops = [stop for stop in tab_stops(window) if stop in (*form.form.fields.values(), button)]
    assert stops == [form.form.fields["age"], form.form.fields["cas"], button]


def test_an_answer_of_other_data_of_the_patient_says_so(panel, step, volume, tmp_path):
    fields = panel.patientForm.form.fields
    type_in(fields["cas"], "5")
    step("applyButton")
    assert "other data" not in panel.answerView.notices.text
    ((_title, told),) = results_of_patient(volume)
    assert "data were changed" not in told
    type_in(fields["cas"], "6")
    ((_title, quoted),) = results_of_patient(volume)
    assert quoted.startswith("The patient's data were changed after this answer"), "the report of the orbits"
    assert "other data of the patient than those entered now (Clinical activity score)" in panel.answerView.notices.text
    panel.reportButton.write(tmp_path / "page.html")
    assert "other data of the patient" in (tmp_path / "page.html").read_text(encoding="utf-8")
    type_in(fields["cas"], "")
    assert results_of_patient(volume)[0][1].startswith("The patient's data were changed")
    type_in(fields["cas"], "5")
    assert "other data" not in panel.answerView.notices.text and results_of_patient(volume)[0][1] == told


def measure_exophthalmos(scan, millimetres: float) -> None:
    """Put a table with the exophthalmos of both eyes of a scan into the scene, as Orbit Segmentation does."""
    rows = [TableRow(Row("eyeball", side, "exophthalmos", Measured(millimetres))) for side in Side]
    add_measurement_table("Measures", rows, "CT").SetNodeReferenceID(SCAN_REFERENCE, scan.GetID())


def test_panel_and_report_judge_alike_whether_an_answer_is_of_other_data(panel, step, volume):
    """Of a value measured anew only the panel spoke, of one that the model does not take only the report."""
    measure_exophthalmos(volume, 17.0)
    panel.patientForm.follow(volume)
    step("applyButton")
    data = PATIENTS.patient_of(volume)
    PATIENTS.remember(volume, data.with_value("of another model", 3.0))
    panel._onParametersChanged()
    assert "other data" not in panel.answerView.notices.text
    assert "data were changed" not in results_of_patient(volume)[0][1]
    measure_exophthalmos(volume, 24.0)
    panel._onParametersChanged()
    assert "other data of the patient than those entered now (Exophthalmos, worse eye)" in panel.answerView.notices.text
    assert results_of_patient(volume)[0][1].startswith("The patient's data were changed after this answer")


def test_an_answer_says_that_another_recalibration_is_chosen_since(panel, step, tmp_path):
    """Probability and report stood there as those of the file in the field, which had no part in them."""
    step("applyButton")
    own = Recalibration("ivgc-rdinet", panel.result().record["model"]["sha256"], 0.5, 1.0, 40, 22, 0.2, 0.18)
    own.write(tmp_path / "own.json")
    panel.ui.recalibrationLineEdit.text = str(tmp_path / "own.json")
    assert "without the recalibration that is chosen now" in panel.answerView.notices.text
    panel.reportButton.write(tmp_path / "page.html")
    assert "without the recalibration that is chosen now" in (tmp_path / "page.html").read_text(encoding="utf-8")
    step("applyButton")
    assert "recalibration" not in panel.answerView.notices.text
    replace(own, slope=0.7).write(tmp_path / "own.json")
    panel._onParametersChanged()
    assert "without the recalibration that is chosen now" in panel.answerView.notices.text
    panel.ui.recalibrationLineEdit.text = ""
    assert "computed with a recalibration, and none is chosen now" in panel.answerView.notices.text


def test_the_hint_says_whose_scan_the_activity_is_of_and_whether_it_still_holds(panel, volume, muscles, scan,
                                                                                monkeypatch):
    """The probability of a visit years ago, or of a segmentation corrected since, passed for that of this scan."""
    old, same_day = node_from_image(scan.image, "Two years ago"), node_from_image(scan.image, "Axial")
    monkeypatch.setattr("NeuroOrbitLib.mrml.visits.patient_of", lambda node: "A")
    for node, day in ((volume, "2024-05-06"), (old, "2022-05-06"), (same_day, "2024-05-06")):
        set_date(node, day)
    add_activity(same_day, 0.75)
    add_activity(old, 0.12)
    panel.patientForm.follow(volume)
    assert "probability of 75 %" in panel.patientForm.hint_label.text
    assert "comes from 'Axial', the scan of 2024-05-06." in panel.patientForm.hint_label.text
    add_activity(volume, 0.9, muscles)
    panel.patientForm.follow(volume)
    assert "probability of 90 %" in panel.patientForm.hint_label.text
    assert not any(text in panel.patientForm.hint_label.text for text in ("comes from", "changed after"))
    mask = label_masks(muscles, volume)[9]
    mask[np.nonzero(mask)[0].max()] = False
    set_segment_mask(muscles, segment_id(9), mask, volume)
    panel.patientForm.follow(volume)
    assert "segmentation was changed after this answer was computed." in panel.patientForm.hint_label.text
    slicer.mrmlScene.RemoveNode(muscles)
    panel.patientForm.follow(volume)
    assert "segmentation that this answer rests on is no longer" in panel.patientForm.hint_label.text


def add_activity(scan, probability: float, orbits: slicer.vtkMRMLSegmentationNode | None = None) -> None:
    """Put an answer of TAOActivity on a scan into the scene."""
    table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "Activity")
    table.SetNodeReferenceID(SCAN_REFERENCE, scan.GetID())
    record = {"module": "TAOActivity", "probability": probability}
    if orbits is not None:
        table.SetNodeReferenceID(SEGMENTATION_REFERENCE, orbits.GetID())
        record["images_sha256"] = {"labels": image_sha256(label_image(orbits, scan))}
    add_record("record", record, [table])


def test_an_answer_about_voxels_that_were_changed_since_says_so(panel, step, volume, tmp_path):
    step("applyButton")
    panel.exit()
    slicer.util.updateVolumeFromArray(volume, slicer.util.arrayFromVolume(volume)[..., ::-1] + 0)
    panel.enter()
    assert "changed after" in panel.answerView.notices.text
    panel.reportButton.write(tmp_path / "page.html")
    assert "changed after" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_an_answer_whose_muscles_were_deleted_since_says_so(panel, step, muscles, tmp_path):
    """Deleted since they were wrong, they left their answer on the card as if nothing had happened."""
    step("applyButton")
    assert "no longer in the scene" not in panel.answerView.notices.text
    panel.exit()
    slicer.mrmlScene.RemoveNode(muscles)
    panel.enter()
    assert "segmentation that this answer rests on is no longer in the scene" in panel.answerView.notices.text
    panel.reportButton.write(tmp_path / "page.html")
    assert "no longer in the scene" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_an_answer_whose_scan_has_left_does_not_pass_for_one_of_another_scan(panel, step, volume, scan, tmp_path):
    """It stood beside the next patient's scan, and Apply took its muscles for those of that patient."""
    step("prepareButton")
    step("applyButton")
    table, second = panel._parameterNode.result, node_from_image(scan.image, "Next patient")
    slicer.mrmlScene.RemoveNode(volume)
    panel.ui.inputSelector.setCurrentNode(second)
    panel.ui.resultSelector.setCurrentNode(table)
    assert panel._parameterNode.result is table and panel._parameterNode.inputVolume is None
    assert "scan that this answer is about is no longer in the scene" in panel.answerView.notices.text
    assert not panel.ui.applyButton.enabled
    panel.reportButton.write(tmp_path / "page.html")
    assert "about is no longer in the scene" in (tmp_path / "page.html").read_text(encoding="utf-8")
    panel.ui.inputSelector.setCurrentNode(second)
    assert panel._parameterNode.inputSegmentation is None and panel._parameterNode.result is None
    assert not panel.ui.applyButton.enabled


def test_a_scene_whose_scan_has_lost_its_file_shows_the_answer_without_it(panel, step, volume, tmp_path, capfd):
    """The panel could not be opened: the voxels of the answer's scan were looked for where there were none."""
    step("applyButton")
    panel.ui.featuresCollapsibleButton.collapsed = False
    step("featuresButton")
    panel.exit()
    slicer.util.setSliceViewerLayers(background=None)
    volume.SetAndObserveImageData(None)
    panel.enter()
    table = panel._parameterNode.result or slicer.util.getNode("First - response, numbers")
    panel.ui.resultSelector.setCurrentNode(table)
    assert not panel.answerView.card.isHidden()
    assert "scan that this answer is about is no longer in the scene" in panel.answerView.notices.text
    panel.reportButton.write(tmp_path / "page.html")
    assert (tmp_path / "page.html").exists() and results_of_patient(volume)
    assert "Traceback" not in capfd.readouterr().err


def test_what_is_being_typed_counts_when_a_button_is_pressed(panel, step, volume):
    """On macOS a click on a button leaves the cursor in the field."""
    field = panel.patientForm.form.fields["cas"]
    QTest.keyClicks(field, "5")
    step("applyButton")
    assert panel.result().record["numbers"]["cas"] == 5.0


def type_in(field, text: str) -> None:
    """Type a value and leave the field."""
    field.setText(text)
    field.editingFinished.emit()


def test_reasons_without_heat_are_shown_as_well(panel, step):
    panel.onModelChosen("ivgc-radiomics")
    step("applyButton")
    step("explainButton")
    assert panel.result().heat is None and not panel.explanationView.table_view.isHidden()
    assert panel.explanationView.table_view.rowCount == 4
    assert "the leading one is" in panel.explanationView.summary_label.text
    assert not panel.ui.opacitySliderWidget.enabled

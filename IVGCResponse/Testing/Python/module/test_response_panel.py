"""The panel as a doctor uses it: muscles, patient's data, answer, reasons, features; and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import qt
import slicer

from IVGCResponseLib.inventory import SAMPLES
from IVGCResponseLib.mrml.parameters import FeatureRegions
from IVGCResponseLib.mrml.patient_data import PATIENTS
from IVGCResponseLib.number_words import words_of
from IVGCResponseLib.widgets.views import patient_form
from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.classifiers.recalibration import Recalibration
from NeuroOrbitLib.measurements.rows import Measured, Row
from NeuroOrbitLib.models import Inventory
from NeuroOrbitLib.mrml import provenance, translation
from NeuroOrbitLib.mrml.classifier_results import RESULT_ATTRIBUTE
from NeuroOrbitLib.mrml.measurement_table import TableRow, add_measurement_table
from NeuroOrbitLib.mrml.number_tables import number_rows
from NeuroOrbitLib.mrml.patient_data import PatientData
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE
from NeuroOrbitLib.mrml.volumes import node_from_image
from NeuroOrbitLib.problem import Problem
from Testing.panels import double_segment, is_idle, press, run_step, scene_content, self_tests_of, wait_until
from Testing.pseudo_language import facts_of, speak, untranslated


@pytest.fixture
def step(slicer_session, panel):
    """Press a button of the panel by its name and wait for the end: ``step("applyButton")``."""
    return lambda name: run_step(slicer_session, panel, getattr(panel.ui, name))


def say(panel, name: str, text: str) -> None:
    """Type a value, or choose a word, as the user does."""
    field = panel.patientForm.form.fields[name]
    if isinstance(field, qt.QComboBox):
        field.setCurrentIndex(field.findText(text))
        return
    field.setText(text)
    field.editingFinished.emit()


def columns(table) -> dict[str, list[str]]:
    """The cells of a table by the names of its columns."""
    return {table.GetColumnName(number): [table.GetCellText(row, number) for row in range(table.GetNumberOfRows())]
            for number in range(table.GetNumberOfColumns())}


def test_a_patient_from_the_muscles_to_the_reasons(panel, step, volume, muscles, tmp_path, monkeypatch):
    slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView)
    step("prepareButton")
    assert slicer.app.layoutManager().layout == slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView
    assert "Medial rectus: right" in panel.ui.musclesLabel.text and panel._parameterNode.inputSegmentation is muscles
    say(panel, "age", "45")
    say(panel, "cas", "5")
    say(panel, "trab", "8,5")
    step("applyButton")
    result = panel.result()
    assert result.scan is volume and result.segmentation is muscles and result.record["imputed"] == []
    assert result.record["clinical"] == {"age": 45.0, "cas": 5.0, "trab": 8.5}
    headline = panel.answerView.card.headline_label.text
    words = "Responder" if result.record["decision"] == "responder" else "Non-responder"
    assert headline.startswith(f"{words}: probability of response") and headline.endswith("%")
    numbers = columns(result.table)
    assert numbers["number"][:3] == ["Age (years)", "Clinical activity score", "TSH receptor antibodies (IU/L)"]
    assert float(numbers["value"][2]) == 8.5
    assert "does not state its sensitivity" in panel.ui.predictiveLabel.text
    step("explainButton")
    assert result.heat is not None and columns(result.heat_table)["muscle"][0] in (
        "Superior rectus", "Inferior rectus", "Medial rectus", "Lateral rectus")
    assert result.heat_table.GetColumnUnitLabel("fall") == "points"
    assert "percentage points" in result.heat_table.GetColumnDescription("fall")
    assert "Grad-CAM" in panel.explanationView.summary_label.text
    assert "Fall of the probability in percentage points" in panel.explanationView.summary_label.text
    panel.reportButton.write(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Response to intravenous glucocorticoids" in page and "For research use only" in page and "8.5" in page
    with monkeypatch.context() as patch:
        speak(patch)
        panel.reportButton.write(tmp_path / "other.html")
    left = untranslated((tmp_path / "other.html").read_text(encoding="utf-8"), facts_of(panel.result().record))
    assert left <= {"IU", "logMAR", "mm", "mmHg"}, "all but units"


def test_missing_data_are_told_with_what_they_could_change(panel, step):
    say(panel, "age", "45")
    step("applyButton")
    assert set(panel.result().record["imputed"]) == {"cas", "trab"}
    assert "If it were known" in panel.answerView.card.lines_label.text
    assert "replaced by the mean of the training" in panel.answerView.notices.text
    assert columns(panel.result().table)["remark"][:3] == ["", "not given", "not given"]


@pytest.mark.parametrize(("name", "text", "told"), [
    ("trab", "8500", "no patient has in this unit"), ("age", "old", "Write a number in years"),
])
def test_a_value_that_cannot_be_is_told_and_nothing_is_estimated(panel, name, text, told):
    say(panel, name, text)
    assert told in panel.patientForm.gate_label.text
    assert not panel.ui.applyButton.enabled and told in panel.ui.applyButton.toolTip
    say(panel, name, "")
    assert panel.ui.applyButton.enabled


def test_a_child_meets_the_gate_and_another_unit_is_converted(panel, volume):
    say(panel, "age", "5")
    told = panel.patientForm.gate_label.text
    assert "Not what the models were made for. The patient is younger than 18 years" in told
    assert not panel.ui.applyButton.enabled and not panel.patientForm.anyway_box.isHidden()
    say(panel, "age", "45")
    say(panel, "trab", "8500 mIU/L")
    assert panel.ui.applyButton.enabled and PATIENTS.patient_of(volume).clinical == {"age": 45.0, "trab": 8.5}
    assert panel.patientForm.form.fields["trab"].text == "8.5"
    say(panel, "trab", "8 mg/dl")
    assert "cannot be converted from mg/dl" in panel.ui.applyButton.toolTip


def test_numbers_are_told_in_words_with_their_explanation(panel, step):
    step("applyButton")
    view = panel.answerView.table_view
    shown = {view.item(row, 0).text(): view.item(row, 0).toolTip() for row in range(view.rowCount)}
    assert shown["Age (years)"] == "Age at the scan." and "temporal muscles" in shown["Signal ratio, all recti"]
    rows = number_rows({"numbers": {"smoking": 1.0, "thyroid_status": 0.0}, "imputed": [], "ratios": {}, "places": [
        {"name": "smoking", "value": 1.0, "low": 0.0, "high": 1.0, "percentile": 70.0, "outside": False}]}, words_of)
    assert [row["value"] for row in rows] == ["yes", "euthyroid"] and (rows[0]["low"], rows[0]["high"]) == ("no", "yes")


def test_the_fit_to_ones_own_patients_is_used_and_told(panel, step, tmp_path, models):
    step("applyButton")
    plain = panel.result().record
    own = Recalibration("ivgc-rdinet", plain["model"]["sha256"], 0.5, 1.0, 40, 22, 0.2, 0.18)
    own.write(tmp_path / "own.json")
    panel.ui.recalibrationLineEdit.text = str(tmp_path / "own.json")
    step("applyButton")
    record = panel.result().record
    assert record["probability_of_response"] == pytest.approx(own.probability(plain["probability_of_response"]))
    assert "fitted to 40 of your own patients, of whom 22" in panel.answerView.card.lines_label.text
    assert record["interval"] is None and str(tmp_path) not in json.dumps(record["parameters"])
    step("explainButton")
    assert panel.result().explanation["parameters"]["recalibration"]["slope"] == 0.5
    replace(own, sha256="0" * 64).write(tmp_path / "own.json")
    step("applyButton")
    assert "belongs to another model or version" in panel.noticeBanner.text
    panel.ui.recalibrationLineEdit.text = str(tmp_path / "nothing.json")
    press(panel.ui.applyButton)
    assert "nothing.json' cannot be read" in panel.noticeBanner.text


def test_a_patient_whom_the_model_was_not_made_for_is_estimated_on_request_only(panel, step):
    say(panel, "cas", "1")
    assert not panel.ui.applyButton.enabled and "inactive disease" in panel.ui.applyButton.toolTip
    panel.patientForm.gate_boxes["optic_neuropathy"].checked = True
    assert "Optic neuropathy needs a different treatment at once" in panel.patientForm.gate_label.text
    panel.patientForm.anyway_box.checked = True
    step("applyButton")
    assert "Not what the model was made for" in panel.answerView.notices.text


def test_the_form_speaks_the_users_language(panel, volume, monkeypatch):
    """Names, words, explanations, questions and reasons of the pure code go through the application's translator."""
    monkeypatch.setattr(translation, "translate", lambda context, text: f"<{text}>")
    form = patient_form(lambda: None)
    form.follow(volume)
    labels = [label.text for label in form.form.findChildren(qt.QLabel)]
    assert "<<Age> (<years>)>:" in labels
    assert form.gate_boxes["treated"].text == "<Has intravenous treatment already begun?>"
    status = form.form.fields["thyroid_status"]
    assert status.itemText(1) == "<euthyroid>" and "<At the scan; in the order" in status.toolTip
    form.gate_boxes["treated"].checked = True
    assert "<The treatment has begun: the models look at scans from before it.>" in form.gate_label.text
    status.setCurrentIndex(2)
    assert PATIENTS.patient_of(volume).clinical["thyroid_status"] == 1.0


def test_a_second_patient_has_data_and_results_of_their_own(panel, step, volume, scan):
    say(panel, "age", "45")
    step("applyButton")
    first = panel._parameterNode.result
    second = node_from_image(scan.image, "Second")
    panel.ui.inputSelector.setCurrentNode(second)
    assert panel._parameterNode.result is None and panel.answerView.card.isHidden()
    assert panel.patientForm.form.fields["age"].text == "" and PATIENTS.patient_of(second).clinical == {}
    panel.ui.inputSelector.setCurrentNode(volume)
    PATIENTS.remember(volume, PatientData({"trab": 3.4000000000000004, "age": 45.0}))
    panel.patientForm.follow(second)
    panel.patientForm.follow(volume)
    assert panel.patientForm.form.fields["trab"].text == "3.4"
    assert panel._parameterNode.result is first and panel.patientForm.form.fields["age"].text == "45"


def test_a_reopened_scene_shows_data_and_result(panel, step, slicer_session, tmp_path):
    say(panel, "smoking", "yes")
    step("applyButton")
    headline = panel.answerView.card.headline_label.text
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    panel.enter()
    assert panel.answerView.card.headline_label.text == headline
    assert "changed after" not in panel.answerView.notices.text, "the muscles are those that were saved"
    assert panel.patientForm.form.fields["smoking"].currentText == "yes"


def test_cancelling_leaves_the_scene_as_it_was(panel, slicer_session):
    before = scene_content()
    press(panel.ui.applyButton)
    panel.runControl.cancel()
    wait_until(slicer_session, lambda: is_idle(panel))
    assert scene_content() == before and "Cancelled" in panel.noticeBanner.text


def test_without_a_model_the_muscles_can_be_measured_and_training_is_advised(panel, step, monkeypatch):
    monkeypatch.setattr(panel.modelChooser, "_take_inventory", lambda folder: Inventory((), ()))
    panel.modelChooser.reload()
    panel._onParametersChanged()
    assert not panel.ui.applyButton.enabled and "python -m IVGCResponseLib train" in panel.ui.applyButton.toolTip
    step("prepareButton")
    assert "Medial rectus" in panel.ui.musclesLabel.text


def test_features_are_a_table_with_a_sentence_on_each(panel, step):
    panel.ui.featuresCollapsibleButton.collapsed = False
    step("featuresButton")
    found = columns(panel._parameterNode.features)
    assert set(found["region"]) == {"SR", "IR", "MR", "LR", "MR+LR", "4_recti"} and len(found["name"]) == 6 * 660
    row = found["name"].index("original_shape_VoxelVolume")
    assert found["unit"][row] == "mm3" and "voxel" in found["meaning"][row].lower()
    table, column = panel._parameterNode.features, list(found).index("value")
    values = [table.GetTable().GetColumn(column).GetValue(row) for row in range(table.GetNumberOfRows())]
    small = [value for value in values if 0 < abs(value) < 1e-2]
    assert small and all(value != round(value, 6) for value in small)
    assert not panel.featuresPart.table_view.isHidden()


def test_features_tell_of_a_second_segment_of_a_muscle_that_they_leave_out(panel, step, muscles):
    double_segment(muscles, "right_medial_rectus", "Drawn again")
    panel.ui.featuresCollapsibleButton.collapsed = False
    step("featuresButton")
    assert "The segment 'Drawn again'" in panel.noticeBanner.text and "is not used" in panel.noticeBanner.text


def test_features_of_every_segment_tell_of_those_that_are_not_measured(panel, step, muscles):
    drawn = muscles.GetSegmentation()
    for name in drawn.GetSegmentIDs()[1:]:
        drawn.RemoveSegment(name)
    drawn.AddEmptySegment("tumour", "Tumour")
    panel._parameterNode.featureRegions = FeatureRegions.LABELS
    panel.ui.featuresCollapsibleButton.collapsed = False
    step("featuresButton")
    assert "Not measured" in panel.noticeBanner.text and "Tumour" in panel.noticeBanner.text


def test_table_one_of_a_cohort_is_a_table_and_another_folder_is_refused(panel, cohort, tmp_path):
    panel.featuresPart.show_table_one(cohort.folder)
    table = slicer.util.getNode("Table 1*")
    assert "Age (years)" in [table.GetCellText(row, 0) for row in range(table.GetNumberOfRows())]
    panel.featuresPart.show_table_one(tmp_path)
    assert "not a prepared cohort" in panel.noticeBanner.text


def test_results_of_other_modules_are_not_offered(panel):
    other = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "Ratios")
    other.SetAttribute(RESULT_ATTRIBUTE, "TAOActivity")
    offered = panel.ui.resultSelector
    assert other not in [offered.nodeFromIndex(number) for number in range(offered.nodeCount())]


def test_another_series_is_refused_before_orbits_are_segmented_and_nothing_stays(logic, volume, monkeypatch):
    monkeypatch.setattr("IVGCResponseLib.mrml.runs.technique_fields",
                        lambda scan: {"Modality": "MR", "EchoTime": "12", "RepetitionTime": "600"})
    before = scene_content()
    with pytest.raises(Problem, match="This is not a T2 series"):
        logic.prepare(volume)
    assert scene_content() == before


def test_data_that_dicom_knows_are_filled_in(volume, monkeypatch):
    monkeypatch.setattr("IVGCResponseLib.mrml.patient_data.dicom_fields",
                        lambda scan, tags: {"PatientAge": "047Y", "PatientSex": "F"})
    data = PATIENTS.patient_of(volume)
    assert data.clinical == {"age": 47.0, "sex": 0.0} and data.sources == {"age": "DICOM", "sex": "DICOM"}
    assert json.dumps(dict(data.with_value("age", 48.0).sources)) == '{"sex": "DICOM"}'
    PATIENTS.remember(volume, data.with_value("age", None))
    assert PATIENTS.patient_of(volume).clinical == {"sex": 0.0}, "what the user emptied was filled in again"


def test_measures_and_activity_of_the_same_patient_are_taken_over(panel, volume, scan, monkeypatch):
    """Exophthalmos measured on another scan of the patient fills its field; TAOActivity's answer is told."""
    other, foreign = node_from_image(scan.image, "CT"), node_from_image(scan.image, "Another patient")
    names = {volume.GetID(): "A", other.GetID(): "A", foreign.GetID(): "B"}
    monkeypatch.setattr("NeuroOrbitLib.mrml.visits.patient_of", lambda node: names[node.GetID()])
    say(panel, "age", "45")
    for node, (right, left) in ((other, (17.26, 21.04)), (foreign, (30.0, 31.0))):
        rows = [TableRow(Row("eyeball", side, "exophthalmos", Measured(value)))
                for side, value in ((Side.RIGHT, right), (Side.LEFT, left))]
        add_measurement_table("Measures", rows, "CT").SetNodeReferenceID(SCAN_REFERENCE, node.GetID())
    tables = [slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "Activity") for _node in (other, foreign)]
    for table, node, probability in zip(tables, (other, foreign), (0.12, 0.99), strict=True):
        table.SetNodeReferenceID(SCAN_REFERENCE, node.GetID())
        provenance.add_record("record", {"module": "TAOActivity", "probability": probability}, [table])
    panel.patientForm.follow(volume)
    assert panel.patientForm.form.fields["exophthalmos"].text == "21"
    assert "measured on the scan" in panel.patientForm.source_label.text
    assert "probability of 12 %" in panel.patientForm.hint_label.text
    assert panel.patientForm.data.clinical == {"age": 45.0, "exophthalmos": 21.0}
    say(panel, "cas", "4")
    assert panel.patientForm.hint_label.text == ""


def test_sample_data_offers_two_patients_with_pictures(module):
    sources = {source.sampleName: source for source in slicer.modules.sampleDataSources["Orbit"]}
    for name in SAMPLES.values():
        assert not qt.QPixmap(sources[name].thumbnailFileName).isNull()
    assert not module.icon.isNull() and "research use only" in module.helpText
    assert "Part of the extension NeuroOrbit." in module.acknowledgementText


def test_self_test_refuses_an_empty_volume(module):
    import sys

    test = sys.modules["IVGCResponse"].IVGCResponseTest()
    test.setUp()
    test.test_emptyVolumeIsRefused()


def test_extension_build_runs_the_self_test_and_no_other_class(module):
    assert self_tests_of("IVGCResponse") == {"IVGCResponseTest"}


def test_a_second_segment_of_one_structure_is_told_before_and_with_the_answer(panel, step, muscles):
    double_segment(muscles, "right_medial_rectus", "Medial rectus, corrected")
    told = "'Medial rectus, corrected' of 'Muscles' is not used: 'Right medial rectus muscle' stands for the same"
    step("prepareButton")
    assert told in panel.noticeBanner.text
    step("applyButton")
    assert told in " ".join(notice["text"] for notice in panel.result().record["notices"])

"""The button DICOM as a radiologist uses it: into the application's DICOM database or into a folder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
import qt
import slicer
from DICOMLib import DICOMUtils
from PySide6.QtTest import QTest

from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml import provenance
from NeuroOrbitLib.mrml.classifier_results import HEAT_REFERENCE, RESULT_ATTRIBUTE
from NeuroOrbitLib.mrml.heat_maps import add_heat_map
from NeuroOrbitLib.mrml.measurement_table import MeasurementEdits, measurements_of, rows_of
from NeuroOrbitLib.mrml.patient_results import SUMMARY_ATTRIBUTE
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE, scan_of
from NeuroOrbitLib.mrml.segment_content import keep_content
from NeuroOrbitLib.mrml.segmentation_results import TABLE_REFERENCE
from NeuroOrbitLib.mrml.segmentations import add_segmentation
from NeuroOrbitLib.mrml.tables import Column, add_table
from NeuroOrbitLib.mrml.volumes import ijk_to_local, node_from_image
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets import dependencies
from NeuroOrbitLib.widgets.run_control import RunState
from Testing.dicom_series import write_image
from Testing.Python.measurements.heads import head, label_map

DATABASE, FOLDER, DEIDENTIFIED = range(3)


@pytest.fixture(scope="module")
def labels():
    """Labels of a head, coarse enough to be measured in a moment."""
    return label_map(head(5, 0.6), (2.0, 2.0, 2.0))


@pytest.fixture
def patients(slicer_session, labels, tmp_path):
    """Segmentations of two patients whose scans were loaded from the DICOM database."""
    (tmp_path / "database").mkdir()
    assert DICOMUtils.openDatabase(str(tmp_path / "database"))
    segmentations = []
    for number, name in enumerate(("A", "B"), start=1):
        folder = write_image(labels.with_array(np.where(labels.array > 0, 40, -100)), tmp_path / name, PatientID=name,
                             PatientName=f"{name}^Patient", StudyInstanceUID=f"1.2.3.{number}")
        assert DICOMUtils.importDicom(str(folder))
        image = load_image(folder)
        scan = node_from_image(image, f"CT of {name}")
        scan.SetAttribute("DICOM.instanceUIDs", " ".join(
            pydicom.dcmread(path).SOPInstanceUID for path in sorted(folder.iterdir())))
        segmentations.append(add_segmentation(image.with_array(labels.array), scan, f"Orbits of {name}"))
    return segmentations


@pytest.fixture
def choose(choose_of, patients):
    """Chooses a patient's segmentation and an entry of the button's menu; returns what is told."""
    return lambda patient, entry: choose_of(patients[patient], entry)


@pytest.fixture
def choose_of(panel):
    """Chooses a segmentation and an entry of the button's menu, as a user does; returns what is told."""
    def choose_(segmentation: slicer.vtkMRMLSegmentationNode, entry: int) -> str:
        panel.ui.measuredSelector.setCurrentNode(segmentation)
        take_home = panel.measurePart.take_home
        assert take_home.dicom_button.enabled
        QTest.mouseClick(take_home.dicom_button, qt.Qt.LeftButton)
        menu = take_home.dicom_button.menu()
        assert menu.visible
        menu.setActiveAction(menu.actions()[entry])
        QTest.keyClick(menu, qt.Qt.Key_Return)
        return take_home.banner.text

    return choose_


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """The folder that the user chooses when asked for one."""
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "results"))
    return tmp_path / "results"


def filed() -> dict[str, list[str]]:
    """Kinds of results in the database, by patient."""
    found: dict[str, list[str]] = {}
    for path in sorted(Path(slicer.dicomDatabase.databaseDirectory).rglob("*.dcm")):
        data = pydicom.dcmread(path, stop_before_pixels=True)
        found.setdefault(f"{data.PatientID} {data.StudyInstanceUID}", []).append(data.Modality)
    return {patient: sorted(kinds) for patient, kinds in found.items()}


def test_results_of_two_patients_are_filed_in_their_own_studies(choose, folder):
    told = choose(0, DATABASE)
    assert "segmentation and its measures are in the DICOM database" in told and "DICOM module" in told
    assert filed() == {"A 1.2.3.1": ["SEG", "SR"]}
    choose(1, DATABASE)
    assert filed() == {"A 1.2.3.1": ["SEG", "SR"], "B 1.2.3.2": ["SEG", "SR"]}
    assert not folder.exists()


def test_results_go_into_a_folder_if_the_user_wants_that(choose, folder):
    told = choose(0, FOLDER)
    assert str(folder) in told and "segmentation.dcm, measurements.dcm" in told
    assert sorted(path.name for path in folder.iterdir()) == ["measurements.dcm", "segmentation.dcm"] and not filed()


def test_dicom_names_the_model_that_outlined_and_whether_somebody_went_over_it(choose, patients, folder,
                                                                                   monkeypatch):
    """An automatic outline that is called manual passes for a reader's."""
    monkeypatch.setattr(slicer.util, "confirmYesNoDisplay", lambda *_, **__: True)
    choose(0, FOLDER)
    assert kinds_of(folder) == {("MANUAL", "")}
    insert_record(patients[1])
    choose(1, FOLDER)
    assert kinds_of(folder) == {("AUTOMATIC", "orbit-any-contrast 0.9.0")}
    array = slicer.util.arrayFromSegmentBinaryLabelmap(patients[1], patients[1].GetSegmentation().GetNthSegmentID(0))
    array[array.shape[0] // 2] = 0
    slicer.util.updateSegmentBinaryLabelmapFromArray(array, patients[1],
                                                     patients[1].GetSegmentation().GetNthSegmentID(0))
    choose(1, FOLDER)
    assert kinds_of(folder) == {("SEMIAUTOMATIC", "orbit-any-contrast 0.9.0")}


def test_heat_maps_of_the_scan_are_exported_with_it(choose, patients, folder):
    scan = scan_of(patients[0])
    add_answer(scan, np.linspace(0, 1, 64, dtype=np.float32).reshape(4, 4, 4))
    add_answer(scan_of(patients[1]), np.ones((4, 4, 4), np.float32))
    assert "heat_map_1.dcm" in choose(0, FOLDER)
    found = pydicom.dcmread(folder / "heat_map_1.dcm")
    assert sorted(path.name for path in folder.glob("heat_map*")) == ["heat_map_1.dcm"]
    assert found.PatientID == "A" and "Activity" in found.SeriesDescription
    assert 0.5 < found.pixel_array.max() < 1.0 + 1e-6
    assert "Heat maps filed with them: 1." in choose(0, DATABASE)


def test_everything_is_written_under_a_pseudonym_if_the_user_wants_that(choose, folder, monkeypatch):
    monkeypatch.setattr(qt.QInputDialog, "getText", lambda *_: "")
    assert not choose(0, DEIDENTIFIED) and not folder.exists()
    monkeypatch.setattr(qt.QInputDialog, "getText", lambda *_: " Case 7 ")
    told = choose(0, DEIDENTIFIED)
    assert "images: " in told and "image_0001" not in told
    found = [pydicom.dcmread(path, stop_before_pixels=True) for path in folder.iterdir()]
    assert {str(each.PatientName).rstrip("^") for each in found} == {"Case 7"} and len(found) > 3
    assert not [each for each in found if "A^Patient" in str(each)]


def test_the_report_goes_into_the_study_where_the_user_ticks_it(panel, choose, folder, monkeypatch):
    ticked = panel.measurePart.take_home.dicom_button.menu().actions()[-1]
    ticked.setChecked(True)
    assert "report.dcm" in choose(0, FOLDER)
    found = pydicom.dcmread(folder / "report.dcm")
    assert found.PatientID == "A" and found.EncapsulatedDocument.startswith(b"%PDF")
    assert "The report is filed with them." in choose(0, DATABASE)
    monkeypatch.setattr(qt.QInputDialog, "getText", lambda *_: "Case 7")
    monkeypatch.setattr(slicer.util, "confirmYesNoDisplay", lambda *_, **__: True)
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *_: str(folder / "case 7"))
    assert "report.dcm" not in choose(0, DEIDENTIFIED) and not (folder / "case 7" / "report.dcm").exists()


def test_what_a_report_as_pdf_lacks_is_asked_for_before_it_is_written(panel, choose, folder, monkeypatch, tmp_path):
    def decline(path: Path, requester: str) -> None:
        raise Problem(f"{requester} lacks {path.read_text(encoding='utf-8').splitlines()[-1]}.")

    take_home = panel.measurePart.take_home
    take_home.dicom_button.menu().actions()[-1].setChecked(True)
    monkeypatch.setattr(dependencies, "ensure_packages", decline)
    assert choose(0, FOLDER) == "The report as PDF lacks matplotlib." and not (folder / "report.dcm").exists()
    take_home.report(tmp_path / "report.pdf")
    assert take_home.banner.text == "The report as PDF lacks matplotlib." and not (tmp_path / "report.pdf").exists()


def test_the_report_in_the_study_has_the_findings_as_they_were_edited(panel, choose, folder, until, tmp_path):
    take_home = panel.measurePart.take_home
    take_home.dicom_button.menu().actions()[-1].setChecked(True)
    assert "report.dcm" in choose(0, FOLDER)
    QTest.mouseClick(panel.ui.measureButton, qt.Qt.LeftButton)
    until(lambda: panel.runControl.state is RunState.IDLE)
    take_home.findings.button.checked = True
    take_home.findings.text.setPlainText("Tendon spared.")
    take_home.report(tmp_path / "report.pdf")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slicer.util, "confirmYesNoDisplay", lambda *_, **__: True)
        assert "report.dcm" in choose(0, FOLDER)
    page = pydicom.dcmread(folder / "report.dcm").EncapsulatedDocument
    assert page.rstrip(b"\0") == (tmp_path / "report.pdf").read_bytes().rstrip(b"\0")
    table = measurements_of(panel.ui.measuredSelector.currentNode())
    MeasurementEdits(table).edit(0, replace(rows_of(table)[0].row.measured, value=1.0))
    panel.measurePart.view.refresh()
    for path in folder.iterdir():
        path.unlink()
    assert "Nothing was written. The findings were edited for earlier measures" in choose(0, FOLDER)
    assert not list(folder.iterdir())
    assert "Nothing was written" in choose(0, DATABASE) and not filed()
    take_home.dicom_button.menu().actions()[-1].setChecked(False)
    assert "segmentation.dcm" in choose(0, FOLDER), "the findings concern the report alone"


def kinds_of(folder: Path) -> set[tuple[str, str]]:
    """How the segments were made, and by which model."""
    return {(item.SegmentAlgorithmType, item.get("SegmentAlgorithmName", "") and " ".join(
        str(item.SegmentationAlgorithmIdentificationSequence[0][name].value)
        for name in ("AlgorithmName", "AlgorithmVersion")))
        for item in pydicom.dcmread(folder / "segmentation.dcm").SegmentSequence}


def insert_record(segmentation: slicer.vtkMRMLSegmentationNode) -> None:
    """Let a segmentation be the result of a model."""
    table = add_table("volumes", [Column("structure", "Structure")], [])
    keep_content(table, segmentation)
    segmentation.SetNodeReferenceID(TABLE_REFERENCE, table.GetID())
    provenance.add_record("record", {"model": {"name": "orbit-any-contrast", "version": "0.9.0"}}, [segmentation])


def add_answer(scan: slicer.vtkMRMLScalarVolumeNode, heat: np.ndarray) -> None:
    """An explained answer of a classifier about a scan, its heat on a part of it."""
    middle = np.array(scan.GetImageData().GetDimensions()) / 2
    affine = np.diag([3.0, 3.0, 3.0, 1.0])
    affine[:3, 3] = (ijk_to_local(scan) @ [*middle, 1.0])[:3]
    table = add_table("answer", [Column("muscle", "Muscle")], [])
    node = add_heat_map(Image(heat, affine), "heat")
    for role, target in ((SCAN_REFERENCE, scan), (HEAT_REFERENCE, node)):
        table.SetNodeReferenceID(role, target.GetID())
    table.SetAttribute(RESULT_ATTRIBUTE, "TAOActivity")
    table.SetAttribute(SUMMARY_ATTRIBUTE, json.dumps(["Activity of thyroid eye disease", "Active."]))


def test_results_of_another_patient_are_replaced_only_if_the_user_says_so(choose, folder, monkeypatch):
    asked, answers = [], [False, True]
    monkeypatch.setattr(slicer.util, "confirmYesNoDisplay",
                        lambda text, **_: asked.append(text) or answers[len(asked) - 1])
    choose(0, FOLDER)
    assert not asked
    before = (folder / "segmentation.dcm").read_bytes()
    assert choose(1, FOLDER) == "Nothing was written: the folder holds results already. Choose another folder."
    assert str(folder / "segmentation.dcm") in asked[0] and (folder / "segmentation.dcm").read_bytes() == before
    choose(1, FOLDER)
    assert pydicom.dcmread(folder / "segmentation.dcm").PatientID == "B"


def test_a_heat_map_that_is_there_is_asked_for_too(choose, folder, monkeypatch):
    asked = []
    monkeypatch.setattr(slicer.util, "confirmYesNoDisplay", lambda text, **_: bool(asked.append(text)))
    folder.mkdir()
    (folder / "heat_map_1.dcm").write_bytes(b"mine")
    assert "Nothing was written" in choose(0, FOLDER)
    assert str(folder / "heat_map_1.dcm") in asked[0]


def test_without_an_open_database_the_folder_is_proposed_and_the_user_is_told_what_to_do(panel, choose, folder):
    menu = panel.measurePart.take_home.dicom_button.menu()
    menu.aboutToShow.emit()
    database, into_folder, *_others = menu.actions()
    assert menu.defaultAction() == database and database.text == "Into the DICOM database"
    slicer.dicomDatabase.closeDatabase()
    assert "Open the DICOM module and choose the folder of the database" in choose(0, DATABASE)
    assert menu.defaultAction() == into_folder and database.text == "Into the DICOM database (none is open)"
    assert "Open the DICOM module" in choose(0, FOLDER) and not folder.exists()


def test_a_database_that_takes_nothing_is_told_and_a_folder_does(choose, folder):
    (Path(slicer.dicomDatabase.databaseDirectory) / "dicom").write_text("in the way of the copies, as a full disk is")
    assert "did not accept segmentation.dcm, measurements.dcm" in choose(0, DATABASE)
    assert str(folder) in choose(0, FOLDER) and (folder / "segmentation.dcm").exists()


@pytest.fixture
def loaded(slicer_session, labels, tmp_path):
    """A segmentation of a scan that the application read from DICOM files without its database, and their folder."""
    folder = write_image(labels.with_array(np.where(labels.array > 0, 40, -100).astype(np.int16)), tmp_path / "C",
                         PatientID="C", PatientName="C^Patient", StudyInstanceUID="1.2.3.3")
    scan = slicer.util.loadVolume(str(sorted(folder.iterdir())[3]))
    return add_segmentation(load_image(folder).with_array(labels.array), scan, "Orbits of C"), folder


@pytest.fixture
def saved(loaded, labels, tmp_path):
    """The same scan after it was saved in another format and loaded again: nothing tells its DICOM files."""
    segmentation, folder = loaded
    scan = segmentation.GetNodeReference(segmentation.GetReferenceImageGeometryReferenceRole())
    assert slicer.util.saveNode(scan, str(tmp_path / "scan.nrrd"))
    slicer.mrmlScene.Clear(0)
    again = slicer.util.loadVolume(str(tmp_path / "scan.nrrd"))
    image = load_image(folder)
    return add_segmentation(image.with_array(labels.array), again, "Orbits of C"), folder


def test_a_scan_that_was_read_from_files_without_the_database_is_exported_as_well(panel, loaded, choose_of, folder):
    segmentation, _ = loaded
    assert "segmentation.dcm, measurements.dcm" in choose_of(segmentation, FOLDER)
    assert pydicom.dcmread(folder / "segmentation.dcm").StudyInstanceUID == "1.2.3.3"


def test_the_user_is_asked_for_the_series_of_a_scan_that_tells_none(panel, saved, choose_of, monkeypatch, tmp_path):
    segmentation, series = saved
    asked, folders = [], iter([str(series), str(tmp_path / "results")])
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda text, *_, **__: asked.append(text) or True)
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *_: next(folders))
    assert "segmentation.dcm" in choose_of(segmentation, FOLDER)
    assert "does not say which DICOM files" in asked[0] and "original DICOM series" in asked[0]
    assert pydicom.dcmread(tmp_path / "results" / "segmentation.dcm").PatientID == "C"


def test_without_an_answer_nothing_is_written_and_the_user_knows_what_to_do(panel, saved, choose_of, monkeypatch,
                                                                            folder):
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda *_, **__: False)
    told = choose_of(saved[0], FOLDER)
    assert "Nothing was written" in told and "import the series into the DICOM module" in told
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda *_, **__: True)
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *_: "")
    assert "Nothing was written" in choose_of(saved[0], FOLDER)
    assert not folder.exists()


def test_a_series_that_shows_something_else_is_refused(panel, saved, choose_of, monkeypatch, tmp_path, labels):
    other = write_image(labels.with_array(np.where(labels.array > 0, 60, -100).astype(np.int16)), tmp_path / "D",
                        PatientID="D", StudyInstanceUID="1.2.3.4")
    folders = iter([str(other), str(tmp_path / "results")])
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda *_, **__: True)
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *_: next(folders))
    assert "is not the scan that was segmented" in choose_of(saved[0], FOLDER)
    assert not (tmp_path / "results").exists()


def test_files_that_are_gone_are_told(panel, loaded, choose_of, folder):
    segmentation, series = loaded
    for path in series.iterdir():
        path.unlink()
    assert "no longer where they were" in choose_of(segmentation, FOLDER) and not folder.exists()

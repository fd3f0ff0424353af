"""The button DICOM of the lesions, as a neurologist uses it: into a folder or the application's DICOM database."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
import qt
import slicer
from DICOMLib import DICOMUtils
from PySide6.QtTest import QTest

from NeuroDifferentialLib.dicom.reading import read_lesions
from NeuroDifferentialLib.mrml.lesion_nodes import keep_found
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.mrml import provenance
from NeuroOrbitLib.mrml.segment_masks import union_of_segments
from NeuroOrbitLib.problem import Problem
from Testing.dicom_series import write_image
from Testing.panels import run_step

DATABASE, FOLDER, DEIDENTIFIED = range(3)


@pytest.fixture
def series(tmp_path, scan, flair):
    """The DICOM series of the FLAIR, which the scan in the scene was read from."""
    (tmp_path / "database").mkdir()
    assert DICOMUtils.openDatabase(str(tmp_path / "database"))
    folder = write_image(flair.with_array(np.rint(flair.array).astype(np.int16)), tmp_path / "flair", Modality="MR",
                         PatientID="A", PatientName="A^Patient", StudyInstanceUID="1.2.3.1")
    assert DICOMUtils.importDicom(str(folder))
    scan.SetAttribute("DICOM.instanceUIDs", " ".join(
        pydicom.dcmread(path).SOPInstanceUID for path in sorted(folder.iterdir())))
    assert load_image(folder).grid.same_as(flair.grid, 0.01)
    return folder


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """The folder that the user chooses when asked for one."""
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "results"))
    return tmp_path / "results"


def choose(panel, entry: int) -> str:
    """Choose an entry of the button's menu, as a user does; returns what is told."""
    assert panel.ui.dicomButton.enabled
    QTest.mouseClick(panel.ui.dicomButton, qt.Qt.LeftButton)
    menu = panel.ui.dicomButton.menu()
    menu.setActiveAction(menu.actions()[entry])
    QTest.keyClick(menu, qt.Qt.Key_Return)
    return panel.noticeBanner.text


def test_without_lesions_the_button_says_what_to_do_first(panel):
    assert not panel.ui.dicomButton.enabled and "Press Find lesions first" in panel.ui.dicomButton.toolTip


def test_lesions_are_written_as_they_are_drawn_now_and_come_back(with_lesions, series, scan, folder):
    lesions = with_lesions._parameterNode.lesions
    keep_found(lesions, scan)
    provenance.add_record("record", {"model": {"name": "wmh-any-flair", "version": "1.1"}}, [lesions])
    first = lesions.GetSegmentation().GetNthSegmentID(0)
    array = slicer.util.arrayFromSegmentBinaryLabelmap(lesions, first, scan)
    shown = np.flatnonzero(array.any(axis=(1, 2)))
    array[: shown[len(shown) // 2]] = 0
    slicer.util.updateSegmentBinaryLabelmapFromArray(array, lesions, first, scan)
    told = choose(with_lesions, FOLDER)
    assert str(folder) in told and "segmentation.dcm, measurements.dcm" in told
    found = read_lesions(folder / "segmentation.dcm", series).labels.array
    assert np.array_equal(found > 0, union_of_segments(lesions, scan).array > 0) and found.any()
    item = pydicom.dcmread(folder / "segmentation.dcm").SegmentSequence[0]
    assert item.SegmentAlgorithmType == "SEMIAUTOMATIC" and item.SegmentLabel.startswith("Lesions, ")
    assert item.SegmentationAlgorithmIdentificationSequence[0].AlgorithmName == "wmh-any-flair"


def test_lesions_that_nobody_went_over_are_automatic_and_drawn_ones_manual(with_lesions, series, scan, folder,
                                                                          monkeypatch):
    monkeypatch.setattr(slicer.util, "confirmYesNoDisplay", lambda *_, **__: True)
    lesions = with_lesions._parameterNode.lesions
    for record, kind in ((None, "MANUAL"), ({"name": "wmh-any-flair", "version": "1.1"}, "AUTOMATIC")):
        if record:
            provenance.add_record("record", {"model": record}, [lesions])
            keep_found(lesions, scan)
        choose(with_lesions, FOLDER)
        assert {item.SegmentAlgorithmType for item in pydicom.dcmread(
            folder / "segmentation.dcm").SegmentSequence} == {kind}


def test_lesions_are_filed_in_the_patients_study(with_lesions, series):
    assert "in the DICOM database" in choose(with_lesions, DATABASE)
    filed = [pydicom.dcmread(path, stop_before_pixels=True)
             for path in Path(slicer.dicomDatabase.databaseDirectory).rglob("*.dcm")]
    assert sorted(each.Modality for each in filed) == ["SEG", "SR"]
    assert {each.StudyInstanceUID for each in filed} == {"1.2.3.1"}


def test_packages_that_are_missing_are_asked_for_before_lesions_are_written(with_lesions, series, folder, monkeypatch):
    def decline(*_given: object) -> None:
        raise Problem("scikit-image was not installed.")

    monkeypatch.setattr("NeuroOrbitLib.widgets.analysis_panel.ensure_packages", decline)
    assert choose(with_lesions, FOLDER) == "scikit-image was not installed." and not folder.exists()


def test_the_report_goes_into_the_study_where_the_user_ticks_it(slicer_session, with_lesions, series, folder,
                                                                monkeypatch):
    monkeypatch.setattr(slicer.util, "confirmYesNoDisplay", lambda *_, **__: True)
    monkeypatch.setattr(with_lesions.ui.dicomButton.menu().actions()[-1], "checked", True)
    assert "press Apply first" in choose(with_lesions, FOLDER) and not folder.exists()
    run_step(slicer_session, with_lesions, with_lesions.ui.applyButton)
    assert "report.dcm" in choose(with_lesions, FOLDER)
    report = pydicom.dcmread(folder / "report.dcm")
    assert report.StudyInstanceUID == "1.2.3.1" and report.EncapsulatedDocument.startswith(b"%PDF")
    others = with_lesions._parameterNode.lesions
    copy = slicer.mrmlScene.AddNode(slicer.mrmlScene.CreateNodeByClass(others.GetClassName()))
    copy.Copy(others)
    monkeypatch.setattr(type(with_lesions.result()), "segmentation", property(lambda _result: copy))
    (folder / "report.dcm").unlink()
    assert "not of the lesions that are chosen" in choose(with_lesions, FOLDER)
    assert not (folder / "report.dcm").exists()


def test_lesions_are_written_under_a_pseudonym(with_lesions, series, folder, monkeypatch):
    monkeypatch.setattr(qt.QInputDialog, "getText", lambda *_: "Case 7")
    assert "images: " in choose(with_lesions, DEIDENTIFIED)
    found = [pydicom.dcmread(path, stop_before_pixels=True) for path in folder.iterdir()]
    assert {str(each.PatientName).rstrip("^") for each in found} == {"Case 7"}


def test_what_is_missing_in_the_series_is_told_and_nothing_is_written(with_lesions, scan, flair, folder, tmp_path,
                                                                      monkeypatch):
    broken = write_image(flair.with_array(np.rint(flair.array).astype(np.int16)), tmp_path / "flair", Modality="MR",
                         FrameOfReferenceUID="")
    folders = iter([str(broken), str(folder)])
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda *_, **__: True)
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *_: next(folders))
    told = choose(with_lesions, FOLDER)
    assert "Nothing was written" in told and "frame of reference" in told and not folder.exists()

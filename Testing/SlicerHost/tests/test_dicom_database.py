"""The application's DICOM database: what is known of an instance, and how files come into it.

Justification: ctkDICOMDatabase.cpp (fileForInstance, instanceValue, fileValue, uidsForDataSet, storeDatasetFile,
removeSeries, initializeDatabase), ctkDICOMIndexer.cpp (processIndexingRequest), DICOM.py (initializeDICOMDatabase) and
DICOMUtils.py.
"""
from __future__ import annotations

import os
from pathlib import Path

import ctk
import pydicom
import pytest
import qt
import slicer
from DICOMLib import DICOMUtils
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid


def write(path: Path, **fields) -> str:
    """A DICOM file without pixels; returns its instance."""
    data = Dataset()
    values = {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2", "SOPInstanceUID": generate_uid(),
              "StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.4", "PatientID": "P1",
              "PatientName": "Müller^Anna", "PixelSpacing": [0.5, 0.7],
              "EchoTime": None, "SpecificCharacterSet": "ISO_IR 192", "ReferencedStudySequence": [Dataset()], **fields}
    for name, value in values.items():
        if value != "none":
            setattr(data, name, value)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path.parent.mkdir(parents=True, exist_ok=True)
    pydicom.dcmwrite(path, data, enforce_file_format=True)
    return str(data.SOPInstanceUID)


@pytest.fixture
def database(slicer_session):
    """The application's own."""
    return slicer.dicomDatabase


def test_the_application_has_an_open_and_empty_database(database):
    assert slicer.app.dicomDatabase() is database and isinstance(database, ctk.ctkDICOMDatabase)
    assert database.isOpen and not database.isInMemory and database.imagesCount() == 0
    assert qt.QSettings().value(slicer.dicomDatabaseDirectorySettingsKey) == database.databaseDirectory
    assert database.databaseFilename == f"{database.databaseDirectory}/ctkDICOM.sql"
    assert database.schemaVersionLoaded() == database.schemaVersion()


def test_nothing_is_known_of_what_is_not_there(database):
    assert (database.fileForInstance("1.2"), database.instanceValue("1.2", "0010,0020")) == ("", "")
    assert database.instanceForFile("/nowhere.dcm") == database.seriesForFile("/nowhere.dcm") == ""
    assert database.fileValue("/nowhere.dcm", "0010,0020") == "" and tuple(database.filesForSeries("1.2")) == ()


def test_values_are_text_joined_by_backslashes(database, tmp_path):
    uid = write(tmp_path / "a.dcm")
    assert DICOMUtils.importDicom(str(tmp_path)) is True
    assert database.instanceValue(uid, "0028,0030") == "0.5\\0.7"
    assert database.instanceValue(uid, "0010,0010") == "Müller^Anna"
    assert database.instanceValue(uid, "0020,000e") == database.instanceValue(uid, 0x0020, 0x000E) == "1.2.3.4"
    for tag in ("0018,0081", "0018,9999", "0008,1110", "0028|0030"):  # empty, missing, a sequence, no such tag
        assert database.instanceValue(uid, tag) == ""


def test_linked_files_stay_where_they_are_and_are_named_when_they_are_gone(database, tmp_path):
    uid = write(tmp_path / "below" / "a.dcm")
    DICOMUtils.importDicom(str(tmp_path))
    file = str(tmp_path / "below" / "a.dcm")
    assert database.fileForInstance(uid) == file and database.instanceForFile(file) == uid
    assert tuple(database.instancesForSeries("1.2.3.4")) == (uid,) and database.seriesForFile(file) == "1.2.3.4"
    assert database.instanceValue(uid, "0010,0020") == "P1"
    os.remove(file)
    assert database.fileForInstance(uid) == file
    assert database.instanceValue(uid, "0010,0020") == "P1"  # was read before
    assert database.instanceValue(uid, "0028,0030") == ""


def test_copied_files_belong_to_the_database(database, tmp_path):
    uid = write(tmp_path / "a.dcm")
    added = []
    database.connect("instanceAdded(QString)", added.append)
    DICOMUtils.importDicom(str(tmp_path), copyFiles=True)
    os.remove(tmp_path / "a.dcm")
    copy = Path(database.fileForInstance(uid))
    assert added == [uid] and copy.is_file() and copy.is_relative_to(Path(database.databaseDirectory) / "dicom")
    assert pydicom.dcmread(copy).PatientID == "P1" and database.instanceForFile(str(copy)) == uid


def test_files_that_cannot_be_filed_are_left_out_without_a_word(database, tmp_path):
    (tmp_path / "notes.txt").write_text("no DICOM")
    write(tmp_path / "a.dcm", StudyInstanceUID="none")
    unnamed = write(tmp_path / "b.dcm", PatientID="", PatientName="")
    assert DICOMUtils.importDicom(str(tmp_path)) is True
    assert database.imagesCount() == 1 and database.fileForInstance(unnamed)  # its study stands for the patient


def test_copying_that_fails_is_not_told(database, tmp_path):
    uid = write(tmp_path / "in" / "a.dcm")
    (tmp_path / "database").mkdir()
    assert DICOMUtils.openDatabase(str(tmp_path / "database"))
    (tmp_path / "database" / "dicom").write_text("in the way of the folder of copies")
    assert DICOMUtils.importDicom(str(tmp_path / "in"), copyFiles=True) is True
    assert database.isOpen and database.fileForInstance(uid) == ""


def test_a_series_is_removed_with_its_copies_but_not_with_files_outside(database, tmp_path):
    own = write(tmp_path / "own" / "a.dcm", SeriesInstanceUID="1.2.5")
    linked = write(tmp_path / "linked" / "b.dcm")
    DICOMUtils.importDicom(str(tmp_path / "own"), copyFiles=True)
    DICOMUtils.importDicom(str(tmp_path / "linked"))
    copy, removed = Path(database.fileForInstance(own)), []
    database.connect("seriesRemoved(QString)", removed.append)
    assert database.removeSeries("1.2.5") and database.removeSeries("1.2.3.4")
    assert removed == ["1.2.5", "1.2.3.4"] and database.imagesCount() == 0
    assert not copy.exists() and (tmp_path / "linked" / "b.dcm").exists() and database.fileForInstance(linked) == ""
    database.closeDatabase()
    assert not database.removeSeries("1.2.5")


def test_a_closed_database_takes_nothing_and_knows_nothing(database, tmp_path):
    uid = write(tmp_path / "a.dcm")
    DICOMUtils.importDicom(str(tmp_path))
    closed = []
    database.connect("closed()", lambda: closed.append(True))
    database.closeDatabase()
    assert closed and not database.isOpen and database.fileForInstance(uid) == ""
    assert DICOMUtils.importDicom(str(tmp_path)) is True
    assert DICOMUtils.openDatabase(str(Path(database.databaseFilename).parent)) and database.fileForInstance(uid)
    assert DICOMUtils.openDatabase(str(tmp_path / "missing")) is False and database.isOpen


def test_every_test_begins_with_an_empty_database(slicer_session, tmp_path):
    write(tmp_path / "a.dcm")
    DICOMUtils.importDicom(str(tmp_path))
    slicer_session.reset()
    assert slicer.dicomDatabase.isOpen and slicer.dicomDatabase.imagesCount() == 0

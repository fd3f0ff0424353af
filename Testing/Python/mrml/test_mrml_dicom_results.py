"""Results of a volume in the scene go into its DICOM study, or the user is told why they cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
import slicer
from DICOMLib import DICOMUtils

from NeuroOrbitLib.anatomy import label_value
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs import JobRunner
from NeuroOrbitLib.mrml.dicom_fields import technique_fields
from NeuroOrbitLib.mrml.dicom_results import UnknownSeries, export_results
from NeuroOrbitLib.mrml.volumes import node_from_image
from NeuroOrbitLib.problem import Problem
from Testing.dicom_series import evenly, sequence, stored_numbers, write_image, write_multi_frame

MEASURES = [{"structure": "eyeball", "side": "right", "quantity": "volume", "value": 7.1, "unit": "ml",
             "uncertainty": 0.2, "method": None, "reason": None, "place": None}]


@pytest.fixture
def loaded(slicer_session, tmp_path):
    """(volume as the DICOM module loads it from the application's database, label map on its grid)."""
    scan = Image(np.arange(8 * 12 * 12).reshape(8, 12, 12).astype(np.int16),
                 np.array([[-2.0, 0, 0, 10], [0, -2.0, 0, 20], [0, 0, 3.0, 5], [0, 0, 0, 1]]))
    folder = write_image(scan, tmp_path / "ct")
    assert DICOMUtils.importDicom(str(folder))
    instances = [pydicom.dcmread(path).SOPInstanceUID for path in sorted(folder.iterdir())]
    image = load_image(folder)
    node = node_from_image(image, "CT")
    node.SetAttribute("DICOM.instanceUIDs", " ".join(instances))
    labels = np.zeros(image.array.shape, np.uint8)
    labels[2:5, 3:7, 3:7] = label_value("eyeball", "right")
    return node, Image(labels, image.affine)


def test_results_are_written_to_a_folder(loaded, tmp_path):
    names = export_results(*loaded, JobRunner(), tmp_path / "out", MEASURES)
    assert names == ["segmentation.dcm", "measurements.dcm"]
    segmentation = pydicom.dcmread(tmp_path / "out" / "segmentation.dcm")
    assert segmentation.pixel_array.sum() == (loaded[1].array != 0).sum()
    assert segmentation.PatientID == "P1"


def test_results_are_copied_into_the_database(loaded):
    before = slicer.dicomDatabase.imagesCount()
    added = []
    slicer.dicomDatabase.connect("instanceAdded(QString)", added.append)
    assert export_results(*loaded, JobRunner(), None, MEASURES) == ["segmentation.dcm", "measurements.dcm"]
    filed = [pydicom.dcmread(slicer.dicomDatabase.fileForInstance(uid)) for uid in added]
    assert slicer.dicomDatabase.imagesCount() == before + 2
    assert sorted(each.Modality for each in filed) == ["SEG", "SR"]
    first = loaded[0].GetAttribute("DICOM.instanceUIDs").split()[0]
    series = pydicom.dcmread(slicer.dicomDatabase.fileForInstance(first))
    assert {each.StudyInstanceUID for each in filed} == {series.StudyInstanceUID}


def test_a_database_that_does_not_take_the_results_is_told(loaded, tmp_path):
    node, labels = loaded
    files = [slicer.dicomDatabase.fileForInstance(uid) for uid in node.GetAttribute("DICOM.instanceUIDs").split()]
    (tmp_path / "database").mkdir()
    DICOMUtils.openDatabase(str(tmp_path / "database"))
    DICOMUtils.importDicom(str(Path(files[0]).parent))
    (tmp_path / "database" / "dicom").write_text("in the way of the copies, as a full disk is: Slicer says nothing")
    with pytest.raises(Problem, match=r"did not accept segmentation\.dcm, measurements\.dcm.*folder"):
        export_results(node, labels, JobRunner(), None, MEASURES)


def test_a_database_that_takes_one_file_of_two_keeps_neither(loaded, monkeypatch):
    """Measures refer to their segmentation: one without the other is half a result."""
    import_folder, before = DICOMUtils.importDicom, slicer.dicomDatabase.imagesCount()

    def import_all_but_measures(folder, **options):
        (Path(folder) / "measurements.dcm").rename(Path(folder).parent / "not taken")
        done = import_folder(folder, **options)
        (Path(folder).parent / "not taken").rename(Path(folder) / "measurements.dcm")
        return done

    monkeypatch.setattr(DICOMUtils, "importDicom", import_all_but_measures)
    copies = set(Path(slicer.dicomDatabase.databaseDirectory).rglob("*.dcm"))
    with pytest.raises(Problem, match=r"did not accept measurements\.dcm"):
        export_results(*loaded, JobRunner(), None, MEASURES)
    assert slicer.dicomDatabase.imagesCount() == before
    assert set(Path(slicer.dicomDatabase.databaseDirectory).rglob("*.dcm")) == copies


def test_a_closed_database_is_told_before_anything_is_computed(loaded, monkeypatch):
    node, labels = loaded
    slicer.dicomDatabase.closeDatabase()
    runner = JobRunner()
    monkeypatch.setattr(runner, "start", None)
    with pytest.raises(Problem, match="DICOM database of the application is not open"):
        export_results(node, labels, runner, None, MEASURES)


def test_volume_that_is_no_dicom_is_told(loaded, tmp_path):
    node, labels = loaded
    node.RemoveAttribute("DICOM.instanceUIDs")
    with pytest.raises(UnknownSeries, match="does not say which DICOM files"):
        export_results(node, labels, JobRunner(), tmp_path / "out")
    node.SetAttribute("DICOM.instanceUIDs", "1.2.3")
    with pytest.raises(Problem, match="no longer where they were"):
        export_results(node, labels, JobRunner(), tmp_path / "out")


def test_what_the_worker_refuses_is_told(loaded, tmp_path):
    node, labels = loaded
    with pytest.raises(Problem, match="Nothing is labelled yet"):
        export_results(node, labels.with_array(np.zeros_like(labels.array)), JobRunner(), tmp_path / "out", MEASURES)
    assert not (tmp_path / "out").exists()


def test_the_technique_of_an_enhanced_volume_is_read_from_its_file(slicer_session, tmp_path):
    """The database itself knows no fields within the groups of an enhanced file."""
    groups = {"MREchoSequence": sequence(EffectiveEchoTime=80.0),
              "MRTimingAndRelatedParametersSequence": sequence(RepetitionTime="4000")}
    write_multi_frame(tmp_path / "mr", evenly(6), stored_numbers(6), each=lambda _index: groups, Modality="MR",
                      SOPClassUID=pydicom.uid.EnhancedMRImageStorage, SOPInstanceUID="1.2.5.77")
    assert DICOMUtils.importDicom(str(tmp_path / "mr"))
    node = node_from_image(load_image(tmp_path / "mr"), "MR")
    node.SetAttribute("DICOM.instanceUIDs", "1.2.5.77")
    fields = technique_fields(node)
    assert (fields["EchoTime"], fields["RepetitionTime"], fields["Modality"]) == ("80.0", "4000", "MR")

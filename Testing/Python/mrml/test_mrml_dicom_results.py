"""Results of a volume in the scene go into its DICOM study, or the user is told why they cannot."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pydicom
import pytest
import slicer

from NeuroOrbitLib.anatomy import label_value
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs import JobRunner
from NeuroOrbitLib.mrml.dicom_results import export_results
from NeuroOrbitLib.mrml.volumes import node_from_image
from NeuroOrbitLib.problem import Problem
from Testing.dicom_series import write_image

MEASURES = [{"structure": "eyeball", "side": "right", "quantity": "volume", "value": 7.1, "unit": "ml",
             "uncertainty": 0.2, "method": None, "reason": None, "place": None}]


@pytest.fixture
def loaded(tmp_path, monkeypatch):
    """(volume as from the DICOM module, label map on its grid)."""
    scan = Image(np.arange(8 * 12 * 12).reshape(8, 12, 12).astype(np.int16),
                 np.array([[-2.0, 0, 0, 10], [0, -2.0, 0, 20], [0, 0, 3.0, 5], [0, 0, 0, 1]]))
    folder = write_image(scan, tmp_path / "ct")
    files = {pydicom.dcmread(path).SOPInstanceUID: str(path) for path in sorted(folder.iterdir())}
    monkeypatch.setattr(slicer, "dicomDatabase", SimpleNamespace(fileForInstance=files.get), raising=False)
    image = load_image(folder)
    node = node_from_image(image, "CT")
    node.SetAttribute("DICOM.instanceUIDs", " ".join(files))
    labels = np.zeros(image.array.shape, np.uint8)
    labels[2:5, 3:7, 3:7] = label_value("eyeball", "right")
    return node, Image(labels, image.affine)


def test_results_are_written_to_a_folder(loaded, tmp_path):
    names = export_results(*loaded, JobRunner(), tmp_path / "out", MEASURES)
    assert names == ["segmentation.dcm", "measurements.dcm"]
    segmentation = pydicom.dcmread(tmp_path / "out" / "segmentation.dcm")
    assert segmentation.pixel_array.sum() == (loaded[1].array != 0).sum()
    assert segmentation.PatientID == "P1"


def test_results_are_copied_into_the_database(loaded, monkeypatch):
    imported = []

    def import_dicom(folder, copyFiles=False):
        imported.append((copyFiles, sorted(pydicom.dcmread(path).Modality for path in Path(folder).iterdir())))

    monkeypatch.setitem(sys.modules, "DICOMLib", SimpleNamespace(DICOMUtils=SimpleNamespace(importDicom=import_dicom)))
    export_results(*loaded, JobRunner(), None, MEASURES)
    assert imported == [(True, ["SEG", "SR"])]


def test_volume_that_is_no_dicom_is_told(loaded, tmp_path):
    node, labels = loaded
    node.RemoveAttribute("DICOM.instanceUIDs")
    with pytest.raises(Problem, match="not loaded from a DICOM series"):
        export_results(node, labels, JobRunner(), tmp_path / "out")
    node.SetAttribute("DICOM.instanceUIDs", "1.2.3")
    with pytest.raises(Problem, match="no longer where they were"):
        export_results(node, labels, JobRunner(), tmp_path / "out")


def test_what_the_worker_refuses_is_told(loaded, tmp_path):
    node, labels = loaded
    with pytest.raises(Problem, match="Nothing is labelled yet"):
        export_results(node, labels.with_array(np.zeros_like(labels.array)), JobRunner(), tmp_path / "out", MEASURES)
    assert not (tmp_path / "out").exists()



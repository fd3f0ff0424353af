"""Files that are no NIfTI, NRRD or MetaImage are refused with what to choose instead, whatever ITK makes of them."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.files import load_image
from Testing.dicom_series import edit, evenly, stored_numbers, write_multi_frame, write_series

VOXELS = stored_numbers(6)


def enhanced(folder: Path) -> Path:
    order = [3, 0, 5, 1, 4, 2]
    return write_multi_frame(folder, evenly(6)[order], VOXELS[order])


def one_slice(folder: Path) -> Path:
    write_series(folder, evenly(6))
    return next(folder.iterdir()).rename(folder / "IM000001")


def dicom_segmentation(folder: Path) -> Path:
    write_series(folder, evenly(1))
    edit(folder, SOPClassUID=pydicom.uid.SegmentationStorage)
    return next(folder.iterdir())


def pair(folder: Path) -> Path:
    nibabel.save(nibabel.Nifti1Pair(VOXELS.T, np.eye(4)), folder / "scan.img")
    return folder / "scan.img"


def compressed_pair(folder: Path) -> Path:
    nibabel.save(nibabel.Nifti1Pair(VOXELS.T, np.eye(4)), folder / "scan.img.gz")
    return folder / "scan.hdr.gz"


def analyze(folder: Path) -> Path:
    nibabel.save(nibabel.AnalyzeImage(VOXELS.T, np.eye(4)), folder / "scan.img")
    return folder / "scan.img"


def other(folder: Path) -> Path:
    sitk.WriteImage(sitk.GetImageFromArray(VOXELS), str(folder / "scan.vtk"))
    return folder / "scan.vtk"


@pytest.mark.parametrize(("make", "words"), [
    (enhanced, r"enhanced\.dcm is a file of a DICOM series\. Choose the folder of the series"),
    (one_slice, r"IM000001 is a file of a DICOM series\. Choose the folder"),
    (dicom_segmentation, r"is a DICOM segmentation\. Make a label map of it with import-dicom"),
    (pair, r"scan\.hdr is the header of a pair of files.*Convert the pair to one NIfTI file"),
    (compressed_pair, r"scan\.hdr\.gz is the header of a pair of files"),
    (analyze, r"an Analyze file, which does not say which side of the patient is right"),
    (other, r"scan\.vtk cannot be read as an image.*of an unknown kind.*Convert"),
])
def test_a_file_of_another_kind_is_refused_with_what_to_choose(tmp_path, make, words):
    with pytest.raises(ImageProblem, match=words):
        load_image(make(tmp_path))

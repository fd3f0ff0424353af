"""Of the series of a brain MRI the FLAIR is taken, whatever the CT and the T1 beside it look like."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.dicom.flair_series import read_flair
from NeuroOrbitLib.dicom.visit import visit_of
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.image import Image
from Testing.dicom_series import evenly, write_series

MR = "1.2.840.10008.5.1.4.1.1.4"
TIMES = {"flair": ("9000", "120", "2500"), "t1": ("7", "3", "900"), "t2": ("4000", "100", "")}


def write(folder, number, kind, count=30, step=1.0, **fields):
    """A series in a folder of its own below the study's."""
    repetition, echo, inversion = TIMES[kind]
    return write_series(folder / f"{number}", evenly(count, (0, 0, step)), series=f"1.2.{number}", number=number,
                        **{"SliceThickness": f"{step:g}", "Modality": "MR", "SOPClassUID": MR, "EchoTime": echo,
                           "RepetitionTime": repetition, "InversionTime": inversion, "PatientID": "P",
                           "StudyDate": "20240102", **fields})


@pytest.fixture
def study(tmp_path):
    """A brain MRI with a CT of the same day: the FLAIR has neither the most nor the thinnest slices."""
    write_series(tmp_path / "1", evenly(60, (0, 0, 0.6)), series="1.2.1", number=1, PatientID="P",
                 StudyDate="20240102", SliceThickness="0.6")
    write(tmp_path, 2, "t1", 50)
    write(tmp_path, 3, "t2", 40)
    write(tmp_path, 4, "flair", 12, 4.0, SeriesDescription="ax FLAIR 4 mm")
    write(tmp_path, 5, "flair", 30, 1.2, SeriesDescription="3D dark fluid")
    return tmp_path


def test_the_thinnest_flair_of_a_study_is_taken_with_the_reason(study):
    image, notices = read_flair(study)
    assert image.array.shape[0] == 30 and image.spacing[2] == pytest.approx(1.2)
    assert "'3D dark fluid'" in notices[0] and "of the FLAIR series" in notices[0] and "ax FLAIR" in notices[0]
    assert visit_of(study).patient == "P" and visit_of(study).date.year == 2024


def test_a_study_without_flair_says_what_it_holds(tmp_path):
    write(tmp_path, 1, "t1")
    write(tmp_path, 2, "t2")
    with pytest.raises(ImageProblem, match=r"None of the 2 series .* is a FLAIR"):
        read_flair(tmp_path)


def test_a_series_and_a_file_are_taken_as_they_are(study, tmp_path):
    assert read_flair(study / "2")[0].array.shape[0] == 50 and read_flair(study / "2")[1] == []
    file = save_image(Image(np.ones((4, 4, 4), np.float32), np.eye(4)), tmp_path / "flair.nii.gz")
    assert read_flair(file)[0].array.shape == (4, 4, 4)

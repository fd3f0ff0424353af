"""Of the series of a study the one that shows the orbits best is taken, and the user reads why."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.dicom.choose_series import best_series, is_sharp, list_series, wanted_series
from NeuroOrbitLib.dicom.scans import read_scan
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.files import save_image
from Testing.dicom_series import edit, evenly, files_of, sequence, stored_numbers, write_multi_frame, write_series
from Testing.Python.imaging.image_cases import random_image, rotation

MR = "1.2.840.10008.5.1.4.1.1.4"


def write(folder, number, count=30, step=1.0, **fields):
    """A series in a folder of its own below the study's."""
    return write_series(folder / f"{number}", evenly(count, (0, 0, step)), series=f"1.2.{number}", number=number,
                        **{"SliceThickness": f"{step:g}", **fields})


def chosen(folder) -> tuple[int, str]:
    best, why = best_series([facts for facts, _ in list_series(folder)])
    return best.number, why


@pytest.fixture
def study(tmp_path):
    """A head CT as it leaves the scanner: localizer, dose picture, bone, thick and thin series, a coronal reformat."""
    write(tmp_path, 1, 2, 40.0, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"], SeriesDescription="Topogram")
    write(tmp_path, 2, 60, 0.6, ConvolutionKernel="Hr64", SeriesDescription="Orbit 0.6 bone")
    write(tmp_path, 3, 8, 5.0, ConvolutionKernel="Hr40", SeriesDescription="Head 5.0")
    write(tmp_path, 4, 60, 0.6, ConvolutionKernel="Hr40", SeriesDescription="Orbit 0.6")
    write(tmp_path, 5, 14, 2.0, ConvolutionKernel="Hr40", SeriesDescription="Cor 2.0",
          ImageType=["DERIVED", "SECONDARY", "MPR"], directions=rotation("x", 90))
    write(tmp_path, 6, 6, 4.0, ImageType=["DERIVED", "SECONDARY", "SCREEN SAVE"], SeriesDescription="Dose Report")
    return tmp_path


def test_the_thin_soft_tissue_series_of_a_ct_is_taken(study):
    number, why = chosen(study)
    assert number == 4
    assert "'Orbit 0.6' (CT, axial, 60 slices 0.60 mm apart, soft-tissue kernel Hr40) was taken" in why
    assert "it has a soft-tissue kernel and thin slices" in why
    assert "'Head 5.0'" in why and "Topogram" not in why


def test_the_soft_tissue_series_of_enhanced_files_is_taken(tmp_path):
    """Their kernel stands in the groups of each frame."""
    for number, kernel in ((1, "Hr64"), (2, "Hr40")):
        groups = {"CTReconstructionSequence": sequence(ConvolutionKernel=kernel)}
        write_multi_frame(tmp_path, evenly(30), stored_numbers(30), name=f"{number}.dcm", SeriesNumber=number,
                          SeriesInstanceUID=f"1.2.{number}", each=lambda _index, groups=groups: groups)
    number, why = chosen(tmp_path)
    assert number == 2 and "soft-tissue kernel Hr40) was taken: it has a soft-tissue kernel" in why
    assert "bone kernel Hr64" in why


def test_what_cannot_be_used_says_why(study):
    facts = [facts for facts, _ in list_series(study)]
    assert [bool(one.why_not) for one in facts] == [True, False, False, False, True, True]
    assert facts[0].why_not == "it is a localizer"
    assert "dose picture" in facts[5].why_not
    assert [one.plane for one in facts[1:4]] == ["axial"] * 3


def test_a_scan_is_read_from_the_folder_of_a_study_with_the_reason(study):
    image, notices = read_scan(study)
    assert image.array.shape[0] == 60 and image.spacing[2] == pytest.approx(0.6)
    assert len(notices) == 1 and "'Orbit 0.6'" in notices[0]


@pytest.mark.parametrize("wanted", ["3", "1.2.3"])
def test_another_series_can_be_asked_for(study, wanted):
    image, notices = read_scan(study, wanted)
    assert image.array.shape[0] == 8 and notices == []


def test_a_series_that_is_not_there_is_told_with_the_list(study):
    with pytest.raises(ImageProblem, match=r"no series 17\. The folder holds: 1: 'Topogram'.*not usable.*4: 'Orbit"):
        read_scan(study, "17")


def test_a_series_that_is_asked_for_and_cannot_be_used_is_refused(study):
    path = files_of(study / "3")[-1]
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ImageProblem, match="cut off"):
        read_scan(study, "3")


def test_a_damaged_series_is_passed_over_for_a_whole_one(study):
    path = files_of(study / "4")[7]
    path.write_bytes(path.read_bytes()[:-20])
    number, _ = chosen(study)
    assert number == 3, "a whole soft-tissue series comes before a bone one"


def test_of_mri_series_the_one_with_the_most_slices_is_taken(tmp_path):
    for number, count, step, name in ((1, 20, 3.0, "T2 cor"), (2, 40, 1.0, "T1 mprage"), (3, 60, 1.0, "ADC map"),
                                      (4, 20, 3.0, "T2 tra")):
        write(tmp_path, number, count, step, Modality="MR", SOPClassUID=MR, SeriesDescription=name)
    number, why = chosen(tmp_path)
    assert number == 2 and "most slices" in why


def test_an_original_is_taken_before_a_reformat(tmp_path):
    write(tmp_path, 1, 40, 1.0, ConvolutionKernel="B30f", ImageType=["DERIVED", "SECONDARY", "MPR"])
    write(tmp_path, 2, 30, 1.0, ConvolutionKernel="B30f")
    assert chosen(tmp_path)[0] == 2


def test_a_bone_series_alone_is_taken(tmp_path):
    write(tmp_path, 1, ConvolutionKernel="BONEPLUS")
    write(tmp_path, 2, 2, 40.0, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    number, why = chosen(tmp_path)
    assert number == 1 and "only usable one of 2" in why


def test_a_folder_without_a_usable_series_lists_the_reasons(tmp_path):
    write(tmp_path, 1, 2, 40.0, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    write(tmp_path, 2, 30, Modality="PT", SOPClassUID="1.2.840.10008.5.1.4.1.1.128")
    with pytest.raises(ImageProblem, match=r"None of the 2 series.*localizer.*no CT or MRI \(PT\)"):
        chosen(tmp_path)


def test_images_of_two_patients_are_not_mixed(tmp_path):
    write(tmp_path, 1)
    write(tmp_path, 2, PatientID="P2")
    with pytest.raises(ImageProblem, match="images of 2 patients") as caught:
        list_series(tmp_path)
    assert "P2" not in str(caught.value)


def test_nothing_of_the_patient_is_in_the_reasons(study):
    edit(study / "4", PatientName="Secret^Person", PatientID="P1")
    facts = [facts for facts, _ in list_series(study)]
    assert "Secret" not in " ".join(one.text() for one in facts) + chosen(study)[1]


@pytest.mark.parametrize(
    ("kernel", "sharp"),
    [("Hr40", False), ("Hr64", True), ("H31s", False), ("H60s", True), ("B70f", True), ("J45s", False),
     ("STANDARD", False), ("SOFT", False), ("BONE", True), ("BONEPLUS", True), ("EDGE", True), ("LUNG", True),
     ("UB", False), ("C", False), ("D", True), ("YB", True), ("FC21", False), ("FC30", True), ("FC43", False),
     ("FC81", True)],
)
def test_kernels_of_the_manufacturers_are_known(kernel, sharp):
    assert is_sharp(kernel) is sharp


def test_a_series_of_a_file_cannot_be_chosen(tmp_path):
    path = save_image(random_image(), tmp_path / "scan.nii.gz")
    image, notices = read_scan(path)
    assert image.array.shape == (5, 6, 7) and notices == []
    with pytest.raises(ImageProblem, match="only in a folder"):
        read_scan(path, "1")


def test_series_are_found_by_number_or_uid(study):
    facts = [facts for facts, _ in list_series(study)]
    assert wanted_series(facts, "2") is wanted_series(facts, facts[1].uid)
    assert np.isnan(facts[0].spacing)

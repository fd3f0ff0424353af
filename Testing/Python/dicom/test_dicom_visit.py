"""Scans of different patients, and dates in the wrong order, are told before anything is computed."""

from __future__ import annotations

import datetime

import pydicom
import pytest
from pydicom.uid import EnhancedMRImageStorage, MRImageStorage

from NeuroOrbitLib.dicom.deidentified import deidentified
from NeuroOrbitLib.dicom.fields import scan_fields
from NeuroOrbitLib.dicom.patient import age_of, patient_at
from NeuroOrbitLib.dicom.technique import Technique, fat_displacement, technique_of
from NeuroOrbitLib.dicom.visit import Visit, check_visits, visit_of
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.__main__ import main
from Testing.dicom_series import (
    evenly,
    files_of,
    leave_out_headers,
    sequence,
    stored_numbers,
    write_multi_frame,
    write_series,
)

MARCH, JUNE = datetime.date(2024, 3, 1), datetime.date(2024, 6, 1)


def test_patients_and_dates_are_checked_as_far_as_they_are_known():
    for first, second in ((Visit("A", MARCH), Visit("A", JUNE)), (Visit(), Visit("B", JUNE)),
                          (Visit("A", None), Visit("", MARCH)), (Visit("A", MARCH), Visit("A", MARCH))):
        check_visits(first, second)
    with pytest.raises(Problem, match="different patients"):
        check_visits(Visit("A", MARCH), Visit("B", JUNE))
    with pytest.raises(Problem, match=r"Scan 1 \(2024-06-01\) is later than scan 3 \(2024-03-01\)"):
        check_visits(Visit("A", JUNE), Visit(), Visit("A", MARCH))
    with pytest.raises(Problem, match="Scans 1 and 3 are of different patients"):
        check_visits(Visit("A"), Visit("", MARCH), Visit("B"))
    check_visits(Visit("A", MARCH), Visit(), Visit("A", JUNE))
    with pytest.raises(Problem, match=r"2024-06-01\) is later than the second one \(2024-03-01\). Swap"):
        check_visits(Visit("A", JUNE), Visit("A", MARCH))


def test_swapped_series_are_refused_by_the_command(tmp_path, capsys):
    folders = [tmp_path / "march", tmp_path / "june"]
    for folder, day in zip(folders, ("20240301", "20240601"), strict=True):
        write_series(folder, evenly(4), PatientID="A", StudyDate=day)
    assert visit_of(folders[0]) == Visit("A", MARCH) and visit_of(tmp_path / "none.nii.gz") == Visit()
    command = ["compare", str(folders[1]), str(folders[0]), "--first-labels", "a.nii.gz", "--second-labels", "b.nii.gz"]
    assert main(command) == 1
    assert "is later than the second one" in capsys.readouterr().err


@pytest.mark.parametrize("numbers", [(1, 2), (2, 1)])
def test_what_is_told_of_a_folder_is_that_of_its_volume_not_of_a_picture_beside_it(tmp_path, numbers):
    """A localizer, or a picture of another day, sorted before or after the scan that is read."""
    mri = {"Modality": "MR", "SOPClassUID": MRImageStorage, "PatientBirthDate": "19800101"}
    write_series(tmp_path, evenly(3), series=f"1.2.{numbers[0]}", number=numbers[0], EchoTime="5", StudyDate="20200101",
                 RepetitionTime="10", SeriesDescription="localizer", **mri)
    write_series(tmp_path, evenly(20), series=f"1.2.{numbers[1]}", number=numbers[1], EchoTime="80", ScanOptions=["FS",
                 "PFP"], RepetitionTime="4000", SeriesDescription="T2 fs", StudyDate="20210202", **mri)
    fields = scan_fields(tmp_path)
    assert (fields["EchoTime"], fields["RepetitionTime"], fields["ScanOptions"]) == ("80", "4000", "FS\\PFP")
    assert technique_of(fields) == Technique("T2", 80.0, 4000.0, fat_suppressed=True)
    assert visit_of(tmp_path).date == datetime.date(2021, 2, 2)
    assert age_of(patient_at(tmp_path)) == 41


@pytest.mark.parametrize("suppression", ["FAT", "NONE"])
def test_the_technique_of_an_enhanced_mri_is_that_of_the_same_mri_in_single_slices(tmp_path, suppression):
    write_series(tmp_path / "single", evenly(6), Modality="MR", SOPClassUID=MRImageStorage, EchoTime="80",
                 RepetitionTime="4000", InversionTime="2000", MagneticFieldStrength="1.5", ImagingFrequency="63.8",
                 PixelBandwidth="130", InPlanePhaseEncodingDirection="COL", AcquisitionMatrix=[0, 8, 5, 0],
                 ScanOptions="FS" if suppression == "FAT" else "", ContrastBolusAgent="Gadolinium")
    groups = {
        "MRTimingAndRelatedParametersSequence": sequence(RepetitionTime="4000"),
        "MRModifierSequence": sequence(InversionTimes=[2000.0]),
        "MRImagingModifierSequence": sequence(TransmitterFrequency=63.8, PixelBandwidth="130"),
        "MRFOVGeometrySequence": sequence(InPlanePhaseEncodingDirection="COLUMN", MRAcquisitionFrequencyEncodingSteps=8,
                                          MRAcquisitionPhaseEncodingStepsInPlane=5),
        "MREchoSequence": sequence(EffectiveEchoTime=80.0),
    }
    write_multi_frame(tmp_path / "enhanced", evenly(6), stored_numbers(6), each=lambda _index: groups, Modality="MR",
                      SOPClassUID=EnhancedMRImageStorage, MagneticFieldStrength="1.5",
                      SpectrallySelectedSuppression=suppression,
                      ContrastBolusAgentSequence=sequence(CodeMeaning="Gadolinium"))
    single, enhanced = (scan_fields(tmp_path / name) for name in ("single", "enhanced"))
    assert technique_of(enhanced) == technique_of(single) == Technique("FLAIR", 80.0, 4000.0, suppression == "FAT")
    assert fat_displacement(enhanced) == pytest.approx(fat_displacement(single)) and fat_displacement(single) > 0
    assert enhanced["ContrastBolusAgent"] == "Gadolinium"
    for name in ("single", "enhanced"):
        files = files_of(tmp_path / name)
        for path, copy in zip(files, deidentified(list(map(pydicom.dcmread, files)), "P-17"), strict=True):
            copy.save_as(path, implicit_vr=False, little_endian=True)
        assert technique_of(scan_fields(tmp_path / name)) == technique_of(single), "copies tell it, too"


def test_files_without_a_header_tell_technique_patient_and_day(tmp_path):
    write_series(tmp_path, evenly(6), Modality="MR", SOPClassUID=MRImageStorage, EchoTime="80", RepetitionTime="4000",
                 PatientAge="047Y", StudyDate="20210202")
    leave_out_headers(tmp_path)
    assert technique_of(scan_fields(tmp_path)) == Technique("T2", 80.0, 4000.0)
    assert age_of(patient_at(tmp_path)) == 47
    assert visit_of(tmp_path) == Visit("P1", datetime.date(2021, 2, 2))


def test_a_folder_without_one_volume_tells_no_technique(tmp_path):
    assert scan_fields(tmp_path) == {} and visit_of(tmp_path) == Visit() and patient_at(tmp_path) == {}
    for number in (1, 2):
        write_series(tmp_path, evenly(8), series=f"1.2.{number}", number=number, EchoTime="80", RepetitionTime="4000")
    assert scan_fields(tmp_path) == {} and visit_of(tmp_path).patient == "P1"

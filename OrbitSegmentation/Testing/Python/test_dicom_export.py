"""Results as DICOM and back: equal voxels and values, the patient's study, what is missing, no names on request."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pydicom
import pytest
from scipy import ndimage

from NeuroOrbitLib.anatomy import label_value
from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.dicom.concepts import LONGEST_MEANING, UNITS, short_value, unit_concept
from NeuroOrbitLib.dicom.export import MEASUREMENTS_NAME, SEGMENTATION_NAME, export_results
from NeuroOrbitLib.dicom.preflight import missing_for_export
from NeuroOrbitLib.dicom.read_report import read_measurements
from NeuroOrbitLib.dicom.read_results import read_segmentation
from NeuroOrbitLib.files.safe import write_json
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import looks_like_ct
from NeuroOrbitLib.imaging.resampling import resample
from NeuroOrbitLib.measurements.codes import QUANTITIES
from NeuroOrbitLib.measurements.measure import measure
from NeuroOrbitLib.measurements.orbit import BONE, Cavity
from NeuroOrbitLib.measurements.rims import BONE as BONY_RIMS
from NeuroOrbitLib.measurements.rows import Measured, Row, by_key
from NeuroOrbitLib.measurements.tables import rows_as_data
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.__main__ import main
from Testing.dicom_series import leave_out_headers


@pytest.fixture(scope="module")
def case(tmp_path_factory, dicom_series_writer, toy_head_maker):
    """(folder of the series, label map on its grid with a lens in the right eye, file of the label map)."""
    folder = tmp_path_factory.mktemp("exam")
    scan, labels = toy_head_maker(2.0)
    series = dicom_series_writer(scan, folder / "ct")
    labels = Image(labels.array.copy(), load_image(series).affine)
    eye = np.argwhere(labels.array == label_value("eyeball", "right")).mean(axis=0).astype(int)
    lens = slice(eye[0] - 1, eye[0] + 2), slice(eye[1] - 6, eye[1] - 4), slice(eye[2] - 1, eye[2] + 2)
    labels.array[lens] = label_value("lens", "right")
    return series, labels, save_image(labels, folder / "labels.nii.gz")


@pytest.fixture(scope="module")
def exported(case, tmp_path_factory):
    """(folder of the results, what the export returned)."""
    series, labels, file = case
    folder = tmp_path_factory.mktemp("results")
    heat = save_image(Image(np.linspace(0, 1, labels.array.size, dtype=np.float32).reshape(labels.array.shape),
                            labels.affine), folder / "heat.nii.gz")
    (folder / "page.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")
    return folder / "dicom", export_results(
        str(series), str(file), str(folder / "dicom"), heat_maps={"active": str(heat)},
        report=str(folder / "page.pdf"), observer="Ann Lee", model={"name": "orbit-any-contrast", "version": "0.9"})


def test_segmentation_comes_back_with_equal_voxels(case, exported):
    series, labels, _ = case
    found = read_segmentation(exported[0] / SEGMENTATION_NAME, series)
    assert np.array_equal(found.labels.array, labels.array)
    assert found.labels.grid.same_as(labels.grid, tolerance=1e-4)
    assert found.notices == ()


@pytest.mark.parametrize(("characters", "name"), [
    ("ISO_IR 100", "Müller^Zoë"), ("ISO_IR 144", "Иванов^Пётр"), ("GB18030", "Wang^XiaoDong=王^小东"),
    (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동")])
def test_names_stay_the_same_whatever_letters_the_scanner_uses(case, tmp_path, dicom_series_writer, characters, name):
    """Series of Japanese and Korean scanners could not be exported: "'' is not a valid SpecificCharacterSetValues"."""
    series = dicom_series_writer(load_image(case[0]), tmp_path / "ct", SpecificCharacterSet=characters,
                                 PatientName=name, StudyDescription=None)
    export_results(str(series), str(case[2]), str(tmp_path / "results"), observer="Jörg Weiß")
    for file in (SEGMENTATION_NAME, MEASUREMENTS_NAME):
        dataset = pydicom.dcmread(tmp_path / "results" / file)
        assert (dataset.SpecificCharacterSet, dataset.PatientName) == ("ISO_IR 192", name)
    assert "Weiß" in str(pydicom.dcmread(tmp_path / "results" / SEGMENTATION_NAME).ContentCreatorName)


def test_eyeballs_segment_holds_the_lens(case, exported):
    dataset = pydicom.dcmread(exported[0] / SEGMENTATION_NAME)
    numbers = {item.SegmentLabel: item.SegmentNumber for item in dataset.SegmentSequence}
    frames = zip(dataset.pixel_array, dataset.PerFrameFunctionalGroupsSequence, strict=True)
    voxels = sum(int(frame.sum()) for frame, groups in frames if groups.SegmentIdentificationSequence[
        0].ReferencedSegmentNumber == numbers["Right eyeball"])
    lens, eye = label_value("lens", "right"), label_value("eyeball", "right")
    assert voxels == np.isin(case[1].array, (lens, eye)).sum() > (case[1].array == eye).sum()
    assert dataset.SegmentSequence[0].SegmentAlgorithmType == "AUTOMATIC"


def test_measures_come_back_with_equal_values_uncertainties_and_methods(case, exported):
    series, labels, _ = case
    scan = load_image(series)
    rows = {row.key: row for row in measure(labels, scan, looks_like_ct(scan)) if row.value is not None}
    found = by_key(read_measurements(exported[0] / MEASUREMENTS_NAME))
    assert set(found) == set(rows) and len(rows) > 60
    for key, row in rows.items():
        assert found[key].value == row.value, row.name
        assert found[key].measured.uncertainty == row.measured.uncertainty, row.name
        assert found[key].measured.method == row.measured.method, row.name


def test_other_systems_find_groups_codes_units_and_segments(exported):
    import highdicom

    report = highdicom.sr.srread(exported[0] / MEASUREMENTS_NAME)
    segmentation = pydicom.dcmread(exported[0] / SEGMENTATION_NAME)
    groups = {group.tracking_identifier: group for group in report.content.get_volumetric_roi_measurement_groups()}
    muscle = groups["left_medial_rectus"]
    values = {item.name.meaning: item for item in muscle.get_measurements()}
    assert values["Volume"].unit.value == "ml" and values["Short Axis"].unit.value == "mm"
    assert muscle.finding_sites[0].value.value == "24937009"
    assert muscle.finding_sites[0].laterality.meaning == "Left"
    names = {item.SegmentNumber: item.SegmentLabel for item in segmentation.SegmentSequence}
    reference = muscle.referenced_segment
    assert names[reference[0].ReferencedSOPSequence[0].ReferencedSegmentNumber] == "Left medial rectus muscle"
    assert report.VerificationFlag == "UNVERIFIED" and report.CompletionFlag == "PARTIAL"


def test_a_viewer_shows_values_as_reports_do_and_tells_all_measures_apart(exported):
    content = pydicom.dcmread(exported[0] / MEASUREMENTS_NAME).ContentSequence
    groups = [item for part in content for item in part.get("ContentSequence", []) if item.ValueType == "CONTAINER"]
    for group in groups:
        measures = [item for item in group.ContentSequence if item.ValueType == "NUM"]
        shown = []
        for item in measures:
            value = item.MeasuredValueSequence[0]
            assert len(str(value.NumericValue)) <= 8, str(value.NumericValue)
            assert float(value.NumericValue) == pytest.approx(value.FloatingPointValue, abs=0.51)
            spreads = [one.MeasuredValueSequence[0] for one in item.ContentSequence if one.ValueType == "NUM"]
            units = {one.MeasurementUnitsCodeSequence[0].CodeValue for one in [value, *spreads]}
            assert len(units) == 1 and all(len(str(one.NumericValue)) <= 8 for one in spreads)
            methods = [one.ConceptCodeSequence[0].CodeMeaning for one in item.ContentSequence if one.ValueType == "CODE"
                       and one.ConceptNameCodeSequence[0].CodeMeaning == "Measurement Method"]
            shown.append((item.ConceptNameCodeSequence[0].CodeMeaning, *methods))
        assert len(set(shown)) == len(shown), shown
    assert len(groups) > 10


def test_a_method_that_is_longer_than_the_meaning_of_a_code_comes_back_whole(case, tmp_path):
    """'..., to the bone of the CT; rims: frontmost bone' came back as '..., to the bone of the CT; rims:'."""
    methods = {"muscle_share": str(Cavity.method.fget(SimpleNamespace(walls=BONE, rims=BONY_RIMS))),
               "fat_share": str(BONE)}
    rows = [Row("bony_orbit", Side.RIGHT, name, Measured(12.0, None, method=text)) for name, text in methods.items()]
    assert [len(text) > LONGEST_MEANING for text in methods.values()] == [True, False]
    file = write_json(tmp_path / "measures.json", {"measures": rows_as_data(rows)})
    export_results(str(case[0]), str(case[2]), str(tmp_path / "out"), str(file))
    found = read_measurements(tmp_path / "out" / MEASUREMENTS_NAME)
    assert {row.quantity: row.measured.method for row in found} == methods


def test_what_must_be_known_of_values_is_a_comment_and_comes_back(case, tmp_path):
    series, labels, _ = case
    spoiled, muscle = labels.array.copy(), label_value("medial_rectus", "left")
    away = ndimage.distance_transform_edt(labels.array != muscle)
    free = ndimage.minimum_filter(np.where(labels.array == 0, away, 0), size=5) > 2
    k, j, i = np.unravel_index(np.argmin(np.where(free, away, np.inf)), away.shape)
    spoiled[k - 1:k + 2, j - 1:j + 2, i - 1:i + 2] = muscle
    rows = [row for row in measure(labels.with_array(spoiled), load_image(series), is_ct=True) if row.value is not None]
    notes = {row.measured.note for row in rows if (row.structure, row.side) == ("medial_rectus", Side.LEFT)} - {""}
    assert len(notes) == 1
    export_results(str(series), str(save_image(labels.with_array(spoiled), tmp_path / "l.nii.gz")), str(tmp_path / "o"))
    found = read_measurements(tmp_path / "o" / MEASUREMENTS_NAME)
    assert {row.measured.note for row in found
            if (row.structure, row.side) == ("medial_rectus", Side.LEFT)} == {str(*notes)}
    others = {row.structure for row in rows if not row.measured.note} - {"medial_rectus"}
    assert others and not any(row.measured.note for row in found if row.structure in others)


def test_everything_lies_in_the_patients_study(case, exported):
    image = pydicom.dcmread(next(case[0].iterdir()))
    files = [pydicom.dcmread(path) for path in exported[0].iterdir()]
    assert sorted(item.Modality for item in files) == ["DOC", "OT", "SEG", "SR"]
    for item in files:
        assert (item.StudyInstanceUID, item.PatientID) == (image.StudyInstanceUID, image.PatientID)
    assert len({item.SeriesInstanceUID for item in files} | {image.SeriesInstanceUID}) == 5
    assert exported[1]["segments"] == 13


def test_heat_map_is_marked_as_derived_and_keeps_its_values(case, exported):
    found = pydicom.dcmread(exported[0] / "heat_map_1.dcm")
    assert found.ImageType[:2] == ["DERIVED", "PRIMARY"] and found.ContentQualification == "RESEARCH"
    expected = np.linspace(0, 1, case[1].array.size, dtype=np.float32).reshape(case[1].array.shape)
    for heat, groups in zip(found.pixel_array, found.PerFrameFunctionalGroupsSequence, strict=True):
        z = float(groups.PlanePositionSequence[0].ImagePositionPatient[2])
        assert np.allclose(heat, expected[round((z - case[1].affine[2, 3]) / 2.0)])
    assert "research use only" in found.SeriesDescription


def test_a_heat_map_of_a_part_of_the_scan_lies_at_its_place_and_one_of_another_scan_is_refused(case, tmp_path):
    """Classifiers write the heat of the crop that they saw, in voxels of its own."""
    series, labels, file = case
    inner = labels.grid.ras_from_ijk(np.array([6.5, 8.5, 4.0]))
    crop = Image(np.full((4, 8, 8), 0.7, np.float32), np.diag([1.3, 1.3, 2.0, 1.0]))
    crop.affine[:3, 3] = inner
    heat = save_image(crop, tmp_path / "heat.nii.gz")
    export_results(str(series), str(file), str(tmp_path / "out"), heat_maps={"active": str(heat)})
    found = pydicom.dcmread(tmp_path / "out" / "heat_map_1.dcm").pixel_array
    assert found.shape[1:] == labels.array.shape[1:] and found.max() == pytest.approx(0.7)
    expected = resample(crop, labels.grid).array
    assert np.count_nonzero(expected) == np.count_nonzero(found) > 50
    far = save_image(Image(crop.array, crop.affine + np.array([[0, 0, 0, 900.0], *np.zeros((3, 4))])),
                     tmp_path / "far.nii.gz")
    with pytest.raises(Problem, match="of another scan"):
        export_results(str(series), str(file), str(tmp_path / "far"), heat_maps={"active": str(far)})
    assert not (tmp_path / "far").exists()


@pytest.mark.parametrize(("told", "kind"), [([], "MANUAL"), (["--model", "orbit-any-contrast=0.9"], "AUTOMATIC"),
                                            (["--model", "m=1", "--corrected"], "SEMIAUTOMATIC")])
def test_the_command_says_who_outlined(case, tmp_path, told, kind):
    series, _labels, file = case
    write_json(tmp_path / "none.json", {"measures": []})
    assert main(["export-dicom", str(series), "--labels", str(file), "-o", str(tmp_path / "out"), "--measures",
                 str(tmp_path / "none.json"), *told]) == 0
    assert pydicom.dcmread(tmp_path / "out" / SEGMENTATION_NAME).SegmentSequence[0].SegmentAlgorithmType == kind


@pytest.mark.parametrize("told", [["--model", "orbit"], ["--corrected"]])
def test_the_command_refuses_half_a_model(case, tmp_path, told, capsys):
    series, _labels, file = case
    assert main(["export-dicom", str(series), "--labels", str(file), "-o", str(tmp_path / "out"), *told]) == 1
    assert "--model NAME=VERSION" in capsys.readouterr().err and not (tmp_path / "out").exists()


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools is not installed")
def test_validator_finds_no_errors(exported):
    for path in sorted(exported[0].iterdir()):
        done = subprocess.run(["dciodvfy", "-new", str(path)], capture_output=True, check=False, encoding="utf-8")
        assert "Error" not in done.stderr, f"{path.name}: {done.stderr}"


def test_deidentified_export_names_nobody_and_stays_together(case, tmp_path):
    series, labels, file = case
    original = [pydicom.dcmread(path) for path in series.iterdir()]
    export_results(str(series), str(file), str(tmp_path / "out"), pseudonym="CASE-7")
    files = [pydicom.dcmread(path) for path in (tmp_path / "out").iterdir()]
    assert {str(item.PatientName) for item in files} == {"CASE-7^"}
    assert len({item.StudyInstanceUID for item in files}) == len({item.FrameOfReferenceUID for item in files
                                                                  if item.Modality == "CT"}) == 1
    text = "\n".join(str(item) for item in files)
    first = original[0]
    for secret in ("Phantom", "P1", "20260101", first.StudyInstanceUID, first.SeriesInstanceUID,
                   first.FrameOfReferenceUID, *(item.SOPInstanceUID for item in original)):
        assert f"'{secret}" not in text and f": {secret}\n" not in text, secret
    images = tmp_path / "images"
    images.mkdir()
    for path in (tmp_path / "out").glob("image_*.dcm"):
        shutil.copy(path, images)
    assert np.array_equal(load_image(images).array, load_image(series).array)
    found = read_segmentation(tmp_path / "out" / SEGMENTATION_NAME, images)
    assert np.array_equal(found.labels.array, labels.array)


def test_a_deidentified_export_takes_no_observer(case, tmp_path, capsys):
    series, _labels, file = case
    arguments = ["export-dicom", str(series), "--labels", str(file), "-o", str(tmp_path / "out")]
    assert main([*arguments, "--deidentify", "CASE-7", "--observer", "Doe^Jane"]) == 1
    assert "leave out --observer" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_a_pseudonym_in_any_letters_is_the_same_in_all_files(case, tmp_path):
    export_results(str(case[0]), str(case[2]), str(tmp_path / "out"), no_measures(tmp_path), pseudonym="患者 7")
    files = [pydicom.dcmread(path) for path in (tmp_path / "out").iterdir()]
    assert {(str(item.PatientName), item.PatientID) for item in files} == {("患者 7^", "患者 7")} and len(files) > 20


@pytest.mark.parametrize("pseudonym", [None, "P-17"])
def test_results_of_files_without_a_header_come_back(case, tmp_path, pseudonym):
    """Some old archives leave preamble and meta information out."""
    series, labels, file = case
    leave_out_headers(Path(shutil.copytree(series, tmp_path / "ct")))
    export_results(str(tmp_path / "ct"), str(file), str(tmp_path / "out"), pseudonym=pseudonym)
    copies = tmp_path / ("out" if pseudonym else "ct")
    assert np.array_equal(load_image(copies).array, load_image(series).array)
    assert np.array_equal(read_segmentation(tmp_path / "out" / SEGMENTATION_NAME, copies).labels.array, labels.array)


@pytest.mark.parametrize(("content", "words"), [
    (None, r"There is no report .*page\.pdf. Check the name"), (b"<!DOCTYPE html>", "is no PDF. .* ends with .pdf"),
])
def test_only_a_pdf_goes_along_as_a_report(case, tmp_path, content, words):
    if content:
        (tmp_path / "page.pdf").write_bytes(content)
    with pytest.raises(Problem, match=words):
        export_results(str(case[0]), str(case[2]), str(tmp_path / "out"), no_measures(tmp_path),
                       report=str(tmp_path / "page.pdf"))
    assert not (tmp_path / "out").exists()


def test_two_heat_maps_of_one_name_are_refused(case, tmp_path, capsys):
    """The second would take the place of the first."""
    assert main(["export-dicom", str(case[0]), "--labels", str(case[2]), "-o", str(tmp_path / "out"),
                 "--heat-map", "active=a.nii.gz", "--heat-map", "active=b.nii.gz"]) == 1
    assert "Two heat maps are called 'active'. Give each a name of its own." in capsys.readouterr().err


@pytest.mark.parametrize("pseudonym", ["A\\B", "A^B", "A=B", "A\nB", "x" * 64])
def test_a_pseudonym_that_dicom_would_split_or_cut_is_refused(case, tmp_path, pseudonym):
    with pytest.raises(Problem, match="Choose a pseudonym of up to 63 letters"):
        export_results(str(case[0]), str(case[2]), str(tmp_path / "out"), no_measures(tmp_path), pseudonym=pseudonym)
    assert not (tmp_path / "out").exists()


def test_copied_images_never_replace_images_that_are_there(case, tmp_path):
    """The series itself, whose files may have the same names, or another patient's export."""
    shutil.copytree(case[0], tmp_path / "ct")
    for number, path in enumerate(sorted((tmp_path / "ct").iterdir()), start=1):
        path.rename(path.with_name(f"image_{number:04d}.dcm"))
    before = {path.name: path.read_bytes() for path in (tmp_path / "ct").iterdir()}
    with pytest.raises(Problem, match=r"holds images already .image_0001\.dcm.*Choose an empty folder"):
        export_results(str(tmp_path / "ct"), str(case[2]), str(tmp_path / "ct"), no_measures(tmp_path), pseudonym="Q")
    assert {path.name: path.read_bytes() for path in (tmp_path / "ct").iterdir()} == before


def contents(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_an_older_report_or_heat_map_never_stands_beside_new_results(case, exported, tmp_path):
    """It would travel with measures that it does not show."""
    shutil.copytree(exported[0], tmp_path / "out")
    before = contents(tmp_path / "out")
    with pytest.raises(Problem, match=r"holds heat_map_1\.dcm.*report\.dcm of an earlier export.* Nothing was written"):
        export_results(str(case[0]), str(case[2]), str(tmp_path / "out"), no_measures(tmp_path))
    assert contents(tmp_path / "out") == before
    for name in ("heat_map_1.dcm", "report.dcm"):
        (tmp_path / "out" / name).unlink()
    with pytest.raises(Problem, match=r"holds measurements\.dcm of an earlier export"):
        export_results(str(case[0]), str(case[2]), str(tmp_path / "out"), no_measures(tmp_path))
    export_results(str(case[0]), str(case[2]), str(tmp_path / "out"))
    assert contents(tmp_path / "out").keys() == {SEGMENTATION_NAME, MEASUREMENTS_NAME}


def test_files_of_others_beside_results_stay_and_are_no_older_results(case, exported, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    other = pydicom.dcmread(exported[0] / "report.dcm")
    other.Manufacturer = "Another"
    other.save_as(folder / "report.dcm")
    (folder / "heat_map_1.dcm").write_bytes(b"no DICOM")
    shutil.copy(exported[0] / "report.dcm", folder / "kept on purpose.dcm")
    shutil.copy(next(case[0].iterdir()), folder / "image_0001.dcm")
    before = contents(folder)
    export_results(str(case[0]), str(case[2]), str(folder), no_measures(tmp_path))
    after = contents(folder)
    assert after.pop(SEGMENTATION_NAME) and after == before


@pytest.mark.parametrize("other", ["patient", "series of the study", "program", "no DICOM"])
def test_what_is_no_earlier_export_of_the_series_is_never_replaced(case, exported, tmp_path, other):
    folder = tmp_path / "out"
    folder.mkdir()
    dataset = pydicom.dcmread(exported[0] / SEGMENTATION_NAME)
    if other == "patient":
        dataset.StudyInstanceUID, dataset.PatientID = "1.2.3", "OTHER"
    elif other == "series of the study":
        dataset.ReferencedSeriesSequence[0].SeriesInstanceUID = "1.2.3"
    elif other == "program":
        dataset.Manufacturer = "Another"
    dataset.save_as(folder / SEGMENTATION_NAME)
    if other == "no DICOM":
        (folder / SEGMENTATION_NAME).write_bytes(b"mine")
    before = contents(folder)
    with pytest.raises(Problem, match=r"holds segmentation\.dcm already.*another folder, or remove it. Nothing was"):
        export_results(str(case[0]), str(case[2]), str(folder), no_measures(tmp_path))
    assert contents(folder) == before


def test_an_earlier_export_of_the_series_is_replaced(case, exported, tmp_path):
    shutil.copytree(exported[0], tmp_path / "out")
    for name in ("heat_map_1.dcm", "report.dcm"):
        (tmp_path / "out" / name).unlink()
    before = contents(tmp_path / "out")
    export_results(str(case[0]), str(case[2]), str(tmp_path / "out"))
    after = contents(tmp_path / "out")
    assert after.keys() == before.keys() and all(after[name] != before[name] for name in before)


def test_results_that_name_the_patient_never_stand_beside_images_under_a_pseudonym(case, tmp_path):
    """Together they would tell whose pseudonym it is. Results of the copies themselves belong to them."""
    series, _labels, file = case
    export_results(str(series), str(file), str(tmp_path / "out"), no_measures(tmp_path), pseudonym="CASE-7")
    before = contents(tmp_path / "out")
    with pytest.raises(Problem, match=r"holds image_0001\.dcm.* of an earlier export"):
        export_results(str(series), str(file), str(tmp_path / "out"), no_measures(tmp_path))
    assert contents(tmp_path / "out") == before
    (tmp_path / "out" / SEGMENTATION_NAME).unlink()
    export_results(str(tmp_path / "out"), str(file), str(tmp_path / "out"), no_measures(tmp_path))
    assert pydicom.dcmread(tmp_path / "out" / SEGMENTATION_NAME).PatientID == "CASE-7"


@pytest.mark.parametrize(("field", "value", "words"), [
    ("PatientID", "", "do not say the patient"), ("StudyInstanceUID", "", "their study"),
    ("FrameOfReferenceUID", "", "frame of reference"), ("SOPInstanceUID", "", "no identifier"),
])
def test_what_is_missing_is_told_before_anything_is_written(case, tmp_path, field, value, words):
    series, _, file = case
    broken = tmp_path / "ct"
    shutil.copytree(series, broken)
    for path in broken.iterdir():
        dataset = pydicom.dcmread(path)
        setattr(dataset, field, value)
        dataset.save_as(path)
    with pytest.raises(Problem, match=words) as told:
        export_results(str(broken), str(file), str(tmp_path / "out"))
    assert str(told.value).startswith("Nothing was written.")
    assert not (tmp_path / "out").exists()


def test_several_patients_and_frames_are_told_together(case):
    images = [pydicom.dcmread(path, stop_before_pixels=True) for path in case[0].iterdir()]
    images[0].PatientID, images[1].FrameOfReferenceUID = "P2", "1.2.3"
    told = " ".join(missing_for_export(images))
    assert "2 patients" in told and "frame of reference" in told


#: By label value: that of the same structure on the other side.
_OTHER_SIDE = np.array([0, *(value + 1 if value % 2 else value - 1 for value in range(1, 25)), 25], np.uint8)


@pytest.mark.parametrize(("change", "words"), [
    (lambda labels: labels.with_array(np.zeros_like(labels.array)), "Nothing is labelled yet"),
    (lambda labels: Image(labels.array[:-1], labels.affine), "do not lie on the DICOM series"),
    (lambda labels: labels.with_array(np.full(labels.array.shape, 99, np.uint8)), "not of the vocabulary .99"),
    (lambda labels: labels.with_array(_OTHER_SIDE[labels.array]), "contradict the anatomy: 1 would be the right eye"),
])
def test_labels_that_do_not_fit_are_refused(case, tmp_path, change, words):
    file = save_image(change(case[1]), tmp_path / "wrong.nii.gz")
    with pytest.raises(Problem, match=words):
        export_results(str(case[0]), str(file), str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_labels_stored_in_another_axis_order_are_exported_the_same(case, exported, tmp_path):
    labels = case[1]
    pose = labels.affine @ np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, -1, labels.array.shape[0] - 1], [0, 0, 0, 1.0]])
    file = save_image(Image(labels.array.transpose(0, 2, 1)[::-1].copy(), pose), tmp_path / "labels.nii.gz")
    export_results(str(case[0]), str(file), str(tmp_path / "out"))
    first, second = (pydicom.dcmread(folder / SEGMENTATION_NAME) for folder in (exported[0], tmp_path / "out"))
    np.testing.assert_array_equal(first.pixel_array, second.pixel_array)
    assert [item.SegmentLabel for item in first.SegmentSequence] == [
        item.SegmentLabel for item in second.SegmentSequence]


def test_measures_of_other_labels_are_refused(case, tmp_path):
    """Another patient's file, or one from before a muscle was corrected."""
    rows = [replace(row, measured=replace(row.measured, value=2.0 * row.value)) if row.quantity == "volume" else row
            for row in measure(case[1]) if row.value is not None]
    file = write_json(tmp_path / "measures.json", {"measures": rows_as_data(rows)})
    with pytest.raises(Problem, match=r"not those of these labels: Right optic nerve: volume is .* Measure these"):
        export_results(str(case[0]), str(case[2]), str(tmp_path / "out"), str(file))
    assert not (tmp_path / "out").exists()


def test_segmentation_of_another_series_is_refused(exported, tmp_path, toy_head_maker, dicom_series_writer):
    scan, _ = toy_head_maker(2.0)
    moved = scan.affine.copy()
    moved[2, 3] += 1.0
    other = dicom_series_writer(Image(scan.array, moved), tmp_path / "other")
    with pytest.raises(Problem, match="does not lie on the slices"):
        read_segmentation(exported[0] / SEGMENTATION_NAME, other)


def test_segments_of_other_anatomy_are_left_out_and_told(case, exported, tmp_path):
    dataset = pydicom.dcmread(exported[0] / SEGMENTATION_NAME)
    dataset.SegmentSequence[1].SegmentedPropertyTypeCodeSequence[0].CodeValue = "10200004"
    dataset.save_as(tmp_path / "liver.dcm")
    found = read_segmentation(tmp_path / "liver.dcm", case[0])
    assert "left out" in found.notices[0]
    assert len(np.unique(found.labels.array)) == len(np.unique(case[1].array)) - 1


def test_files_of_another_kind_are_refused(case, exported, tmp_path):
    with pytest.raises(Problem, match="is no structured report"):
        read_measurements(exported[0] / SEGMENTATION_NAME)
    with pytest.raises(Problem, match="is no DICOM segmentation"):
        read_segmentation(exported[0] / MEASUREMENTS_NAME, case[0])
    (tmp_path / "text.dcm").write_text("no DICOM")
    with pytest.raises(Problem, match="cannot be read as DICOM"):
        read_measurements(tmp_path / "text.dcm")


def test_every_quantity_can_be_coded():
    assert len({short_value(key.upper()) for key in QUANTITIES}) == len(QUANTITIES)
    for quantity in QUANTITIES.values():
        assert quantity.unit in UNITS, quantity.name
        assert unit_concept(quantity.unit).value and len(short_value(quantity.code.value)) <= 16
        assert len(quantity.code.meaning) <= LONGEST_MEANING and len(quantity.name) <= LONGEST_MEANING, quantity.name


def test_names_in_other_letters_stay(case, tmp_path):
    series, _, file = case
    shutil.copytree(series, tmp_path / "ct")
    for path in (tmp_path / "ct").iterdir():
        dataset = pydicom.dcmread(path)
        dataset.SpecificCharacterSet, dataset.PatientName = "ISO_IR 100", "Müller^Jörg"
        dataset.save_as(path)
    export_results(str(tmp_path / "ct"), str(file), str(tmp_path / "out"))
    assert {str(pydicom.dcmread(path).PatientName) for path in (tmp_path / "out").iterdir()} == {"Müller^Jörg"}


def no_measures(folder):
    """A file of no measures, so that nothing is measured."""
    return str(write_json(folder / "none.json", {"measures": []}))


def value_of(row):
    """What must come back of a measure in JSON."""
    return row["structure"], row["side"] or "", row["quantity"], row["value"]


def test_command_lines_write_and_read(case, tmp_path, capsys):
    series, labels, file = case
    assert main(["measure", str(series), "--labels", str(file), "--json", str(tmp_path / "measures.json")]) == 0
    assert main(["export-dicom", str(series), "--labels", str(file), "--measures", str(tmp_path / "measures.json"),
                 "-o", str(tmp_path / "out")]) == 0
    assert main(["import-dicom", str(tmp_path / "out" / SEGMENTATION_NAME), "--series", str(series), "-o",
                 str(tmp_path / "back.nii.gz")]) == 0
    assert np.array_equal(load_image(tmp_path / "back.nii.gz").array, labels.array)
    assert main(["import-dicom", str(tmp_path / "out" / MEASUREMENTS_NAME), "-o", str(tmp_path / "back.json")]) == 0
    back = json.loads((tmp_path / "back.json").read_text())["measures"]
    first = json.loads((tmp_path / "measures.json").read_text())["measures"]
    assert sorted(map(value_of, back)) == sorted(value_of(row) for row in first if row["value"] is not None)
    assert main(["import-dicom", str(tmp_path / "out" / SEGMENTATION_NAME), "-o", str(tmp_path / "x.json")]) == 1
    assert "--series" in capsys.readouterr().err
    assert main(["import-dicom", str(tmp_path / "out" / MEASUREMENTS_NAME), "-o", str(tmp_path / "x.nii.gz")]) == 1
    assert "Measures are written as .json" in capsys.readouterr().err and not list(tmp_path.glob("x.*"))

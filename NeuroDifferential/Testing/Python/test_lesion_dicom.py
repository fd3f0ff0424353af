"""Lesions as DICOM and back: equal voxels, regions with their codes, measures, what is missing, no names on request."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace

import highdicom
import numpy as np
import pydicom
import pytest
from scipy import ndimage

from NeuroDifferentialLib.__main__ import main
from NeuroDifferentialLib.commands.showing import COLUMNS
from NeuroDifferentialLib.dicom.content import LESIONS, lesion_groups, region_label
from NeuroDifferentialLib.dicom.export import export_lesions
from NeuroDifferentialLib.dicom.read_measures import read_lesion_measures
from NeuroDifferentialLib.dicom.reading import read_lesions
from NeuroDifferentialLib.pipeline import measure
from NeuroDifferentialLib.places.regions import REGION_CODES, Region
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.dicom.concepts import short_value
from NeuroOrbitLib.dicom.export import MEASUREMENTS_NAME, SEGMENTATION_NAME
from NeuroOrbitLib.dicom.measurement_report import measurement_report
from NeuroOrbitLib.dicom.read_report import read_measurements
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.resampling import resample
from NeuroOrbitLib.phantom.brain.scans import ScanQuality, simulate_brain
from NeuroOrbitLib.phantom.brain.sequences import BrainSequence
from NeuroOrbitLib.problem import Problem
from Testing.dicom_series import edit, write_image


@pytest.fixture(scope="module")
def case(tmp_path_factory, flair, truth, average_brain):
    """(folder of the FLAIR's series, mask on its grid, file of the mask, file of the anatomy)."""
    folder = tmp_path_factory.mktemp("exam")
    stored = flair.with_array(np.rint(flair.array / max(float(flair.array.max()), 1.0) * 900).astype(np.int16))
    series = write_image(stored, folder / "flair", Modality="MR", SeriesDescription="FLAIR", PatientID="P1",
                         PatientName="Phantom^Ms")
    read = load_image(series)
    mask = resample(flair.with_array(truth.astype(np.uint8)), read.grid, "nearest")
    parts = resample(average_brain.labels.with_array(average_brain.parts), read.grid, "nearest")
    for part in (BrainPart.LATERAL_VENTRICLE, BrainPart.BRAINSTEM):  # drawn by hand: beside one and in the other
        places = np.argwhere(parts.array == part)
        middle = places[np.linalg.norm(places - places.mean(axis=0), axis=1).argmin()]
        mask.array[tuple(slice(index - 2, index + 3) for index in middle)] = 1
    return (series, mask, save_image(mask, folder / "lesions.nii.gz"),
            save_image(parts.with_array(parts.array.astype(np.uint8)), folder / "anatomy.nii.gz"))


@pytest.fixture(scope="module")
def report(case):
    """What the mask measures."""
    return measure(case[1], load_image(case[3]))


@pytest.fixture(scope="module")
def exported(case, tmp_path_factory):
    """(folder of the results, what the export returned)."""
    series, _mask, lesions, anatomy = case
    folder = tmp_path_factory.mktemp("results") / "dicom"
    return folder, export_lesions(str(series), str(lesions), str(anatomy), str(folder), observer="Ann Lee",
                                  model={"name": "wmh-any-flair", "version": "1.1"})


def test_lesions_come_back_with_equal_voxels(case, exported):
    found = read_lesions(exported[0] / SEGMENTATION_NAME, case[0])
    assert np.array_equal(found.labels.array, case[1].array) and case[1].array.sum() > 500
    assert found.labels.grid.same_as(case[1].grid, tolerance=1e-4) and found.notices == ()


def test_masks_whose_axes_a_converter_has_turned_are_written_like_the_others(case, tmp_path):
    """Converters from DICOM to NIfTI turn the rows of every image."""
    series, mask, *files = case
    turned = []
    for file in files:
        image = load_image(file)
        affine = image.affine.copy()
        affine[:3, 3] += affine[:3, 1] * (image.array.shape[1] - 1)
        affine[:3, 1] *= -1
        turned.append(str(save_image(Image(image.array[:, ::-1], affine), tmp_path / file.name)))
    export_lesions(str(series), *turned, str(tmp_path / "dicom"))
    assert np.array_equal(read_lesions(tmp_path / "dicom" / SEGMENTATION_NAME, series).labels.array, mask.array)


def test_each_region_is_a_segment_with_its_codes_and_its_own_voxels(exported, report):
    """Regions share codes: the name of the segment tells them apart."""
    dataset = pydicom.dcmread(exported[0] / SEGMENTATION_NAME)
    regions = {region for region in Region if any(lesion.region is region for lesion in report.lesions)}
    items = {item.SegmentLabel: item for item in dataset.SegmentSequence}
    assert set(items) == {region_label(region) for region in regions} and len(regions) >= 2
    voxels = dict.fromkeys(items, 0)
    names = {item.SegmentNumber: name for name, item in items.items()}
    for frame, groups in zip(dataset.pixel_array, dataset.PerFrameFunctionalGroupsSequence, strict=True):
        voxels[names[groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber]] += int(frame.sum())
    placed = report.region_map().array
    for value, region in enumerate(Region, start=1):
        if region not in regions:
            continue
        item = items[region_label(region)]
        place = item.AnatomicRegionSequence[0]
        assert (place.CodingSchemeDesignator, place.CodeValue) == REGION_CODES[region][:2]
        assert item.SegmentedPropertyTypeCodeSequence[0].CodeValue == "110702"
        assert item.SegmentedPropertyCategoryCodeSequence[0].CodeValue == "49755003"
        assert item.SegmentAlgorithmType == "AUTOMATIC" and "wmh-any-flair" in item.SegmentAlgorithmName
        assert voxels[region_label(region)] == np.count_nonzero(placed == value) > 0
    assert dataset.ManufacturerModelName == "NeuroDifferential" and "Orbit" not in dataset.SeriesDescription


def test_both_objects_lie_in_the_study_and_refer_to_the_flair(case, exported):
    image = pydicom.dcmread(next(case[0].iterdir()))
    files = [pydicom.dcmread(path) for path in sorted(exported[0].iterdir())]
    assert [item.Modality for item in files] == ["SR", "SEG"]
    assert {(item.StudyInstanceUID, item.PatientID) for item in files} == {(image.StudyInstanceUID, "P1")}
    assert files[1].FrameOfReferenceUID == image.FrameOfReferenceUID
    assert files[1].ReferencedSeriesSequence[0].SeriesInstanceUID == image.SeriesInstanceUID


def groups_of(path):
    """Measures by tracking identifier of their group: values by their own identifier, answers, finding site, point."""
    found = {}
    for part in pydicom.dcmread(path).ContentSequence:
        for group in part.get("ContentSequence", []):
            if group.ValueType != "CONTAINER":
                continue
            texts = {item.ConceptNameCodeSequence[0].CodeMeaning: item.TextValue for item in group.ContentSequence
                     if item.ValueType == "TEXT"}
            found[texts["Tracking Identifier"]] = group
    return found


def values_of(group):
    return {next(child.TextValue for child in item.ContentSequence if child.ValueType == "TEXT").partition(".")[2]:
            item.MeasuredValueSequence[0] for item in group.ContentSequence if item.ValueType == "NUM"}


def test_every_lesion_is_a_group_with_the_values_of_the_table_its_region_and_its_place(exported, report):
    groups = groups_of(exported[0] / MEASUREMENTS_NAME)
    assert len([name for name in groups if name.startswith("lesion_")]) == len(report.lesions) >= 5
    for lesion in report.lesions:
        group, row = groups[f"lesion_{lesion.number}"], lesion.as_row()
        values = values_of(group)
        for key in ("volume_mm3", "diameter_mm", "elongation", "ventricle_angle_deg", "to_lateral_ventricle_mm",
                    "to_cortex_mm"):
            assert (values[key].FloatingPointValue if key in values else None) == row[key], key
        assert values["volume_mm3"].MeasurementUnitsCodeSequence[0].CodeValue == "mm3"
        answers = [item.ConceptCodeSequence[0].CodeMeaning for item in group.ContentSequence if item.ValueType == "CODE"
                   and item.ConceptNameCodeSequence[0].CodeValue == short_value("LESION_REGION")]
        assert answers == [lesion.region.value]
        volume = next(item for item in group.ContentSequence if item.ValueType == "NUM"
                      and item.ConceptNameCodeSequence[0].CodeMeaning == "Volume")
        point = next(item for item in volume.ContentSequence if item.ValueType == "SCOORD3D")
        assert np.allclose(point.GraphicData, np.array(lesion.center) * [-1, -1, 1], atol=0.051)
    total = values_of(groups["lesions"])
    assert total["count"].FloatingPointValue == len(report.lesions)
    assert total["volume"].FloatingPointValue == pytest.approx(report.volume_ml)


def test_measures_come_back_as_they_were_measured(case, exported, report, tmp_path, capsys):
    """As numbers, and as the very table that 'measure' writes."""
    rows = read_lesion_measures(exported[0] / MEASUREMENTS_NAME)["lesions"]
    assert rows == [lesion.as_row() for lesion in report.lesions] and list(rows[0]) == list(COLUMNS)
    assert None in {row["ventricle_angle_deg"] for row in rows} and len({row["region"] for row in rows}) >= 2
    lesions, anatomy, measures = str(case[2]), str(case[3]), str(exported[0] / MEASUREMENTS_NAME)
    assert main(["measure", lesions, "--anatomy", anatomy, "--table", str(tmp_path / "first.csv"), "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert main(["import-dicom", measures, "-o", str(tmp_path / "back.csv")]) == 0
    assert f"Measures of {len(rows)} lesions written" in capsys.readouterr().out
    assert (tmp_path / "back.csv").read_bytes() == (tmp_path / "first.csv").read_bytes()
    assert main(["import-dicom", measures, "-o", str(tmp_path / "back.json")]) == 0
    back = json.loads((tmp_path / "back.json").read_text())
    assert back == {key: first[key] for key in back} and len(back) == 6


def test_temporal_lobes_and_middles_between_two_decimals_come_back(report, exported, case, tmp_path):
    """Both answers, whatever the phantom has, and places that single precision would round the other way."""
    for answer in (True, False):
        lesions = tuple(replace(lesion, temporal=answer, center=(12.35, -7.85, 0.15)) for lesion in report.lesions)
        groups = lesion_groups(replace(report, lesions=lesions), "1.2.3")
        images = [pydicom.dcmread(path, stop_before_pixels=True) for path in sorted(case[0].iterdir())]
        segmentation = highdicom.seg.segread(exported[0] / SEGMENTATION_NAME)
        measurement_report(images, segmentation, groups, content=LESIONS).save_as(tmp_path / "report.dcm")
        rows = read_lesion_measures(tmp_path / "report.dcm")["lesions"]
        assert rows == [lesion.as_row() for lesion in lesions]


def without_group(dataset, name):
    """Leave out what a report says of one group."""
    for part in dataset.ContentSequence:
        part.get("ContentSequence", []) and setattr(part, "ContentSequence", [
            group for group in part.ContentSequence if name not in [
                item.get("TextValue") for item in group.get("ContentSequence", [])]])


def without_region(dataset, name):
    """Leave out the region of one lesion."""
    group = next(group for part in dataset.ContentSequence for group in part.get("ContentSequence", [])
                 if name in [item.get("TextValue") for item in group.get("ContentSequence", [])])
    group.ContentSequence = [item for item in group.ContentSequence if item.ValueType != "CODE" or
                             item.ConceptNameCodeSequence[0].CodeValue != "LESION_REGION"]


@pytest.mark.parametrize(("spoil", "kind"), [(without_group, "lesion_"), (without_group, "lesions_"),
                                             (without_region, "lesion_")])
def test_a_report_that_lost_a_lesion_or_a_region_is_refused(exported, tmp_path, spoil, kind, capsys):
    dataset = pydicom.dcmread(exported[0] / MEASUREMENTS_NAME)
    spoil(dataset, next(name for name in groups_of(exported[0] / MEASUREMENTS_NAME) if name.startswith(kind)))
    dataset.save_as(tmp_path / "less.dcm")
    assert main(["import-dicom", str(tmp_path / "less.dcm"), "-o", str(tmp_path / "back.csv")]) == 1
    assert "less.dcm does not hold all" in capsys.readouterr().err and not (tmp_path / "back.csv").exists()


def test_reports_of_versions_without_the_temporal_lobe_leave_it_open(exported, report, tmp_path):
    dataset = pydicom.dcmread(exported[0] / MEASUREMENTS_NAME)
    for part in dataset.ContentSequence:
        for group in part.get("ContentSequence", []):
            for item in [item for item in group.get("ContentSequence", []) if item.ValueType == "CODE"]:
                if item.ConceptNameCodeSequence[0].CodeValue == "TEMPORAL_LOBE":
                    group.ContentSequence.remove(item)
    dataset.save_as(tmp_path / "older.dcm")
    rows = read_lesion_measures(tmp_path / "older.dcm")["lesions"]
    assert rows == [{**lesion.as_row(), "temporal_lobe": None} for lesion in report.lesions]


def test_what_is_no_report_of_lesions_is_told(case, exported, tmp_path, capsys):
    segmentation, measures = (str(exported[0] / name) for name in (SEGMENTATION_NAME, MEASUREMENTS_NAME))
    image, output = str(next(case[0].iterdir())), tmp_path / "back.csv"
    mask = ["-o", str(tmp_path / "back.nii.gz")]
    for words, says in (([segmentation], "Give its folder with --series"), ([image], "is no structured report"),
                        ([measures, *mask], "written as .csv or .json"),
                        ([measures, *mask, "--series", str(case[0])], "is no DICOM segmentation")):
        assert main(["import-dicom", "-o", str(output), *words]) == 1
        assert says in capsys.readouterr().err and not list(tmp_path.iterdir())
    dataset = pydicom.dcmread(measures)
    for part in dataset.ContentSequence:
        part.get("ContentSequence", []) and setattr(part, "ContentSequence", [])
    dataset.save_as(tmp_path / "empty.dcm")
    with pytest.raises(Problem, match=r"empty\.dcm holds no measures of lesions"):
        read_lesion_measures(tmp_path / "empty.dcm")
    with pytest.raises(Problem, match="holds no measures of orbits"):
        read_measurements(exported[0] / MEASUREMENTS_NAME)


def test_a_region_refers_to_its_segment(exported, report):
    content = highdicom.sr.srread(exported[0] / MEASUREMENTS_NAME).content
    segments = {item.SegmentNumber: item.SegmentLabel
                for item in pydicom.dcmread(exported[0] / SEGMENTATION_NAME).SegmentSequence}
    groups = {group.tracking_identifier: group for group in content.get_volumetric_roi_measurement_groups()}
    for region in {lesion.region for lesion in report.lesions}:
        group = groups[f"lesions_{region.name.lower()}"]
        number = group.referenced_segment[0].ReferencedSOPSequence[0].ReferencedSegmentNumber
        assert segments[number] == region_label(region)
        volume = sum(lesion.volume for lesion in report.lesions if lesion.region is region) / 1000
        assert {item.name.meaning: item.value for item in group.get_measurements()}["Volume"] == pytest.approx(volume)


def test_a_lesions_number_is_not_taken_for_the_same_lesion_in_another_object(case, exported, tmp_path):
    """Lesions are numbered anew whenever they are measured; regions stay."""
    export_lesions(str(case[0]), str(case[2]), str(case[3]), str(tmp_path))

    def identifiers(folder):
        return {name: next(item.UID for item in group.ContentSequence if item.ValueType == "UIDREF")
                for name, group in groups_of(folder / MEASUREMENTS_NAME).items()}

    first, second = identifiers(exported[0]), identifiers(tmp_path)
    assert first["lesion_1"] != second["lesion_1"] and first["lesions"] == second["lesions"]
    assert len(set(first.values())) == len(first)


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools is not installed")
def test_validator_finds_no_errors(exported):
    for path in sorted(exported[0].iterdir()):
        done = subprocess.run(["dciodvfy", "-new", str(path)], capture_output=True, check=False, encoding="utf-8")
        assert "Error" not in done.stderr, f"{path.name}: {done.stderr}"


def test_deidentified_lesions_name_nobody_and_lie_on_the_copied_images(case, tmp_path):
    series, mask, lesions, anatomy = case
    export_lesions(str(series), str(lesions), str(anatomy), str(tmp_path / "out"), pseudonym="CASE-7")
    files = [pydicom.dcmread(path) for path in (tmp_path / "out").iterdir()]
    assert {str(item.PatientName) for item in files} == {"CASE-7^"}
    assert len({item.StudyInstanceUID for item in files}) == 1
    original = pydicom.dcmread(next(series.iterdir()))
    text = "\n".join(str(item) for item in files)
    assert "Phantom" not in text and original.StudyInstanceUID not in text and original.SOPInstanceUID not in text
    (tmp_path / "images").mkdir()
    for path in (tmp_path / "out").glob("image_*.dcm"):
        shutil.copy(path, tmp_path / "images")
    found = read_lesions(tmp_path / "out" / SEGMENTATION_NAME, tmp_path / "images")
    assert np.array_equal(found.labels.array, mask.array)


@pytest.mark.parametrize(("field", "words"), [
    ("PatientID", "do not say the patient"), ("StudyInstanceUID", "their study"),
    ("FrameOfReferenceUID", "frame of reference")])
def test_what_is_missing_is_told_before_anything_is_written(case, tmp_path, field, words):
    series, _mask, lesions, anatomy = case
    shutil.copytree(series, tmp_path / "flair")
    edit(tmp_path / "flair", **{field: ""})
    with pytest.raises(Problem, match=f"Nothing was written.*{words}"):
        export_lesions(str(tmp_path / "flair"), str(lesions), str(anatomy), str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_masks_that_are_empty_or_of_another_grid_are_refused(case, tmp_path):
    series, mask, lesions, anatomy = case
    moved = mask.affine.copy()
    moved[2, 3] += 5.0
    for image, words in ((Image(mask.array, moved), "another grid than the FLAIR"),
                         (mask.with_array(np.zeros_like(mask.array)), "There are no lesions")):
        file = save_image(image, tmp_path / "wrong.nii.gz")
        with pytest.raises(Problem, match=words):
            export_lesions(str(series), str(file), str(anatomy), str(tmp_path / "out"))
        assert not (tmp_path / "out").exists()
    with pytest.raises(Problem, match="not an anatomy file"):
        export_lesions(str(series), str(lesions), str(lesions), str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def hounsfield(image):
    """A stripped CT with fat and bone around the brain."""
    brain = ndimage.binary_fill_holes(image.array > 0.2 * image.array.max())
    bone, fat = (ndimage.binary_dilation(brain, iterations=count) for count in (2, 4))
    units = np.select([brain, bone, fat], [35, 900, -90], -1000) + np.random.default_rng(0).normal(0, 8, brain.shape)
    return image.with_array(units)


@pytest.fixture(scope="module")
def t2(average_brain, lesions):
    """T2 of the same brain."""
    sequence = BrainSequence("coarse T2", (2.0, 2.0, 3.0), 3.0, 4000, 90, noise=40.0)
    return simulate_brain(average_brain, lesions, sequence, 5, "stripped", ScanQuality(bias=0.05))


@pytest.mark.parametrize(("modality", "kind", "says"), [
    ("MR", "t1", "White matter is brighter than cortex in this scan: it looks like a T1, not a FLAIR"),
    ("MR", "t2", "Fluid is bright in this scan: it looks like a T2, not a FLAIR"),
    ("MR", "ct", "This is a CT, not a FLAIR"), ("CT", "flair", "This is a CT, not a FLAIR")])
def test_a_series_that_is_no_flair_is_refused_before_anything_is_written(case, request, tmp_path, flair, modality,
                                                                         kind, says, capsys):
    """Masks fit any series of the examination: the segments would refer to the wrong one."""
    scan = hounsfield(flair) if kind == "ct" else request.getfixturevalue(kind)
    scale = 1.0 if kind == "ct" else 900 / max(float(scan.array.max()), 1.0)
    series = write_image(scan.with_array(np.rint(scan.array * scale).astype(np.int16)), tmp_path / "series",
                         Modality=modality, SeriesDescription="axial", PatientID="P1")
    assert load_image(series).grid.same_as(case[1].grid, 0.01)
    assert main(["export-dicom", str(series), "--lesions", str(case[2]), "--anatomy", str(case[3]), "-o",
                 str(tmp_path / "out")]) == 1
    assert says in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_command_lines_write_and_read_and_say_who_drew(case, tmp_path, capsys):
    series, mask, lesions, anatomy = case
    words = ["export-dicom", str(series), "--lesions", str(lesions), "--anatomy", str(anatomy), "-o"]
    assert main([*words, str(tmp_path / "out"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["lesions"] >= 5 and len(told["files"]) == 2
    item = pydicom.dcmread(tmp_path / "out" / SEGMENTATION_NAME).SegmentSequence[0]
    assert item.SegmentAlgorithmType == "MANUAL"
    assert main([*words, str(tmp_path / "corrected"), "--model", "wmh-any-flair=1.1", "--corrected"]) == 0
    item = pydicom.dcmread(tmp_path / "corrected" / SEGMENTATION_NAME).SegmentSequence[0]
    assert item.SegmentAlgorithmType == "SEMIAUTOMATIC"
    back = tmp_path / "back.nii.gz"
    assert main(["import-dicom", str(tmp_path / "out" / SEGMENTATION_NAME), "--series", str(series), "-o",
                 str(back)]) == 0
    assert np.array_equal(load_image(back).array, mask.array)


def test_the_flair_of_a_study_is_taken(case, tmp_path, capsys):
    series, _mask, lesions, anatomy = case
    shutil.copytree(series, tmp_path / "study" / "flair")
    shutil.copytree(series, tmp_path / "study" / "t1")
    edit(tmp_path / "study" / "t1", SeriesInstanceUID="1.2.9", SeriesDescription="T1", SeriesNumber=9)
    assert main(["export-dicom", str(tmp_path / "study"), "--lesions", str(lesions), "--anatomy", str(anatomy), "-o",
                 str(tmp_path / "out")]) == 0
    assert "only FLAIR of 2 series" in capsys.readouterr().out
    flair_series = pydicom.dcmread(next(series.iterdir())).SeriesInstanceUID
    found = pydicom.dcmread(tmp_path / "out" / SEGMENTATION_NAME)
    assert found.ReferencedSeriesSequence[0].SeriesInstanceUID == flair_series


def test_segments_of_something_else_are_left_out_and_told(case, exported, tmp_path):
    dataset = pydicom.dcmread(exported[0] / SEGMENTATION_NAME)
    dataset.SegmentSequence[0].SegmentedPropertyTypeCodeSequence[0].CodeValue = "10200004"
    dataset.save_as(tmp_path / "liver.dcm")
    found = read_lesions(tmp_path / "liver.dcm", case[0])
    assert "left out" in found.notices[0] and 0 < found.labels.array.sum() < case[1].array.sum()
    for item in dataset.SegmentSequence:
        item.SegmentedPropertyTypeCodeSequence[0].CodeValue = "10200004"
    dataset.save_as(tmp_path / "livers.dcm")
    with pytest.raises(Problem, match=r"None of the segments in livers\.dcm is one of white-matter lesions"):
        read_lesions(tmp_path / "livers.dcm", case[0])

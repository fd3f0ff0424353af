"""Labels as a DICOM segmentation: codes, sides, places and the images that they refer to."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest

from NeuroOrbitLib.anatomy import label_value
from NeuroOrbitLib.dicom.segmentation import reason_against, write_dicom_segmentation
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.problem import Problem
from Testing.dicom_series import evenly, sequence, stored_numbers, write_multi_frame, write_series

RIGHT, LEFT = "24028007", "7771000"


@pytest.fixture(scope="module")
def series(tmp_path_factory, dicom_series_writer, toy_head_maker):
    """(folder of the series, label map on its grid)."""
    scan, labels = toy_head_maker(4.0)
    folder = dicom_series_writer(scan, tmp_path_factory.mktemp("exam") / "ct")
    read = load_image(folder)
    assert read.grid.same_as(labels.grid, tolerance=0.01)
    return folder, Image(labels.array, read.affine)


def export(folder, series, labels, **arguments):
    path = save_image(labels, folder / "labels.nii.gz")
    write_dicom_segmentation(str(path), str(series), str(folder / "seg.dcm"), **arguments)
    return pydicom.dcmread(folder / "seg.dcm")


def test_segments_have_the_names_codes_and_sides_of_the_vocabulary(tmp_path, series):
    segments = export(tmp_path, *series).SegmentSequence
    assert len(segments) == 12
    nerve = next(item for item in segments if item.SegmentLabel == "Left optic nerve")
    kind = nerve.SegmentedPropertyTypeCodeSequence[0]
    assert (kind.CodeValue, kind.CodingSchemeDesignator, kind.CodeMeaning) == ("18234004", "SCT", "Optic nerve")
    assert kind.SegmentedPropertyTypeModifierCodeSequence[0].CodeValue == LEFT
    assert nerve.SegmentedPropertyCategoryCodeSequence[0].CodeValue == "123037004"
    assert nerve.SegmentAlgorithmType == "MANUAL"


def test_voxels_lie_where_they_were_drawn_on_the_right_side(tmp_path, series):
    folder, labels = series
    dataset = export(tmp_path, folder, labels)
    name_of = {item.SegmentNumber: item.SegmentLabel for item in dataset.SegmentSequence}
    frames, centers = dataset.pixel_array, []
    for frame, groups in zip(frames, dataset.PerFrameFunctionalGroupsSequence, strict=True):
        if name_of[groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber] != "Right eyeball":
            continue
        z = groups.PlanePositionSequence[0].ImagePositionPatient[2]
        k = round((z - labels.affine[2, 3]) / labels.affine[2, 2])
        assert np.array_equal(frame != 0, labels.array[k] == label_value("eyeball", "right"))
        left, back, _ = groups.PlanePositionSequence[0].ImagePositionPatient
        j, i = np.argwhere(frame).mean(axis=0)
        centers.append([float(left) + i * 4.0, float(back) + j * 4.0])
    assert np.mean(centers, axis=0) == pytest.approx([-31, -30], abs=1.0), "LPS mm: the patient's right is negative"


def test_it_refers_to_the_images_and_to_the_study(tmp_path, series):
    folder, labels = series
    dataset = export(tmp_path, folder, labels, annotator="Ann Mary Lee")
    images = [pydicom.dcmread(path) for path in sorted(folder.iterdir())]
    assert dataset.StudyInstanceUID == images[0].StudyInstanceUID
    assert dataset.FrameOfReferenceUID == images[0].FrameOfReferenceUID
    references = dataset.ReferencedSeriesSequence[0].ReferencedInstanceSequence
    assert {item.ReferencedSOPInstanceUID for item in references} <= {image.SOPInstanceUID for image in images}
    assert dataset.Modality == "SEG"
    assert dataset.ContentCreatorName == "Lee^Ann Mary"


def test_model_that_labelled_first_is_named(tmp_path, series):
    segment = export(tmp_path, *series, model={"name": "orbit-any-contrast", "version": "0.2.0"}).SegmentSequence[0]
    assert segment.SegmentAlgorithmType == "SEMIAUTOMATIC"
    assert segment.SegmentAlgorithmName == "orbit-any-contrast"


def test_empty_or_misplaced_labels_are_refused(tmp_path, series):
    folder, labels = series
    with pytest.raises(Problem, match="Nothing is labelled yet"):
        export(tmp_path, folder, labels.with_array(np.zeros_like(labels.array)))
    moved = labels.affine.copy()
    moved[0, 3] += 3.0
    with pytest.raises(Problem, match="do not lie on the DICOM series"):
        export(tmp_path, folder, Image(labels.array, moved))
    assert not (tmp_path / "seg.dcm").exists()


def test_scan_that_is_no_dicom_series_gives_the_reason(tmp_path, series):
    assert "not a DICOM series" in reason_against(tmp_path / "scan.nii.gz")
    assert reason_against(series[0]) == ""


def test_labels_of_interpolated_slices_go_back_to_the_original_ones(tmp_path, toy_head_maker, dicom_series_writer):
    scan, labels = toy_head_maker(4.0)
    folder = dicom_series_writer(scan, tmp_path / "ct")
    sorted(folder.iterdir())[6].unlink()
    read = load_image(folder)
    assert read.grid.same_as(labels.grid, tolerance=0.01), "the missing slice is interpolated"
    dataset = export(tmp_path, folder, Image(labels.array, read.affine))
    heights = {float(groups.PlanePositionSequence[0].ImagePositionPatient[2])
               for groups in dataset.PerFrameFunctionalGroupsSequence}
    originals = {float(pydicom.dcmread(path).ImagePositionPatient[2]) for path in folder.iterdir()}
    assert heights <= originals and len(heights) >= 5
    names = {item.SegmentNumber: item.SegmentLabel for item in dataset.SegmentSequence}
    found = sum(int((frame != 0).sum()) for frame, groups in zip(
        dataset.pixel_array, dataset.PerFrameFunctionalGroupsSequence, strict=True)
        if names[groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber] == "Right eyeball")
    assert found == (np.delete(labels.array, 6, axis=0) == label_value("eyeball", "right")).sum()


def test_labels_on_an_enhanced_file_refer_to_its_frames(tmp_path, toy_head_maker):
    scan, labels = toy_head_maker(4.0)
    lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ scan.affine
    order = np.random.default_rng(0).permutation(len(scan.array))
    positions = np.stack([(lps @ [0, 0, index, 1])[:3] for index in order])
    measures = sequence(PixelMeasuresSequence=sequence(PixelSpacing=["4", "4"], SliceThickness="4"))[0]
    write_multi_frame(tmp_path / "ct", positions, scan.array[order].astype(np.int16),
                      each=lambda _index: {"PixelMeasuresSequence": measures.PixelMeasuresSequence})
    read = load_image(tmp_path / "ct")
    dataset = export(tmp_path, tmp_path / "ct", Image(labels.array, read.affine))
    names = {item.SegmentNumber: item.SegmentLabel for item in dataset.SegmentSequence}
    for frame, groups in zip(dataset.pixel_array, dataset.PerFrameFunctionalGroupsSequence, strict=True):
        if names[groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber] == "Right eyeball":
            k = round((groups.PlanePositionSequence[0].ImagePositionPatient[2] - lps[2, 3]) / 4.0)
            assert np.array_equal(frame != 0, labels.array[k] == label_value("eyeball", "right"))


def test_images_without_fields_that_may_be_empty_are_written_beside(tmp_path):
    """Some exports leave out what they have no value for."""
    fields = dict.fromkeys(("StudyDate", "StudyTime", "PatientBirthDate", "AccessionNumber", "ReferringPhysicianName",
                            "StudyID", "PatientName", "PatientSex"))
    write_series(tmp_path / "ct", evenly(8), **fields)
    labels = load_image(tmp_path / "ct")
    dataset = export(tmp_path, tmp_path / "ct", labels.with_array((labels.array > 1000).astype(np.uint8)))
    assert (dataset.StudyDate, str(dataset.PatientName), dataset.PatientID) == ("", "", "P1")
    assert (dataset.pixel_array.sum(axis=(1, 2)) > 0).all() and len(dataset.pixel_array) == 8


def test_several_files_of_several_frames_are_refused_in_words(tmp_path):
    positions, stored = evenly(12), stored_numbers(12)
    for part in range(3):
        own = slice(4 * part, 4 * part + 4)
        write_multi_frame(tmp_path / "ct", positions[own], stored[own], name=f"{part}.dcm", InstanceNumber=part + 1,
                          SOPInstanceUID=f"1.2.5.{part + 1}")
    labels = load_image(tmp_path / "ct")
    with pytest.raises(Problem, match=r"consists of 3 files of enhanced images.*Export it again, one file"):
        export(tmp_path, tmp_path / "ct", labels.with_array((labels.array > 0).astype(np.uint8)))


def test_segments_that_do_not_overlap_are_the_same_beside_others_that_do(tmp_path, series):
    folder, labels = series
    lens, eyeball = label_value("lens", "right"), label_value("eyeball", "right")
    k, j, i = np.argwhere(labels.array == eyeball)[0]
    array = labels.array.copy()
    array[k, j, i] = lens
    (tmp_path / "apart").mkdir()
    apart, beside = export(tmp_path / "apart", folder, labels), export(tmp_path, folder, Image(array, labels.affine))
    assert (apart.SegmentsOverlap, beside.SegmentsOverlap) == ("NO", "YES")
    assert len(beside.SegmentSequence) == len(apart.SegmentSequence) + 1
    number = next(item.SegmentNumber for item in beside.SegmentSequence if item.SegmentLabel == "Right lens")
    of_lens = [groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber == number
               for groups in beside.PerFrameFunctionalGroupsSequence]
    assert np.argwhere(beside.pixel_array[of_lens]).tolist() == [[0, j, i]]
    assert np.array_equal(beside.pixel_array[~np.array(of_lens)], apart.pixel_array), "the eyeball holds its lens"


def test_a_lens_joins_its_eyeball_on_slices_that_show_it_alone_and_whose_pixels_fill_no_bytes(
        tmp_path, dicom_series_writer):
    """Slices of 7 x 9 pixels: frames begin within bytes. Their last one shows both lenses and no eyeball."""
    eyeballs, lenses = ([label_value(name, side) for side in ("right", "left")] for name in ("eyeball", "lens"))
    folder = dicom_series_writer(Image(np.zeros((6, 7, 9), np.int16), np.diag([2.0, 2.0, 3.0, 1.0])), tmp_path / "ct")
    labels = Image(np.zeros((6, 7, 9), np.uint8), load_image(folder).affine)
    labels.array[1:4, 0:3, 0:2], labels.array[1:4, 2:5, 6:9] = eyeballs
    labels.array[3:5, 1, 1], labels.array[2:5, 3, 7] = lenses
    dataset = export(tmp_path, folder, labels)
    found = {value: np.zeros_like(labels.array, bool) for value in (*eyeballs, *lenses)}
    for frame, groups in zip(dataset.pixel_array, dataset.PerFrameFunctionalGroupsSequence, strict=True):
        k = round(float(groups.PlanePositionSequence[0].ImagePositionPatient[2]) / 3.0)
        number = groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        found[[*eyeballs, *lenses][number - 1]][k] = frame
    for eyeball, lens in zip(eyeballs, lenses, strict=True):
        assert np.array_equal(found[lens], labels.array == lens)
        assert np.array_equal(found[eyeball], np.isin(labels.array, (eyeball, lens)))

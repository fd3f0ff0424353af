"""DICOM segmentations read onto series: whose they are, where their frames lie, which pixels count."""

from __future__ import annotations

import highdicom
import numpy as np
import pydicom
import pytest

from NeuroOrbitLib.anatomy.structures import label_value
from NeuroOrbitLib.dicom.read_report import read_measurements
from NeuroOrbitLib.dicom.read_results import read_segmentation
from NeuroOrbitLib.dicom.result_files import is_segmentation
from NeuroOrbitLib.dicom.segmentation import write_dicom_segmentation
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.problem import Problem
from Testing.dicom_series import edit, evenly, files_of, stored_numbers, write_series

EYE = label_value("eyeball", "right")


def write_case(folder, positions=None):
    """(folder of a series, labels on its grid, file of their segmentation); an eyeball and a nerve."""
    positions = evenly(12) if positions is None else positions
    write_series(folder / "ct", positions, stored_numbers(len(positions), (10, 10)), spacing=(0.5, 0.5))
    image = load_image(folder / "ct")
    labels = Image(np.zeros(image.array.shape, np.uint8), image.affine)
    labels.array[3:9, 2:7, 1:9] = EYE
    labels.array[4:11, 8, 2:5] = label_value("optic_nerve", "right")
    file = save_image(labels, folder / "labels.nii.gz")
    write_dicom_segmentation(str(file), str(folder / "ct"), str(folder / "seg.dcm"))
    return folder / "ct", labels, folder / "seg.dcm"


@pytest.mark.parametrize("values", [{"FrameOfReferenceUID": "1.2.99"},
                                    {"FrameOfReferenceUID": "", "PatientID": "P2"}])
def test_a_segmentation_of_another_session_or_patient_at_the_same_place_is_refused(tmp_path, values):
    series, _labels, file = write_case(tmp_path)
    edit(series, **values)
    with pytest.raises(Problem, match="is of another patient or another session"):
        read_segmentation(file, series)


@pytest.mark.parametrize(("group", "keyword", "value"), [
    ("PlaneOrientationSequence", "ImageOrientationPatient", [0, 1, 0, 1, 0, 0]),
    ("PixelMeasuresSequence", "PixelSpacing", [0.5, 0.6]),
])
def test_frames_that_are_turned_or_of_another_size_are_refused(tmp_path, group, keyword, value):
    series, _labels, file = write_case(tmp_path)
    dataset = pydicom.dcmread(file)
    setattr(dataset.SharedFunctionalGroupsSequence[0][group][0], keyword, value)
    dataset.save_as(file)
    with pytest.raises(Problem, match="does not lie on the slices of the series"):
        read_segmentation(file, series)


@pytest.mark.parametrize("positions", [
    np.delete(evenly(12), 6, axis=0), evenly(12) + np.where(np.arange(12) > 5, 0.7, 0)[:, None] * [0, 0, 1],
    np.round(evenly(12, (0, 0, 4 / 3)), 1),
], ids=["slice missing", "uneven", "rounded"])
def test_what_was_drawn_on_an_interpolated_grid_comes_back(tmp_path, positions):
    series, labels, file = write_case(tmp_path, positions)
    found = read_segmentation(file, series).labels
    assert found.grid.same_as(labels.grid, tolerance=1e-4)
    assert np.array_equal(found.array, labels.array)


def test_a_segmentation_on_the_regular_grid_of_a_series_with_a_gap_is_read(tmp_path):
    """Other programs draw on the slices that they interpolated, and write those."""
    series, labels, file = write_case(tmp_path)
    files_of(series)[6].unlink()
    assert np.array_equal(read_segmentation(file, series).labels.array, labels.array)


def test_fractional_segments_hold_what_is_at_least_half(tmp_path):
    series, labels, file = write_case(tmp_path)
    dataset = pydicom.dcmread(file)
    shares = np.where(dataset.pixel_array > 0, 200, 3).astype(np.uint8)
    shares[:, 2, 3:6] = 90
    dataset.SegmentationType, dataset.SegmentationFractionalType = "FRACTIONAL", "PROBABILITY"
    dataset.MaximumFractionalValue = 200
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.PixelData = shares.tobytes() + b"\0" * (shares.size % 2)
    dataset["PixelData"].VR = "OB"
    dataset.save_as(file)
    found = read_segmentation(file, series)
    expected = labels.array.copy()
    expected[:, 2, 3:6] = 0
    assert np.array_equal(found.labels.array, expected)
    assert "at least half" in found.notices[0]


@pytest.mark.parametrize("keyword", ["SegmentSequence", "SharedFunctionalGroupsSequence", "ImagePositionPatient",
                                     "PixelSpacing", "ReferencedSegmentNumber", "SegmentedPropertyTypeCodeSequence"])
def test_a_segmentation_that_lacks_what_it_needs_is_told_as_damaged(tmp_path, keyword):
    series, _labels, file = write_case(tmp_path)
    dataset = pydicom.dcmread(file)
    dataset.walk(lambda holder, element: element.keyword == keyword and holder.pop(element.tag))
    dataset.save_as(file)
    with pytest.raises(Problem, match=r"seg\.dcm is damaged: .* Copy or export it again"):
        read_segmentation(file, series)


def test_a_file_that_is_not_there_is_not_called_damaged(tmp_path):
    with pytest.raises(Problem, match=r"There is no file .*none\.dcm"):
        read_measurements(tmp_path / "none.dcm")


def test_segments_that_overlap_or_mean_the_same_are_told(tmp_path):
    """Another system's outlines of two readers in one file, or of muscles that run into each other."""
    series, _labels, file = write_case(tmp_path)
    dataset = pydicom.dcmread(file)
    masks = dataset.pixel_array.astype(bool)
    numbers = [groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber
               for groups in dataset.PerFrameFunctionalGroupsSequence]
    eye, nerve = (next(each for each, item in enumerate(numbers) if item == number) for number in (1, 2))
    masks[eye] |= masks[nerve]
    dataset.PixelData = np.packbits(masks.ravel(), bitorder="little").tobytes() + b"\0"
    kinds = [item.SegmentedPropertyTypeCodeSequence[0] for item in dataset.SegmentSequence]
    kinds[0].CodeValue = "24937009"  # the medial rectus, which holds nothing else
    dataset.save_as(tmp_path / "overlap.dcm")
    told = read_segmentation(tmp_path / "overlap.dcm", series).notices
    assert len(told) == 1 and "share" in told[0] and "voxels" in told[0]
    kinds[0].CodeValue = kinds[1].CodeValue
    dataset.save_as(tmp_path / "twice.dcm")
    told = read_segmentation(tmp_path / "twice.dcm", series).notices
    assert told == ("The segments 'Right eyeball', 'Right optic nerve' are of the same structure and were joined. If "
                    "they are outlines of two readers, export one of them.",)


def test_a_segmentation_that_is_stored_as_a_label_map_is_read(tmp_path):
    """As newer programs write it: one frame for a slice, whose values are the numbers of segments (class 66.7)."""
    series, labels, file = write_case(tmp_path)
    binary = highdicom.seg.segread(file)
    images = [pydicom.dcmread(path, stop_before_pixels=True) for path in files_of(series)]
    numbers = np.searchsorted([0, EYE, label_value("optic_nerve", "right")], labels.array)
    highdicom.seg.Segmentation(
        images, numbers.astype(np.uint8), highdicom.seg.SegmentationTypeValues.LABELMAP,
        [binary.get_segment_description(number) for number in (1, 2)], highdicom.UID(), 300, highdicom.UID(), 1, "Test",
        "Test", "1", "1").save_as(tmp_path / "map.dcm")
    assert is_segmentation(tmp_path / "map.dcm")
    found = read_segmentation(tmp_path / "map.dcm", series)
    assert np.array_equal(found.labels.array, labels.array)
    assert found.notices == (), "the background, which such a file may describe, is no foreign structure"

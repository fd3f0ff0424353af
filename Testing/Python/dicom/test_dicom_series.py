"""DICOM series: read where they lie and with the right values, mended with a notice, or refused in words."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from NeuroOrbitLib.dicom.series import read_series
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.files import load_image
from Testing.dicom_series import (
    edit,
    evenly,
    files_of,
    leave_out_headers,
    sequence,
    stored_numbers,
    write_multi_frame,
    write_series,
    write_text,
)
from Testing.Python.imaging.image_cases import affine, rotation

NEGATIVE = {"PhotometricInterpretation": "MONOCHROME1"}
EXPECTED_AFFINE = affine(np.diag([-1.0, -1.0, 1.0]), (0.5, 0.6, 2.0), (20, 30, 5))


def test_a_dicom_folder_is_read_at_its_place(tmp_path):
    stored = write_series(tmp_path / "series", evenly(6), RescaleIntercept="-1024")
    image = load_image(tmp_path / "series")
    np.testing.assert_array_equal(image.array, stored - 1024)
    np.testing.assert_allclose(image.affine, EXPECTED_AFFINE, atol=1e-5)


def test_slices_are_put_in_order_whatever_the_files_are_called(tmp_path):
    stored = write_series(tmp_path / "series", evenly(6)[::-1])
    np.testing.assert_array_equal(load_image(tmp_path / "series").array, stored[::-1])


def test_the_reader_agrees_with_itk_on_oblique_series(tmp_path):
    turned = rotation("x", 25) @ rotation("z", 10)
    write_series(tmp_path / "series", evenly(6, 2.0 * turned[:, 2]), directions=turned)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(tmp_path / "series")))
    expected, image = reader.Execute(), load_image(tmp_path / "series")
    np.testing.assert_array_equal(image.array, sitk.GetArrayFromImage(expected))
    for index in ([0, 0, 0], [8, 7, 5], [3, 2, 4]):
        place = np.diag([-1, -1, 1]) @ expected.TransformIndexToPhysicalPoint(index)
        np.testing.assert_allclose(image.grid.ras_from_ijk(np.array(index)), place, atol=1e-4)


def test_a_tilted_gantry_gives_a_sheared_volume(tmp_path):
    tilted = rotation("x", 12)
    write_series(tmp_path / "series", evenly(6), directions=tilted)
    image = load_image(tmp_path / "series")
    np.testing.assert_allclose(image.affine[:3, 2], [0, 0, 2.0], atol=1e-5)
    np.testing.assert_allclose(image.affine[:3, 1], np.diag([-1, -1, 1]) @ tilted[:, 1] * 0.6, atol=1e-5)
    assert abs(image.affine[:3, 1] @ image.affine[:3, 2]) > 0.1


def test_a_folder_with_two_series_names_both(tmp_path):
    write_series(tmp_path / "exam", evenly(6), series="1.2.3", number=1)
    write_series(tmp_path / "exam", evenly(7), series="1.2.4", number=2)
    with pytest.raises(ImageProblem, match=r"2 series.*Series 1 6 images.*Series 2 7 images"):
        load_image(tmp_path / "exam")


def test_a_localizer_beside_the_volume_is_passed_over(tmp_path):
    stored = write_series(tmp_path / "exam", evenly(6), series="1.2.3", number=1)
    write_series(tmp_path / "exam", evenly(2, (0, 0, 40.0)), series="1.2.4", number=2)
    np.testing.assert_array_equal(load_image(tmp_path / "exam").array, stored)


def test_a_localizer_inside_the_series_is_passed_over(tmp_path):
    stored = write_series(tmp_path / "exam", evenly(6))
    write_series(tmp_path / "exam", evenly(1), directions=rotation("x", 90), number=2, series="1.2.3",
                 ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"], FrameOfReferenceUID="1.2.9", RescaleIntercept="-1024")
    volume = read_series(tmp_path / "exam")
    np.testing.assert_array_equal(volume.image.array, stored)
    assert volume.notices == (), "the localizer, which differs, is not used"


def test_a_folder_without_dicom_is_told(tmp_path):
    (tmp_path / "notes.txt").write_text("no image", encoding="ascii")
    with pytest.raises(ImageProblem, match="no DICOM images"):
        load_image(tmp_path)


def test_other_files_beside_the_series_do_not_matter(tmp_path):
    stored = write_series(tmp_path / "series", evenly(6))
    (tmp_path / "series" / "report.pdf").write_bytes(b"%PDF-1.4" + bytes(500))
    (tmp_path / "series" / "README").write_text("patient data", encoding="ascii")
    np.testing.assert_array_equal(load_image(tmp_path / "series").array, stored)


def test_series_in_subfolders_are_not_part_of_a_series(tmp_path):
    stored = write_series(tmp_path / "series", evenly(6))
    write_series(tmp_path / "series" / "older", evenly(9), series="1.2.4", number=2)
    np.testing.assert_array_equal(load_image(tmp_path / "series").array, stored)


# What is wrong in a header.


@pytest.mark.parametrize("files", [slice(None), slice(3, 4)])
@pytest.mark.parametrize("keyword", ["ImagePositionPatient", "ImageOrientationPatient"])
def test_slices_that_do_not_say_where_they_lie_are_refused(tmp_path, keyword, files):
    write_series(tmp_path / "series", evenly(6))
    edit(tmp_path / "series", keyword, files=files)
    with pytest.raises(ImageProblem, match=r"do not say where their slices lie.*Export the original series"):
        load_image(tmp_path / "series")


def test_secondary_captures_are_refused(tmp_path):
    write_series(tmp_path / "series", evenly(6), ImagePositionPatient=None,
                 SOPClassUID=pydicom.uid.SecondaryCaptureImageStorage)
    edit(tmp_path / "series", "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing")
    with pytest.raises(ImageProblem, match="do not say where their slices lie"):
        load_image(tmp_path / "series")


@pytest.mark.parametrize("spacing", [None, ""])
def test_slices_that_do_not_say_how_large_their_pixels_are_are_refused(tmp_path, spacing):
    write_series(tmp_path / "series", evenly(6), PixelSpacing=spacing)
    with pytest.raises(ImageProblem, match=r"do not say how large their pixels are\. Export the original series"):
        load_image(tmp_path / "series")


def test_padded_numbers_are_read(tmp_path):
    write_series(tmp_path / "series", evenly(6))
    write_text(tmp_path / "series", "PixelSpacing", " 0.6 \\0.5  ")
    np.testing.assert_allclose(load_image(tmp_path / "series").affine, EXPECTED_AFFINE, atol=1e-5)


@pytest.mark.parametrize("files", [slice(None), slice(3, 4)])
@pytest.mark.parametrize(
    ("keyword", "text", "words"),
    [
        ("PixelSpacing", "0,6\\0,5", r"pixel spacing in \S+ cannot be read \(0,6\\0,5\)"),
        ("PixelSpacing", "half", "pixel spacing"),
        ("PixelSpacing", "0.5", "pixel spacing"),
        ("PixelSpacing", "0\\0.5", "pixels of"),
        ("PixelSpacing", "-0.6\\0.5", "pixels of"),
        ("ImagePositionPatient", "nan\\-30\\5", "position"),
        ("ImagePositionPatient", "inf\\-30\\5", "position"),
        ("ImagePositionPatient", "-20\\-30", "position"),
        ("ImageOrientationPatient", "nan\\0\\0\\0\\1\\0", "orientation"),
        ("ImageOrientationPatient", "1\\0\\0\\1\\0\\0", "orientation"),
        ("ImageOrientationPatient", "0\\0\\0\\0\\0\\0", "orientation"),
        ("RescaleSlope", "one", "rescale slope"),
        ("RescaleSlope", "0", "rescale slope"),
        ("RescaleIntercept", "-1024,5", "rescale intercept"),
    ],
)
def test_numbers_that_cannot_be_read_are_refused_with_their_name(tmp_path, keyword, text, words, files):
    write_series(tmp_path / "series", evenly(6))
    write_text(tmp_path / "series", keyword, text, files)
    with pytest.raises(ImageProblem, match=rf"{words}.*Export the original series") as caught:
        load_image(tmp_path / "series")
    assert "Phantom" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ImagePositionPatient": ["40", "-30", "11"]}, "positions of the slices contradict"),
        ({"ImageOrientationPatient": ["0", "1", "0", "1", "0", "0"]}, "do not lie in one direction"),
        ({"ImageOrientationPatient": ["1", "0", "0", "0", "0", "1"]}, "do not lie in one direction"),
        ({"PixelSpacing": ["0.7", "0.7"]}, r"differ in size \(5 of 9 x 8 pixels of 0.5 x 0.6 mm; 1 of"),
        ({"Rows": 4, "PixelData": bytes(72)}, "differ in size"),
    ],
)
def test_slices_that_contradict_each_other_are_refused(tmp_path, values, words):
    write_series(tmp_path / "series", evenly(6))
    edit(tmp_path / "series", files=slice(3, 4), **values)
    with pytest.raises(ImageProblem, match=words):
        load_image(tmp_path / "series")


# Damaged files.


@pytest.mark.parametrize("which", [0, 3, 5])
@pytest.mark.parametrize("keep", [0, 100, 140, 400, 700, -40])
def test_a_file_that_is_cut_off_is_never_left_out(tmp_path, which, keep):
    write_series(tmp_path / "series", evenly(6))
    path = files_of(tmp_path / "series")[which]
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ImageProblem, match=rf"{path.name} is (cut off|damaged).*Copy or export the series again"):
        load_image(tmp_path / "series")


@pytest.mark.parametrize("release", ["3", "2.4"])
@pytest.mark.filterwarnings("ignore:.*is_implicit_VR")
def test_files_that_do_not_say_how_they_are_encoded_are_read_in_every_slicer(tmp_path, monkeypatch, release):
    """Files of old archives have no header; Slicer 5.10 reads them with pydicom 2.4."""
    write_series(tmp_path / "series", evenly(6))
    before = load_image(tmp_path / "series").array
    leave_out_headers(tmp_path / "series")
    if release == "2.4":
        monkeypatch.delattr(pydicom.Dataset, "original_encoding")
    assert np.array_equal(load_image(tmp_path / "series").array, before)


def test_too_few_pixels_are_refused(tmp_path):
    write_series(tmp_path / "series", evenly(6))
    edit(tmp_path / "series", files=slice(2, 3), PixelData=bytes(100))
    with pytest.raises(ImageProblem, match=r"1_002\.dcm has too few pixels"):
        load_image(tmp_path / "series")


def test_a_file_without_pixels_is_refused(tmp_path):
    write_series(tmp_path / "series", evenly(6))
    edit(tmp_path / "series", "PixelData", files=slice(5, 6))
    with pytest.raises(ImageProblem, match=r"1_005\.dcm is cut off or has no pixels"):
        load_image(tmp_path / "series")


# Values.


def test_each_slice_has_its_own_rescale(tmp_path):
    slopes, intercepts = ["1", "0.5", "2", "1.25", "1", "3"], ["0", "-10.5", "-1024", "7", "0", "1"]
    stored = write_series(tmp_path / "series", evenly(6), each=lambda index: {
        "RescaleSlope": slopes[index], "RescaleIntercept": intercepts[index]})
    expected = stored * np.array(slopes, float)[:, None, None] + np.array(intercepts, float)[:, None, None]
    np.testing.assert_allclose(load_image(tmp_path / "series").array, expected, atol=1e-3)


def test_mr_series_are_rescaled_too(tmp_path):
    stored = write_series(tmp_path / "series", evenly(6), Modality="MR", RescaleSlope="2", RescaleIntercept="3",
                          SOPClassUID=pydicom.uid.MRImageStorage)
    np.testing.assert_array_equal(load_image(tmp_path / "series").array, stored * 2 + 3)


@pytest.mark.parametrize("write", [lambda folder: write_series(folder, evenly(6), **NEGATIVE), lambda folder: (
    write_multi_frame(folder, evenly(6), stored_numbers(6), **NEGATIVE))], ids=["slices", "enhanced"])
def test_values_stored_as_a_negative_are_refused(tmp_path, write):
    """GDCM exchanges bright and dark of them without a word, so that air would be taken for metal."""
    write(tmp_path / "series")
    with pytest.raises(ImageProblem, match=r"values are stored as a negative \(MONOCHROME1\).*Export the series again"):
        load_image(tmp_path / "series")


def test_series_without_rescale_keep_their_numbers(tmp_path):
    stored = write_series(tmp_path / "series", evenly(6), RescaleSlope=None, RescaleIntercept=None)
    np.testing.assert_array_equal(load_image(tmp_path / "series").array, stored)


@pytest.mark.parametrize(("modality", "told"), [("CT", ["The CT does not say how its numbers become Hounsfield"]),
                                                ("MR", [])])
def test_a_ct_without_hounsfield_units_is_told(tmp_path, modality, told):
    write_series(tmp_path / "series", evenly(6), RescaleSlope=None, RescaleIntercept=None, Modality=modality)
    notices = read_series(tmp_path / "series").notices
    assert len(notices) == len(told) and all(map(str.startswith, notices, told))


def test_a_ct_whose_slices_are_rescaled_in_several_ways_is_told(tmp_path):
    stored = write_series(tmp_path / "series", evenly(6), each=lambda index: {"RescaleIntercept": f"{-index // 5}"})
    volume = read_series(tmp_path / "series")
    np.testing.assert_array_equal(volume.image.array[0], stored[0])
    assert [notice[:33] for notice in volume.notices] == ["The slices of the CT differ in how"[:33]]


def test_slices_of_several_frames_of_reference_are_told(tmp_path):
    write_series(tmp_path / "series", evenly(6), each=lambda index: {"FrameOfReferenceUID": f"1.2.{index // 3}"})
    notice, = read_series(tmp_path / "series").notices
    assert notice.startswith("The slices name 2 frames of reference")


@pytest.mark.parametrize("syntax", ["RLELossless", "JPEGLSLossless"])
def test_compressed_series_of_pydicom_are_read(tmp_path, syntax):
    stored = write_series(tmp_path / "series", evenly(6), stored_numbers(6, (32, 40)), RescaleIntercept="-1024")
    for path in files_of(tmp_path / "series"):
        dataset = pydicom.dcmread(path)
        dataset.compress(getattr(pydicom.uid, syntax), generate_instance_uid=False)
        dataset.save_as(path)
    np.testing.assert_array_equal(load_image(tmp_path / "series").array, stored - 1024)


def compress_with_itk(path, compressor: str) -> str:
    """Compress a file in its place; returns its transfer syntax."""
    image = sitk.ReadImage(str(path))
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    writer.SetFileName(str(path))
    writer.UseCompressionOn()
    writer.SetCompressor(compressor)
    writer.Execute(image)
    return pydicom.dcmread(path).file_meta.TransferSyntaxUID.name


@pytest.mark.parametrize(("compressor", "name"), [("JPEG", "JPEG Lossless"), ("JPEG2000", "JPEG 2000")])
def test_compressed_series_of_gdcm_are_read(tmp_path, compressor, name):
    stored = write_series(tmp_path / "series", evenly(6), stored_numbers(6, (32, 40)))
    assert all(name in compress_with_itk(path, compressor) for path in files_of(tmp_path / "series"))
    np.testing.assert_array_equal(load_image(tmp_path / "series").array, stored)


def test_compressed_files_that_are_cut_off_are_refused(tmp_path):
    write_series(tmp_path / "series", evenly(6), stored_numbers(6, (32, 40)))
    for path in files_of(tmp_path / "series"):
        compress_with_itk(path, "JPEG2000")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ImageProblem, match=r"1_005\.dcm is cut off"):
        load_image(tmp_path / "series")


# Series as clinics have them: slices missing, doubled or unevenly spaced.


def test_a_missing_slice_is_interpolated_with_a_notice(tmp_path):
    positions = np.delete(evenly(9), 4, axis=0)
    stored = write_series(tmp_path / "series", positions)
    volume = read_series(tmp_path / "series")
    assert volume.notices == ("Slice 5 of 9 is missing; it was interpolated from its neighbours.",)
    np.testing.assert_array_equal(np.delete(volume.image.array, 4, axis=0), stored)
    between = np.rint((stored[3].astype(float) + stored[4]) / 2)
    np.testing.assert_array_equal(volume.image.array[4], between)
    np.testing.assert_allclose(volume.image.affine, EXPECTED_AFFINE, atol=1e-5)
    np.testing.assert_array_equal(volume.places, [0, 1, 2, 3, 5, 6, 7, 8])


def test_several_missing_slices_are_named(tmp_path):
    write_series(tmp_path / "series", np.delete(evenly(20), [3, 9, 10], axis=0))
    assert read_series(tmp_path / "series").notices == (
        "Slices 4, 10 and 11 of 20 are missing; they were interpolated from their neighbours.",)


@pytest.mark.parametrize(("step", "missing"), [(2.0, [8, 9, 10, 11]), (4.0, [8, 9, 10]), (8.0, [8])])
def test_gaps_that_are_too_large_are_refused(tmp_path, step, missing):
    write_series(tmp_path / "series", np.delete(evenly(20, (0, 0, step)), missing, axis=0))
    words = rf"gap of {step * (len(missing) + 1):.1f} mm where its slices are {step:.2f} mm apart"
    with pytest.raises(ImageProblem, match=words):
        read_series(tmp_path / "series")


def test_uneven_slices_are_put_on_a_regular_grid(tmp_path):
    heights = np.array([0, 2, 4.7, 6.9, 9.8, 12, 14, 16.5, 18.5])
    ramp = np.round(10 * heights)[:, None, None] * np.ones((1, 8, 9)) + 100
    write_series(tmp_path / "series", np.array([-20.0, -30, 5]) + heights[:, None] * [0, 0, 1], ramp.astype(np.int16))
    volume = read_series(tmp_path / "series")
    centers = volume.image.grid.ras_from_ijk(np.stack([[0, 0, k] for k in range(len(volume.image.array))]))
    np.testing.assert_allclose(volume.image.array[:, 0, 0], 100 + 10 * (centers[:, 2] - 5), atol=0.51)
    assert centers[-1, 2] == pytest.approx(5 + 18.5)
    np.testing.assert_allclose(volume.image.grid.ras_from_ijk([[0, 0, place] for place in volume.places])[:, 2],
                               5 + heights, atol=1e-6)
    assert volume.notices[0].startswith("The slices are unevenly spaced (2.00 to 2.90 mm apart)")


def test_thin_and_thick_parts_of_a_series_are_read_together(tmp_path):
    heights = np.concatenate([np.arange(12) * 2.5, 27.5 + np.arange(1, 9) * 5.0])
    write_series(tmp_path / "series", np.array([-20.0, -30, 5]) + heights[:, None] * [0, 0, 1])
    volume = read_series(tmp_path / "series")
    assert volume.image.array.shape[0] == 28 and volume.image.spacing[2] == pytest.approx(2.5)


def test_rounded_positions_are_no_uneven_slices(tmp_path):
    positions = evenly(40, (0, 0, 0.625))
    positions[:, 2] = np.round(positions[:, 2], 1)
    stored = write_series(tmp_path / "series", positions)
    volume = read_series(tmp_path / "series")
    assert volume.notices == () and np.array_equal(volume.image.array, stored)


def test_copies_of_slices_are_left_out_with_a_notice(tmp_path):
    positions, stored = evenly(7), stored_numbers(7)
    twice = [0, 1, 1, 2, 3, 4, 5, 5, 6]
    write_series(tmp_path / "series", positions[twice], stored[twice])
    volume = read_series(tmp_path / "series")
    np.testing.assert_array_equal(volume.image.array, stored)
    assert volume.notices == ("2 slices are there twice; the copies were left out.",)


def test_different_slices_at_one_place_are_refused(tmp_path):
    write_series(tmp_path / "series", evenly(7)[[0, 1, 1, 2, 3, 4, 5, 5, 6]])
    with pytest.raises(ImageProblem, match="several different slices at the same place"):
        read_series(tmp_path / "series")


def test_echoes_in_one_series_are_listed(tmp_path):
    write_series(tmp_path / "series", np.repeat(evenly(6), 2, axis=0),
                 each=lambda index: {"EchoTime": ["20", "90"][index % 2]})
    with pytest.raises(ImageProblem, match=r"several times.*echo 20.*: 6 slices; echo 90.*: 6 slices"):
        read_series(tmp_path / "series")


# Enhanced images: many frames in one file.


def test_an_enhanced_file_is_read_with_its_frames_in_order(tmp_path):
    stored, order = stored_numbers(6), [3, 0, 5, 1, 4, 2]
    write_multi_frame(tmp_path, evenly(6)[order], stored[order])
    image = load_image(tmp_path)
    np.testing.assert_array_equal(image.array, stored - 1024)
    np.testing.assert_allclose(image.affine, EXPECTED_AFFINE, atol=1e-5)


def test_frames_of_an_enhanced_file_have_their_own_rescale(tmp_path):
    stored = stored_numbers(6)
    write_multi_frame(tmp_path, evenly(6), stored, each=lambda index: {
        "PixelValueTransformationSequence": sequence(RescaleIntercept="5", RescaleSlope=f"{1 + index / 4}")})
    expected = stored * (1 + np.arange(6) / 4)[:, None, None] + 5
    np.testing.assert_allclose(load_image(tmp_path).array, expected, atol=1e-3)


@pytest.mark.parametrize("implicit", [True, False])
def test_an_enhanced_file_without_a_header_is_read(tmp_path, implicit):
    stored = stored_numbers(6)
    write_multi_frame(tmp_path, evenly(6), stored)
    leave_out_headers(tmp_path, implicit)
    np.testing.assert_array_equal(load_image(tmp_path).array, stored - 1024)


def test_enhanced_files_with_one_frame_each_form_a_series(tmp_path):
    stored = stored_numbers(6)
    for index, position in enumerate(evenly(6)):
        write_multi_frame(tmp_path, position[None], stored[index:index + 1], name=f"{index}.dcm",
                          SOPInstanceUID=f"1.2.5.{index}")
    image = load_image(tmp_path)
    np.testing.assert_array_equal(image.array, stored - 1024)
    np.testing.assert_allclose(image.affine, EXPECTED_AFFINE, atol=1e-5)


def test_stacks_of_an_enhanced_file_that_lie_on_each_other_are_listed(tmp_path):
    write_multi_frame(tmp_path, np.concatenate([evenly(6)] * 2), stored_numbers(12), each=lambda index: {
        "FrameContentSequence": sequence(TemporalPositionIndex=1 + index // 6)})
    with pytest.raises(ImageProblem, match=r"several times.*phase 1: 6 slices; phase 2: 6 slices"):
        load_image(tmp_path)


def test_a_missing_frame_is_interpolated(tmp_path):
    write_multi_frame(tmp_path, np.delete(evenly(7), 3, axis=0), stored_numbers(6))
    assert read_series(tmp_path).notices == ("Slice 4 of 7 is missing; it was interpolated from its neighbours.",)


def test_frames_that_do_not_say_where_they_lie_are_refused(tmp_path):
    write_multi_frame(tmp_path, evenly(1), stored_numbers(3))
    with pytest.raises(ImageProblem, match="holds 3 slices and says of 1 where they lie"):
        load_image(tmp_path)


@pytest.mark.parametrize("syntax", ["RLELossless", "JPEGLSLossless"])
def test_compressed_enhanced_files_are_read(tmp_path, syntax):
    stored = stored_numbers(6)
    path = write_multi_frame(tmp_path, evenly(6), stored)
    dataset = pydicom.dcmread(path)
    dataset.compress(getattr(pydicom.uid, syntax), generate_instance_uid=False)
    dataset.save_as(path)
    np.testing.assert_array_equal(load_image(tmp_path).array, stored - 1024)


def two_acquisitions(folder, offset: float, count: int = 8):
    """A CT before and after contrast under one series, the second one ``offset`` mm farther along."""
    places = np.concatenate([evenly(count), evenly(count) + np.array([0, 0, offset])])
    return write_series(folder / "series", places, each=lambda index: {"AcquisitionNumber": 1 + index // count})


@pytest.mark.parametrize("offset", [0.05, 0.4])
def test_acquisitions_whose_slices_lie_unevenly_between_each_other_are_refused(tmp_path, offset):
    """They were mixed into one volume of up to hundreds of slices, with a notice about missing or uneven ones."""
    two_acquisitions(tmp_path, offset)
    with pytest.raises(ImageProblem, match=r"several acquisitions .*\(1: 8 slices; 2: 8 slices\)"):
        read_series(tmp_path / "series")


def test_acquisitions_that_fill_each_others_gaps_are_put_together_with_a_notice(tmp_path):
    stored = two_acquisitions(tmp_path, 1.0)
    volume = read_series(tmp_path / "series")
    np.testing.assert_array_equal(volume.image.array[::2], stored[:8])
    assert volume.image.spacing[2] == pytest.approx(1.0) and len(volume.notices) == 1
    assert "2 acquisitions alternate" in volume.notices[0]


def test_acquisitions_behind_each_other_and_numbers_of_single_slices_are_nothing_unusual(tmp_path):
    write_series(tmp_path / "behind", evenly(12), each=lambda index: {"AcquisitionNumber": 1 + index // 6})
    write_series(tmp_path / "each", evenly(12), each=lambda index: {"AcquisitionNumber": (index * 5) % 12 + 1})
    for name in ("behind", "each"):
        assert read_series(tmp_path / name).notices == ()

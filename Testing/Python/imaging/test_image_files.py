"""Image files: geometry and voxels survive, other programs agree on them, and bad files get a clear message."""

from __future__ import annotations

import gc
import gzip
import os
import struct
import unicodedata
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from NeuroOrbitLib.imaging import reading
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.files import check_output, load_image, orientation_is_known, save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.stored_voxels import stored_voxels

from .image_cases import GEOMETRIES, random_image

FORMATS = ["nii.gz", "nii", "nrrd", "mha"]
#: NIfTI stores the affine in single precision.
TOLERANCE = 2e-5


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_saving_and_loading_keeps_voxels_and_geometry(tmp_path, geometry, ending):
    image = random_image(geometry)
    loaded = load_image(save_image(image, tmp_path / "new folder" / f"scan.{ending}"))
    np.testing.assert_array_equal(loaded.array, image.array)
    assert loaded.array.dtype == image.array.dtype
    np.testing.assert_allclose(loaded.affine, image.affine, atol=TOLERANCE)


@pytest.mark.parametrize("ending", ["nii.gz", "nrrd"])
@pytest.mark.parametrize("kind", ["uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "float32", "float64"])
def test_voxel_types_are_kept(tmp_path, kind, ending):
    image = random_image(dtype=np.dtype(kind))
    assert load_image(save_image(image, tmp_path / f"scan.{ending}")).array.dtype == np.dtype(kind)


def test_booleans_and_half_floats_are_stored_as_the_next_larger_type(tmp_path):
    mask = Image(random_image().array > 100, np.eye(4))
    loaded = load_image(save_image(mask, tmp_path / "mask.nrrd"))
    assert loaded.array.dtype == np.uint8
    np.testing.assert_array_equal(loaded.array, mask.array)
    half = Image(np.linspace(0, 1, 60, dtype=np.float16).reshape(3, 4, 5), np.eye(4))
    assert load_image(save_image(half, tmp_path / "half.nrrd")).array.dtype == np.float32


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_nibabel_sees_our_nifti_files_at_the_same_place(tmp_path, geometry):
    image = random_image(geometry)
    other = nibabel.load(save_image(image, tmp_path / "scan.nii.gz"))
    np.testing.assert_array_equal(np.asarray(other.dataobj), image.array.T)
    np.testing.assert_allclose(other.affine, image.affine, atol=TOLERANCE)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_we_see_the_nifti_files_of_nibabel_at_the_same_place(tmp_path, geometry):
    image = random_image(geometry, dtype=np.float32)
    file = nibabel.Nifti1Image(image.array.T, image.affine)
    file.set_qform(None, 0)
    nibabel.save(file, tmp_path / "scan.nii.gz")
    loaded = load_image(tmp_path / "scan.nii.gz")
    np.testing.assert_array_equal(loaded.array, image.array)
    np.testing.assert_allclose(loaded.affine, image.affine, atol=TOLERANCE)


@pytest.mark.parametrize("order", ["<", ">"])
def test_sheared_nifti_files_with_a_scale_and_either_byte_order_are_read(tmp_path, order):
    image = random_image("sheared")
    file = nibabel.Nifti1Image(image.array.T, image.affine, nibabel.Nifti1Header(endianness=order))
    file.header.set_slope_inter(2.0, -1024.0)
    file.set_qform(None, 0)
    nibabel.save(file, tmp_path / "scan.nii")
    loaded, expected = load_image(tmp_path / "scan.nii"), nibabel.load(tmp_path / "scan.nii")
    np.testing.assert_allclose(loaded.array, np.asarray(expected.dataobj).T)
    np.testing.assert_allclose(loaded.affine, image.affine, atol=TOLERANCE)


def tilted_gantry(qform: int, sform: int, dtype=np.int16) -> nibabel.Nifti1Image:
    """A file as converters from DICOM write it: the sheared axes in its sform, upright ones in its qform."""
    file = nibabel.Nifti1Image(random_image("sheared", dtype=dtype).array.T, None)
    file.set_sform(GEOMETRIES["sheared"], sform)
    file.set_qform(GEOMETRIES["sheared"], qform, strip_shears=True)
    return file


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
@pytest.mark.parametrize("name", ["scan.nii", "scan.nii.gz"])
@pytest.mark.parametrize(("qform", "sform"), [(1, 1), (1, 2), (2, 1), (0, 1)])
def test_sheared_axes_count_whatever_the_qform_says(tmp_path, name, qform, sform, dtype):
    nibabel.save(tilted_gantry(qform, sform, dtype), tmp_path / name)
    loaded = load_image(tmp_path / name)
    np.testing.assert_allclose(loaded.affine, GEOMETRIES["sheared"], atol=TOLERANCE)
    np.testing.assert_array_equal(loaded.array, random_image("sheared", dtype=dtype).array)


def test_a_label_map_on_a_sheared_scan_has_the_sform_of_the_scan(tmp_path):
    nibabel.save(tilted_gantry(1, 1), tmp_path / "scan.nii.gz")
    scan = load_image(tmp_path / "scan.nii.gz")
    save_image(scan.with_array((scan.array > 100).astype(np.uint8)), tmp_path / "labels.nii.gz")
    written, given = (nibabel.load(tmp_path / name).get_sform(coded=True) for name in ("labels.nii.gz", "scan.nii.gz"))
    np.testing.assert_array_equal(written[0], given[0])
    assert written[1] > 0


def test_sheared_axes_that_do_not_count_are_passed_over(tmp_path):
    nibabel.save(tilted_gantry(qform=1, sform=0), tmp_path / "scan.nii.gz")
    directions = load_image(tmp_path / "scan.nii.gz").affine[:3, :3] / (0.8, np.hypot(1.0, 0.3), 1.2)
    np.testing.assert_allclose(directions.T @ directions, np.eye(3), atol=0.1)


def test_a_sheared_series_of_volumes_is_refused_as_such(tmp_path):
    file = nibabel.Nifti1Image(np.zeros((5, 6, 7, 3), np.int16), None)
    file.set_sform(GEOMETRIES["sheared"], 1)
    file.set_qform(GEOMETRIES["sheared"], 1, strip_shears=True)
    nibabel.save(file, tmp_path / "scan.nii.gz")
    with pytest.raises(ImageProblem, match="series of 3 volumes"):
        load_image(tmp_path / "scan.nii.gz")


def test_sheared_nifti_in_other_units_is_read_in_millimetres(tmp_path):
    file = nibabel.Nifti1Image(random_image("sheared").array.T, GEOMETRIES["sheared"] * [[1e-3], [1e-3], [1e-3], [1]])
    file.header.set_xyzt_units("meter")
    file.set_qform(None, 0)
    nibabel.save(file, tmp_path / "scan.nii.gz")
    np.testing.assert_allclose(load_image(tmp_path / "scan.nii.gz").affine, GEOMETRIES["sheared"], atol=1e-3)


def test_a_fourth_dimension_of_one_is_dropped(tmp_path):
    file = nibabel.Nifti1Image(np.arange(60, dtype=np.int16).reshape(3, 4, 5, 1), np.eye(4))
    nibabel.save(file, tmp_path / "scan.nii.gz")
    np.testing.assert_array_equal(load_image(tmp_path / "scan.nii.gz").array, np.asarray(file.dataobj)[..., 0].T)


def four_dimensional(path):
    nibabel.save(nibabel.Nifti1Image(np.zeros((5, 6, 7, 3), np.float32), np.eye(4)), path)


def colour(path):
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros((5, 6, 7, 3), np.uint8), isVector=True), str(path))


def complex_numbers(path):
    nibabel.save(nibabel.Nifti1Image(np.zeros((5, 6, 7), np.complex64), np.eye(4)), path)


def two_dimensional(path):
    nibabel.save(nibabel.Nifti1Image(np.zeros((5, 6), np.float32), np.eye(4)), path)


def no_image(path):
    path.write_text("this is no image", encoding="ascii")


def truncated(path):
    nibabel.save(nibabel.Nifti1Image(np.random.default_rng(0).random((30, 30, 30)), np.eye(4)), path)
    path.write_bytes(path.read_bytes()[:5000])


def truncated_uncompressed(path):
    path.write_bytes(nibabel.Nifti1Image(np.zeros((30, 30, 30)), np.eye(4)).to_bytes()[:5000])


def truncated_sheared(path):
    file = nibabel.Nifti1Image(np.random.default_rng(0).random((30, 30, 30)), GEOMETRIES["sheared"])
    file.set_qform(None, 0)
    nibabel.save(file, path)
    path.write_bytes(path.read_bytes()[:5000])


def nothing(path):
    pass


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (four_dimensional, "series of 3 volumes"),
        (colour, "colour or vector"),
        (complex_numbers, "Choose a scalar volume"),
        (two_dimensional, "two-dimensional"),
        (no_image, "cannot be read"),
        (truncated, "cut off"),
        (truncated_uncompressed, "cut off"),
        (truncated_sheared, "cut off"),
        (nothing, "no file"),
    ],
)
def test_files_that_are_not_one_scalar_volume_get_a_clear_message(tmp_path, make, words):
    make(tmp_path / "scan.nii.gz")
    with pytest.raises(ImageProblem, match=words) as caught:
        load_image(tmp_path / "scan.nii.gz")
    assert "scan.nii.gz" in str(caught.value)


def test_a_file_compressed_in_several_parts_is_read(tmp_path):
    image = random_image()
    content = save_image(image, tmp_path / "scan.nii").read_bytes()
    (tmp_path / "parts.nii.gz").write_bytes(gzip.compress(content[:400]) + gzip.compress(content[400:]))
    np.testing.assert_array_equal(load_image(tmp_path / "parts.nii.gz").array, image.array)


def test_voxels_that_are_not_numbers_stay_so(tmp_path):
    image = random_image(dtype=np.float32)
    image.array[0, 0, :2] = np.nan, np.inf
    loaded = load_image(save_image(image, tmp_path / "scan.nii.gz"))
    np.testing.assert_array_equal(loaded.array, image.array)
    np.testing.assert_allclose(loaded.affine, image.affine, atol=TOLERANCE)


@pytest.mark.parametrize("ending", [*FORMATS, "nhdr", "mhd"])
def test_files_that_we_write_tell_the_orientation(tmp_path, ending):
    assert orientation_is_known(save_image(random_image(), tmp_path / f"scan.{ending}"))


@pytest.mark.parametrize(
    ("name", "header"),
    [("scan.nrrd", b"NRRD0004\ntype: uchar\ndimension: 3\nsizes: 3 4 5\nencoding: raw\n\n"),
     ("scan.mha", b"ObjectType = Image\nNDims = 3\nDimSize = 3 4 5\nElementType = MET_UCHAR\n"
                  b"ElementDataFile = LOCAL\n")],
)
def test_files_without_directions_are_read_and_their_orientation_is_not_known(tmp_path, name, header):
    (tmp_path / name).write_bytes(header + bytes(range(60)))
    assert load_image(tmp_path / name).array.ravel().tolist() == list(range(60))
    assert not orientation_is_known(tmp_path / name)


def test_a_nifti_file_without_qform_and_sform_does_not_tell_the_orientation(tmp_path):
    for qform, sform in ((0, 0), (1, 0), (0, 2)):
        file = nibabel.Nifti1Image(random_image().array.T, np.eye(4))
        file.set_qform(np.eye(4), qform)
        file.set_sform(np.eye(4), sform)
        nibabel.save(file, tmp_path / "scan.nii.gz")
        assert orientation_is_known(tmp_path / "scan.nii.gz") == (qform + sform > 0)


def test_writing_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = save_image(random_image(), tmp_path / "labels.nrrd")
    before = path.read_bytes()

    def full_disk(_image, name, _compress):
        with open(name, "wb") as stream:
            stream.write(b"half of it")
        raise RuntimeError("no space left")

    monkeypatch.setattr(sitk, "WriteImage", full_disk)
    with pytest.raises(ImageProblem, match="free space"):
        save_image(random_image("axial"), path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", ["NII.GZ", "NII", "Nrrd", "MHA", "MHD", "NHDR"])
def test_endings_in_capitals_are_written_under_the_wanted_name(tmp_path, ending):
    image = random_image()
    path = save_image(image, tmp_path / f"LABELS.{ending}")
    assert path.name == f"LABELS.{ending}"
    names = {name.name for name in tmp_path.iterdir()}
    assert names == {path.name} | ({"LABELS.raw"} if ending in ("MHD", "NHDR") else set())
    small = path.rename(tmp_path / path.name.lower())  # ITK reads some kinds by endings in small letters only
    np.testing.assert_array_equal(load_image(small).array, image.array)


def test_a_file_that_may_not_be_read_is_told(tmp_path, monkeypatch):
    path = save_image(random_image(), tmp_path / "scan.nrrd")

    def locked(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", locked)
        with pytest.raises(ImageProblem, match=r"scan\.nrrd cannot be read \(Permission denied\)\. Check"):
            load_image(path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "listdir", locked)
        with pytest.raises(ImageProblem, match=r"cannot be read \(Permission denied\)"):
            load_image(tmp_path)
    monkeypatch.setattr(Path, "exists", locked)
    with pytest.raises(ImageProblem, match=r"scan\.nrrd cannot be read \(Permission denied\)"):
        load_image(path)
    with pytest.raises(ImageProblem, match=r"labels\.nrrd cannot be written \(Permission denied\)"):
        check_output(tmp_path / "locked" / "labels.nrrd")


def test_a_name_that_is_too_long_is_told(tmp_path):
    path = tmp_path / f"{'a' * 300}.nii.gz"
    with pytest.raises(ImageProblem, match=r"cannot be read \(.+\)\. Check its name"):
        load_image(path)
    with pytest.raises(ImageProblem, match=r"cannot be written \(.+\)\. Check its name"):
        check_output(path)
    with pytest.raises(ImageProblem, match=r"cannot be written.*\. Check its name"):
        save_image(random_image(), path)


def test_a_scan_that_cannot_be_looked_at_is_no_fault_of_the_output(tmp_path):
    check_output(tmp_path / "labels.nii.gz", tmp_path / f"{'a' * 300}.nii.gz")


def test_unknown_endings_and_unwritable_places_are_told(tmp_path):
    with pytest.raises(ImageProblem, match=r"\.nii\.gz"):
        save_image(random_image(), tmp_path / "scan.png")
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(ImageProblem, match="cannot be written"):
        save_image(random_image(), tmp_path / "file" / "scan.nii.gz")


def test_saved_nifti_is_compressed_when_its_name_says_so(tmp_path):
    for geometry in ("axial", "sheared"):
        path = save_image(random_image(geometry), tmp_path / "scan.nii.gz")
        assert gzip.decompress(path.read_bytes())[344:347] == b"n+1"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("ending", [".nii.gz", ".nii", ".nrrd", ".mha", ".mhd"])
def test_paths_with_spaces_and_umlauts_are_read_and_written(tmp_path, form, ending):
    folder = tmp_path / unicodedata.normalize(form, "Köpfe für Übung")
    path = folder / unicodedata.normalize(form, f"Müller, Jörg (links) ß{ending}")
    image = Image(np.arange(24, dtype=np.int16).reshape(2, 3, 4), np.diag([0.5, 0.6, 2.0, 1.0]))
    save_image(image, path)
    again = load_image(path)
    np.testing.assert_array_equal(again.array, image.array)
    np.testing.assert_allclose(again.affine, image.affine, atol=1e-6)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_voxels_are_found_under_a_name_in_the_letters_of_the_writing_computer(tmp_path, encoding):
    image = Image(np.arange(24, dtype=np.int16).reshape(2, 3, 4), np.eye(4))
    path = save_image(image, tmp_path / "Köln.mhd")
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    np.testing.assert_array_equal(stored_voxels(path).read(), image.array)


@pytest.mark.parametrize("ending", [".nii.gz", ".nrrd", ".mha"])
def test_voxels_belong_to_whoever_read_them(tmp_path, ending):
    """They are ITK's own memory: it must last as long as they are looked at, and be free to be changed."""
    written = np.arange(40 * 50 * 60, dtype=np.int16).reshape(40, 50, 60)
    path = save_image(Image(written, np.eye(4)), tmp_path / f"scan{ending}")
    found = [load_image(path).array for _ in range(5)]
    gc.collect()
    found[0][:] = 0
    for array in found[1:]:
        np.testing.assert_array_equal(array, written)


@pytest.mark.parametrize("shape", [(4, 5, 6), (1, 4, 5, 6)])
def test_a_compressed_file_is_decompressed_once(tmp_path, monkeypatch, shape):
    """ITK does it in less time; our own way is for what ITK reads wrongly or does not notice."""
    written = np.arange(np.prod(shape), dtype=np.int16).reshape(shape)
    path = tmp_path / "scan.nii.gz"
    nibabel.save(nibabel.Nifti1Image(written.T, np.eye(4), dtype=np.int16), path)
    monkeypatch.setattr(reading, "read_voxels", lambda header: pytest.fail("read once more"))
    np.testing.assert_array_equal(load_image(path).array, written.reshape(4, 5, 6))


def test_what_itk_would_change_is_read_by_our_own_way(tmp_path):
    written = np.array([np.nan, np.inf, 1, 2], np.float32).reshape(1, 2, 2)
    path = tmp_path / "scan.nii.gz"
    nibabel.save(nibabel.Nifti1Image(written.T, np.eye(4)), path)
    np.testing.assert_array_equal(load_image(path).array, written)
    unscaled = nibabel.Nifti1Image(np.arange(4, dtype=np.int16).reshape(2, 2, 1), np.eye(4))
    nibabel.save(unscaled, path.with_suffix(""))
    content = bytearray(path.with_suffix("").read_bytes())
    struct.pack_into("<2f", content, 112, 0.0, 5.0)  # a slope of 0: not scaled, whatever the intercept
    path.with_suffix("").write_bytes(content)
    np.testing.assert_array_equal(load_image(path.with_suffix("")).array.ravel(), [0, 2, 1, 3])
    scaled = nibabel.Nifti1Image(np.arange(4, dtype=np.int16).reshape(2, 2, 1), np.eye(4))
    scaled.header.set_slope_inter(0.5, 10)
    nibabel.save(scaled, path)
    np.testing.assert_allclose(load_image(path).array, np.asarray(nibabel.load(path).dataobj).T)

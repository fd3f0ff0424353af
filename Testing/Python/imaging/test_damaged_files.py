"""Damaged image files of every format: what is read is right, or the user is told; never other voxels unseen."""

from __future__ import annotations

import bz2
import gzip
import os
import re
import tracemalloc
from pathlib import Path

import nibabel
import numpy as np
import pytest

from NeuroOrbitLib.imaging import decompression
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.files import check_output, file_notes, load_image, save_image
from Testing.Attack.image_files import AFFINE, FORMATS, HEADERS, damaged_files, damaged_headers, example
from Testing.Attack.outcome import Outcome, Tally

from .image_cases import random_image


def test_damage_of_every_kind_to_every_format_is_never_wrong_unseen(tmp_path):
    tally = Tally().add_all(damaged_files(tmp_path, seed=20, repeats=1))
    assert not tally.wrong, "\n".join(tally.wrong)
    assert len(tally.counts) == len(FORMATS)
    for form, counts in zip(FORMATS, tally.counts.values(), strict=True):
        assert counts[Outcome.RIGHT] >= 2, "whole files are read"
        assert counts[Outcome.TOLD] >= (12 if form.has_checksum else 6)
        assert not (form.has_checksum and counts[Outcome.UNSEEN])


def test_headers_that_cannot_be_true_are_all_told(tmp_path):
    tally = Tally().add_all(damaged_headers(tmp_path))
    assert not tally.wrong, "\n".join(tally.wrong)
    assert tally.counts["headers"][Outcome.TOLD] == len(HEADERS)


@pytest.mark.parametrize(("name", "words"), [
    ("nifti of no magic (Analyze)", "which side of the patient is right"),
    ("nifti voxels inside of the header", "inside of the header"),
    ("nifti bits of another type", "contradicts itself about the type"),
    ("nifti mirrored sform", "right and left"),
    ("nifti negative size along I", "gives a negative size of its voxels.*right and left"),
    ("nifti sizes contradict sform", r"size of its voxels \(0.75 x 0.875 x 3 mm in pixdim, 0.75 x 0.875 x 1.5 mm"),
    ("nifti compressed, smaller", "more than its header announces"),
    ("nii.gz bomb", "more than its header announces"),
    ("nrrd spacing NaN", "how large its voxels are"),
    ("mha spacing NaN", "how large its voxels are"),
    ("mhd without its voxels", "gone.raw, and that file is missing"),
])
def test_the_message_names_what_is_wrong(tmp_path, name, words):
    with pytest.raises(ImageProblem, match=words):
        load_image(HEADERS[name](example(), tmp_path))


@pytest.mark.parametrize("ending", ["nii.gz", "nrrd", "mha"])
def test_a_bomb_is_stopped_before_it_fills_the_memory(tmp_path, ending):
    path = HEADERS[f"{ending} bomb"](example(), tmp_path)
    tracemalloc.start()
    try:
        with pytest.raises(ImageProblem):
            load_image(path)
        assert tracemalloc.get_traced_memory()[1] < 2**23
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["scan.nii.gz", "scan.nrrd", "scan.mha"])
def test_an_image_that_does_not_fit_into_memory_is_told_as_such(tmp_path, monkeypatch, name):
    path = save_image(example(), tmp_path / name)
    monkeypatch.setattr(decompression, "available_memory", lambda: 1000)
    with pytest.raises(ImageProblem, match="GiB of memory are free"):
        load_image(path)


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_streams_of_several_parts_and_padding_are_whole(tmp_path, compress):
    content = np.arange(5000, dtype=np.uint8)
    parts = compress(content[:700].tobytes()) + compress(content[700:].tobytes()) + bytes(600)
    (tmp_path / "stream").write_bytes(parts)
    encoding = decompression.GZIP if compress is gzip.compress else decompression.BZIP2
    np.testing.assert_array_equal(decompression.read_announced(tmp_path / "stream", 0, 5000, encoding), content)
    with pytest.raises(ImageProblem, match="cut off"):
        decompression.read_announced(tmp_path / "stream", 0, 5001, encoding)
    with pytest.raises(ImageProblem, match="more than"):
        decompression.read_announced(tmp_path / "stream", 0, 4999, encoding)


@pytest.mark.parametrize("kind", ["i1", "u1", ">i2", "u2", "i4", ">u4", "i8", "f4", ">f8"])
@pytest.mark.parametrize("name", ["scan.nii", "scan.nii.gz"])
def test_voxels_of_every_type_and_byte_order_are_read_exactly(tmp_path, name, kind):
    dtype = np.dtype(kind)
    voxels = np.random.default_rng(3).integers(0, 120, (4, 5, 6)).astype(dtype)
    header = nibabel.Nifti1Header(endianness=">" if kind[0] == ">" else "<")
    header.set_data_dtype(dtype)
    nibabel.save(nibabel.Nifti1Image(voxels.T, AFFINE, header, dtype=dtype.newbyteorder("=")), tmp_path / name)
    loaded = load_image(tmp_path / name)
    np.testing.assert_array_equal(loaded.array, voxels)
    assert loaded.array.dtype == dtype.newbyteorder("=")
    np.testing.assert_allclose(loaded.affine, AFFINE, atol=1e-5)


def two_places(path: Path, shift: float, degrees: float = 0.0) -> Path:
    """A file whose sform lies ``shift`` mm beside its qform, turned by ``degrees``."""
    file = nibabel.Nifti1Image(random_image().array.T, np.eye(4))
    turn = np.radians(degrees)
    moved = np.eye(4)
    moved[:2, :2] = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    moved[2, 3] = shift
    file.set_qform(np.eye(4), 1)
    file.set_sform(moved, 2)
    nibabel.save(file, path)
    return path


def test_two_places_in_one_file_are_told_and_the_same_place_is_not(tmp_path):
    assert file_notes(two_places(tmp_path / "same.nii.gz", 0.01)) == []
    moved = two_places(tmp_path / "moved.nii.gz", 12.0)
    assert "12.0 mm apart" in file_notes(moved)[0]
    assert load_image(moved).array.shape == random_image().array.shape
    with pytest.raises(ImageProblem, match="how the patient lies"):
        load_image(two_places(tmp_path / "turned.nii.gz", 0.0, 90.0))


def test_a_file_that_does_not_tell_the_size_of_its_voxels_says_so(tmp_path):
    (tmp_path / "scan.nrrd").write_bytes(b"NRRD0004\ntype: uchar\ndimension: 3\nsizes: 3 4 5\nencoding: raw\n\n"
                                         + bytes(range(60)))
    assert any("1 mm was taken" in note for note in file_notes(tmp_path / "scan.nrrd"))
    path = save_image(random_image(), tmp_path / "good.nrrd")
    assert file_notes(path) == []
    path.write_bytes(re.sub(rb"space directions: .*", b"space directions: none none none", path.read_bytes()))
    assert any("1 mm was taken" in note for note in file_notes(path))


@pytest.mark.skipif(os.name == "nt", reason="names are always text there")
def test_names_that_are_not_text_are_refused_in_words_that_can_be_printed(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/scan-\xff.nii.gz"))
    path.write_bytes(save_image(random_image(), tmp_path / "scan.nii.gz").read_bytes())
    for use in (load_image, check_output, lambda place: save_image(random_image(), place)):
        with pytest.raises(ImageProblem, match="Rename") as caught:
            use(path)
        str(caught.value).encode("utf-8")

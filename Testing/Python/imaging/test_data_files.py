"""Voxels in a file beside their header: writing an image never replaces those of another."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from NeuroOrbitLib.files.stamps import stamps_of
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.data_files import data_file, data_files
from NeuroOrbitLib.imaging.files import check_output, load_image, save_image

from .image_cases import random_image


def refused(output: Path, scan: Path | None = None) -> None:
    """Neither the check nor the writing goes on, and nothing is changed."""
    before = {path: path.read_bytes() for path in output.parent.rglob("*") if path.is_file()}
    with pytest.raises(ImageProblem, match=f"{data_file(output).name}, .* of another image. Choose another name"):
        check_output(output, scan)
    with pytest.raises(ImageProblem, match="of another image"):
        save_image(random_image(seed=1), output)
    assert {path: path.read_bytes() for path in output.parent.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["scan.mhd", "scan.nhdr", "a.scan.mhd", "a.scan.nhdr"])
def test_the_voxels_lie_where_they_are_said_to(tmp_path, name):
    path = save_image(random_image(), tmp_path / name)
    assert set(tmp_path.iterdir()) == {path, data_file(path)}


@pytest.mark.parametrize("name", ["scan.mha", "scan.nrrd", "scan.nii.gz"])
def test_other_kinds_hold_their_voxels_themselves(tmp_path, name):
    path = save_image(random_image(), tmp_path / name)
    assert data_file(path) is None and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("scan", "output"), [("head.mhd", "head.nhdr"), ("head.nhdr", "head.mhd"),
                                              ("head.mhd", "head.NHDR")])
def test_the_voxels_of_the_scan_are_not_replaced(tmp_path, scan, output):
    path = save_image(random_image(), tmp_path / scan)
    refused(tmp_path / output, path)
    refused(tmp_path / output)
    np.testing.assert_array_equal(load_image(path).array, random_image().array)


def test_the_voxels_of_a_header_of_another_name_are_not_replaced(tmp_path):
    path = save_image(random_image(), tmp_path / "head.mhd")
    path.rename(tmp_path / "renamed.mhd")
    refused(tmp_path / "head.mhd")


def test_voxels_of_a_kind_unknown_here_are_not_replaced(tmp_path):
    (tmp_path / "labels.raw").write_bytes(b"photographs of a camera")
    refused(tmp_path / "labels.nhdr")


@pytest.mark.parametrize("text", ["ObjectType = Image\nElementDataFile = head.raw\n",
                                  "ObjectType = Image\nElementDataFile = LIST\nother.raw\nHEAD.raw\n"])
def test_voxels_that_two_headers_share_are_not_replaced(tmp_path, text):
    path = save_image(random_image(), tmp_path / "head.nhdr")
    (tmp_path / "second.mhd").write_text(text, encoding="ascii")
    refused(path)


def test_voxels_of_a_scan_in_another_folder_are_not_replaced(tmp_path):
    path = save_image(random_image(), tmp_path / "results" / "labels.nhdr")
    (tmp_path / "scan.mhd").write_text("ObjectType = Image\nElementDataFile = results/labels.raw\n", encoding="ascii")
    with pytest.raises(ImageProblem, match="of another image"):
        check_output(path, tmp_path / "scan.mhd")


@pytest.mark.parametrize("name", ["labels.mhd", "labels.nhdr"])
def test_a_result_is_replaced_by_the_next_one(tmp_path, name):
    save_image(random_image(), tmp_path / "scan.mhd")
    save_image(random_image(), tmp_path / name)
    check_output(tmp_path / name, tmp_path / "scan.mhd")
    save_image(random_image(seed=1), tmp_path / name)
    np.testing.assert_array_equal(load_image(tmp_path / name).array, random_image(seed=1).array)
    np.testing.assert_array_equal(load_image(tmp_path / "scan.mhd").array, random_image().array)


@pytest.mark.parametrize("name", ["scan.mhd", "scan.nhdr"])
def test_voxels_that_were_written_anew_are_another_image(tmp_path, name):
    """The header stays what it is: results of the older voxels would be taken for those of the new ones."""
    path = save_image(random_image(), tmp_path / name)
    before = stamps_of([path])
    os.utime(data_file(path), ns=(data_file(path).stat().st_mtime_ns + 10**9,) * 2)
    assert stamps_of([path]) != before


@pytest.mark.parametrize("text", ["ElementDataFile = LIST\nslice1.raw\nslice 2.raw\n",
                                  "ElementDataFile = slice%d.raw 1 1 1\nslice 2.raw\n"])
def test_all_files_of_voxels_that_a_header_names_are_found(tmp_path, text):
    for name in ("slice1.raw", "slice 2.raw", "other.raw"):
        (tmp_path / name).touch()
    (tmp_path / "scan.mhd").write_text(f"ObjectType = Image\n{text}")
    assert [path.name for path in data_files(tmp_path / "scan.mhd")] == ["slice 2.raw", "slice1.raw"]


def test_voxels_in_the_file_itself_name_no_other_file(tmp_path):
    path = save_image(random_image(), tmp_path / "scan.mha")
    path.write_bytes(path.read_bytes() + b"\n" + b"a" * 5000 + b"\n\x00x=\xff**%d\n")
    assert data_files(path) == []

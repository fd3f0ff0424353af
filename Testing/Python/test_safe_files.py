"""Results are written whole or not at all: a full disk leaves the old file, nothing else, and one clear message."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from NeuroOrbitLib.files import replacing
from NeuroOrbitLib.files import safe as safe_files
from NeuroOrbitLib.files.safe import (
    NotWritten,
    write_arrays,
    write_bytes,
    write_files,
    write_json,
    write_rows,
    write_text,
)
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.problem import Problem

IMAGES = ["labels.nii", "labels.nii.gz", "labels.nrrd", "labels.mha", "labels.mhd", "labels.nhdr"]


def noise(shape=(20, 30, 40)) -> Image:
    """Voxels that cannot be compressed."""
    return Image(np.random.default_rng(0).integers(-(2**15), 2**15, shape).astype(np.int16), np.eye(4))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture()
def small_disk(tmp_path) -> Iterator[Path]:
    """A disk of 256 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if not sys.platform.startswith("linux") or mount is None or subprocess.run(
            [mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", place], capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield place
    # Lazily: ITK keeps NRRD files open that it could not write.
    subprocess.run(["umount", "-l", place], check=True)


def results(folder: Path, large: bool) -> dict[str, object]:
    """What writes each kind of result, small or larger than the disk."""
    count = 100_000 if large else 10
    image = noise((100, 60, 50) if large else (3, 4, 5))
    text = "x" * (300_000 if large else 10)
    writers = {name: lambda name=name: save_image(image, folder / name) for name in IMAGES}
    return {
        **writers,
        "table.csv": lambda: write_rows(folder / "table.csv", ["number"], ([number] for number in range(count))),
        "report.json": lambda: write_json(folder / "report.json", {"text": text}),
        "picture.png": lambda: write_bytes(folder / "picture.png", text.encode()),
        "arrays.npz": lambda: write_arrays(folder / "arrays.npz", voxels=image.array),
    }


@pytest.mark.parametrize("name", list(results(Path(), False)))
def test_a_full_disk_leaves_the_old_file_and_says_how_much_is_missing(small_disk, name):
    results(small_disk, False)[name]()
    before = contents(small_disk)
    with pytest.raises(Problem, match=r"disk is full \(about 0\.\d MiB are needed, 0\.\d MiB were free\)") as caught:
        results(small_disk, True)[name]()
    assert str(small_disk / name) in str(caught.value)
    assert contents(small_disk) == before and not list(small_disk.glob(".neuro-orbit-*"))


def test_what_a_killed_process_left_is_removed_after_a_day(tmp_path):
    old, young, other = (tmp_path / name for name in (".neuro-orbit-old", ".neuro-orbit-young", "neuro-orbit-mine"))
    for folder in (old, young, other):
        folder.mkdir()
        (folder / "half.nii.gz").write_bytes(b"half")
    for folder, hours in ((old, 25), (young, 2), (other, 2000)):
        os.utime(folder, (time.time() - hours * 3600,) * 2)
    write_json(tmp_path / "report.json", {})
    assert sorted(path.name for path in tmp_path.iterdir()) == [young.name, other.name, "report.json"]


@pytest.mark.parametrize("name", IMAGES)
def test_a_writer_that_truncates_without_a_word_is_noticed(tmp_path, monkeypatch, name):
    save_image(noise((3, 4, 5)), tmp_path / name)
    before, write = contents(tmp_path), sitk.WriteImage

    def truncating(image, path, *rest):
        write(image, path, *rest)
        largest = max(Path(path).parent.iterdir(), key=lambda file: file.stat().st_size)
        os.truncate(largest, largest.stat().st_size // 2)

    monkeypatch.setattr(sitk, "WriteImage", truncating)
    with pytest.raises(Problem, match="cannot be written"):
        save_image(noise(), tmp_path / name)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("name", IMAGES)
def test_a_writer_that_leaves_zeros_in_the_voxels_is_noticed(tmp_path, monkeypatch, name):
    write = sitk.WriteImage
    monkeypatch.setattr(sitk, "WriteImage", lambda image, *rest: write(image * 0, *rest))
    with pytest.raises(Problem, match="cannot be written"):
        save_image(noise(), tmp_path / name)
    assert contents(tmp_path) == {}


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
def test_a_quota_is_told_as_a_full_disk(tmp_path):
    code = ("import resource, signal, sys; from pathlib import Path\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
            "from NeuroOrbitLib.files.safe import NotWritten, write_text\n"
            "try: write_text(Path(sys.argv[1]), 'x' * 100_000)\n"
            "except NotWritten as problem: print(problem)\n")
    (tmp_path / "report.txt").write_text("old", encoding="ascii")
    ran = subprocess.run([sys.executable, "-c", code, tmp_path / "report.txt"], capture_output=True, text=True,
                         check=True)
    assert "disk is full (about 0.1 MiB are needed" in ran.stdout
    assert contents(tmp_path) == {"report.txt": b"old"}


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_fault_at_any_step_leaves_the_old_file(tmp_path, monkeypatch, step):
    write_json(tmp_path / "report.json", {"old": True})
    before = contents(tmp_path)

    def full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, step, full)
        with pytest.raises(NotWritten, match="disk is full"):
            write_json(tmp_path / "report.json", {"old": False})
    assert contents(tmp_path) == before


def test_a_file_that_another_program_holds_open_is_told_as_such(tmp_path, monkeypatch):
    write_json(tmp_path / "report.json", {"old": True})

    def locked(*_arguments):
        raise PermissionError(errno.EACCES, "Access is denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", locked)
        with pytest.raises(NotWritten, match=r"Access is denied\)\. Close it in other programs"):
            write_json(tmp_path / "report.json", {"old": False})
    assert contents(tmp_path).keys() == {"report.json"}


class HeldByWindows:
    """Stands in for os.replace where a virus scanner or a viewer has the file open for some attempts."""

    def __init__(self, attempts: int, code: int = 32) -> None:
        self.attempts, self.code, self.asked = attempts, code, 0
        self.replace = os.replace

    def __call__(self, new, place) -> None:
        self.asked += 1
        if self.asked <= self.attempts:
            error = PermissionError(errno.EACCES, "The process cannot access the file")
            error.winerror = self.code
            raise error
        self.replace(new, place)


@pytest.mark.parametrize("code", [5, 32])
def test_a_file_that_a_virus_scanner_holds_for_a_moment_is_replaced(tmp_path, monkeypatch, code):
    path = write_json(tmp_path / "Befund Müller, Jürgen" / "report.json", {"old": True})
    held = HeldByWindows(3, code)
    monkeypatch.setattr(replacing, "_PAUSES", (0.0,) * 5)
    monkeypatch.setattr(os, "replace", held)
    write_json(path, {"old": False})
    assert json.loads(path.read_text()) == {"old": False} and held.asked == 4
    assert contents(path.parent).keys() == {"report.json"}


def test_a_file_that_stays_open_in_a_viewer_is_told_and_unchanged(tmp_path, monkeypatch):
    path = write_json(tmp_path / "report.json", {"old": True})
    monkeypatch.setattr(replacing, "_PAUSES", (0.0,) * 5)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", HeldByWindows(1000))
        with pytest.raises(NotWritten, match="Close it in other programs"):
            write_json(path, {"old": False})
    assert json.loads(path.read_text()) == {"old": True} and contents(tmp_path).keys() == {"report.json"}


@pytest.mark.parametrize("name", ["CON.json", "aux.tar.gz", "Lpt1", "reports/nul/report.json", "com\u00b9.txt"])
def test_names_that_windows_keeps_for_devices_are_refused_there_before_anything_is_written(tmp_path, monkeypatch, name):
    path = tmp_path / name
    write_text(path, "elsewhere they are names like any other")
    shutil.rmtree(tmp_path / name.split("/")[0]) if "/" in name else path.unlink()
    monkeypatch.setattr(safe_files, "KEEPS_DEVICES", True)
    with pytest.raises(NotWritten, match=r"Windows keeps the name .* for a device.*Choose another name"):
        write_text(path, "lost")
    assert not contents(tmp_path) and not list(tmp_path.iterdir())
    write_text(tmp_path / "console.json", "a name like any other")


def test_a_folder_called_as_a_device_is_refused_although_windows_finds_something_of_this_name(tmp_path, monkeypatch):
    (tmp_path / "nul").write_text("Windows says of devices that they exist")
    monkeypatch.setattr(safe_files, "KEEPS_DEVICES", True)
    with pytest.raises(NotWritten, match=r"Windows keeps the name nul for a device"):
        write_text(tmp_path / "nul" / "report.txt", "lost")


def test_a_name_at_whose_end_windows_drops_a_dot_is_refused_there(tmp_path, monkeypatch):
    monkeypatch.setattr(safe_files, "KEEPS_DEVICES", True)
    for name in ("report.", "Dr. /report.txt", "report.txt "):
        with pytest.raises(NotWritten, match="ends with a dot or a space"):
            write_text(tmp_path / name, "another file than asked for")
    assert not list(tmp_path.iterdir())
    write_text(tmp_path / "Dr. Müller" / "report 1.txt", "fine")


def test_a_missing_right_is_told_at_once(tmp_path, monkeypatch):
    held = HeldByWindows(1000, code=0)
    monkeypatch.setattr(replacing, "_PAUSES", (3600.0,) * 5)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", held)
        with pytest.raises(NotWritten):
            write_json(tmp_path / "report.json", {})
    assert held.asked == 1


@pytest.mark.parametrize("has_links", [True, False])
@pytest.mark.parametrize("fault", [1, 2])
def test_of_a_header_and_its_voxels_both_are_replaced_or_none(tmp_path, monkeypatch, fault, has_links):
    path = save_image(noise((3, 4, 5)), tmp_path / "labels.mhd")
    before, replace, calls = contents(tmp_path), os.replace, []

    def failing(source, target):
        calls.append(target)
        if len(calls) == fault:
            raise PermissionError(errno.EACCES, "Access is denied")
        replace(source, target)

    def no_links(*_arguments):
        raise OSError(errno.EPERM, "Operation not permitted")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", failing)
        if not has_links:
            patch.setattr(os, "link", no_links)
        with pytest.raises(Problem, match="Close it"):
            save_image(noise(), path)
    assert contents(tmp_path) == before
    save_image(noise(), path)
    np.testing.assert_array_equal(load_image(path).array, noise().array)


def test_what_a_writer_leaves_beside_its_file_comes_along(tmp_path):
    def both(path: Path) -> None:
        path.write_text("header", encoding="ascii")
        path.with_suffix(".raw").write_text("voxels", encoding="ascii")

    write_files({tmp_path / "new" / "a.txt": both})
    assert contents(tmp_path / "new") == {"a.txt": b"header", "a.raw": b"voxels"}


def test_disks_that_cannot_force_a_folder_are_written_to(tmp_path, monkeypatch):
    force = os.fsync

    def no_folders(handle):
        if os.path.isdir(f"/proc/self/fd/{handle}"):
            raise OSError(errno.EINVAL, "Invalid argument")
        force(handle)

    monkeypatch.setattr(os, "fsync", no_folders)
    write_json(tmp_path / "report.json", [1])
    with contextlib.closing((tmp_path / "report.json").open(encoding="utf-8")) as file:
        assert file.read() == "[\n  1\n]\n"
    assert safe_files.printable("scan-\udcff.nii") == r"scan-\udcff.nii"

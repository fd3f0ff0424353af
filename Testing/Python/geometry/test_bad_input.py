"""Whatever is given to the pipeline: a right answer on the input's grid, or one clear message and nothing written."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk
import torch

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.command_line import FAILURE, SUCCESS, USAGE, TerminalProgress
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.models import ModelFacts, find_package, write_package
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.__main__ import main
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL
from OrbitSegmentationLib.paper_networks.profile_classes import output_names
from OrbitSegmentationLib.paper_networks.profiles import SV_NET
from OrbitSegmentationLib.pipeline import segment_file
from OrbitSegmentationLib.run_model import Found

REPOSITORY = Path(__file__).resolve().parents[3]
GIBIBYTE = 2**30
VOXELS = np.random.default_rng(0).normal(100, 20, (30, 32, 34)).astype(np.float32)


def nifti(voxels: np.ndarray = VOXELS, qform: int = 1, sform: int = 1, **patches: tuple[int, str, float]) -> bytes:
    """A NIfTI-1 file (voxels I, J, K, …) with some numbers of its header changed: name=(offset, format, value)."""
    file = nibabel.Nifti1Image(voxels, np.diag([2.0, 2.0, 2.0, 1.0]))
    file.set_qform(file.affine, qform)
    file.set_sform(file.affine, sform)
    content = bytearray(file.to_bytes())
    for offset, form, value in patches.values():
        struct.pack_into(form, content, offset, value)
    return bytes(content)


def colour(folder: Path) -> Path:
    path = folder / "colour.nrrd"
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros((12, 12, 12, 3), np.uint8), isVector=True), str(path))
    return path


def vectors(folder: Path) -> Path:
    path = folder / "vectors.nii.gz"
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros((12, 12, 12, 3), np.float32), isVector=True), str(path))
    return path


def folder_without_dicom(folder: Path) -> Path:
    (folder / "notes.txt").write_text("no images here", encoding="ascii")
    return folder


def from_array(array: np.ndarray, spacing: float = 2.0) -> Callable[[Path], Path]:
    """Makes a file with these voxels (K, J, I)."""
    return lambda folder: save_image(Image(array, np.diag([spacing, spacing, spacing, 1.0])), folder / "scan.nii.gz")


def from_bytes(content: bytes, name: str = "scan.nii") -> Callable[[Path], Path]:
    """Makes a file with this content."""
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


def mostly_nan() -> np.ndarray:
    array = VOXELS.copy()
    array[:20] = np.nan
    return array


SHOW_PROGRESS = TerminalProgress.__call__
NAN, INFINITE = float("nan"), float("inf")
#: What is given, and the words that say what is wrong with it.
USELESS = {
    "four-dimensional": (from_bytes(nifti(np.zeros((12, 12, 12, 3), np.float32))), "series of 3 volumes"),
    "colour": (colour, "colour or vector"),
    "vectors": (vectors, "colour or vector|series of"),
    "mostly NaN": (from_array(mostly_nan()), "67% of the voxels are not numbers"),
    "constant": (from_array(np.full((30, 30, 30), -1000, np.int16)), "same value"),
    "tiny": (from_array(np.arange(125, dtype=np.int16).reshape(5, 5, 5), 1.0), "too little to hold an orbit"),
    "single slice": (from_array(VOXELS[:1]), "single slice"),
    "picture": (from_bytes(nifti(VOXELS[0])), "two-dimensional"),
    "no eyes": (from_array(VOXELS), "No eye was found"),
    "no voxel size": (from_bytes(nifti(sform=0, size=(80, "<f", 0.0))), "how large its voxels are"),
    "voxel size NaN": (from_bytes(nifti(size=(84, "<f", NAN))), "how large its voxels are"),
    "axis of length zero": (from_bytes(nifti(qform=0, axis=(280, "<f", 0.0))), "not valid"),
    "affine NaN": (from_bytes(nifti(axis=(284, "<f", NAN))), "where its voxels lie"),
    "affine infinite": (from_bytes(nifti(qform=0, place=(292, "<f", INFINITE))), "where its voxels lie"),
    "rotation NaN": (from_bytes(nifti(sform=0, turn=(256, "<f", NAN))), "where its voxels lie"),
    "metres": (from_array(VOXELS, 0.002), "length units"),
    "truncated": (from_bytes(gzip.compress(nifti())[:9000], "scan.nii.gz"), "cut off"),
    "truncated, not compressed": (from_bytes(nifti()[:9000]), "cut off"),
    "impossible size": (from_bytes(nifti(i=(42, "<h", 30000), j=(44, "<h", 30000), k=(46, "<h", 30000))), "cut off"),
    "negative size": (from_bytes(nifti(i=(42, "<h", -5))), "damaged"),
    "text": (from_bytes(b"this is no image\n" * 40, "scan.nii.gz"), "cannot be read"),
    "compressed text": (from_bytes(gzip.compress(b"no image" * 99), "scan.nii.gz"), "cannot be read"),
    "empty file": (from_bytes(b"", "scan.nrrd"), "cannot be read"),
    "no file": (lambda folder: folder / "scan.nii.gz", "Check the name"),
    "no DICOM": (folder_without_dicom, "no DICOM images"),
}


@dataclass
class Workplace:
    """A folder of one test: what goes in, what comes out, and what was left behind."""

    folder: Path
    temporary: Path

    @property
    def output(self) -> Path:
        return self.folder / "results" / "labels.nii.gz"

    def files(self) -> set[Path]:
        return {path for folder in (self.folder, self.temporary) for path in folder.rglob("*")}


@pytest.fixture
def workplace(tmp_path, one_temporary_folder) -> Workplace:
    (tmp_path / "input").mkdir()
    return Workplace(tmp_path, one_temporary_folder)


def refused(workplace: Workplace, capfd, words: str, scan: Path, *options: str, output: Path | None = None,
            **arguments: object) -> None:
    """Both ways in tell the same in one line, and leave nothing behind.

    :param options: of the command line; ``arguments``: the same for :func:`segment_file`.
    """
    output = output or workplace.output
    before = workplace.files()
    with pytest.raises(Problem, match=words) as caught:
        segment_file(str(scan), str(output), **{"device": "cpu", **arguments})
    capfd.readouterr()
    options = options if "--device" in options else (*options, "--device", "cpu")
    assert main(["segment", str(scan), "-o", str(output), *options]) == FAILURE
    printed = capfd.readouterr()
    # Lines of progress come after some seconds, that is on a busy computer.
    lines = [line for line in printed.err.splitlines() if line.strip() and not re.match(r" *\d+ ?%", line)]
    assert printed.out == "" and lines == [f"Error: {caught.value}"]
    assert str(caught.value).count(". ") + 1 <= 4 and "\n" not in str(caught.value)
    assert workplace.files() == before


@pytest.mark.parametrize("name", USELESS)
def test_what_cannot_be_used_is_refused_in_one_line_and_leaves_nothing(workplace, capfd, name):
    make, words = USELESS[name]
    refused(workplace, capfd, words, make(workplace.folder / "input"))


def good_scan(workplace: Workplace) -> Path:
    return from_array(VOXELS)(workplace.folder / "input")


def test_a_graphics_card_that_is_not_there_is_told(workplace, capfd, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    refused(workplace, capfd, "Choose auto or cpu", good_scan(workplace), "--device", "cuda", device="cuda")


@pytest.mark.parametrize(
    ("place", "words"),
    [("file/labels.nii.gz", "cannot be written"), ("input", "file name that ends with"),
     ("folder.nii.gz", "cannot be written"), ("labels.png", "file name that ends with"),
     ("input/scan.nii.gz", "overwrite .*scan.nii.gz, which is read"),
     ("input/other.nhdr", "holds? those of another image"),
     ("a" * 300 + ".nii.gz", r"cannot be written \(.+\)")],
)
def test_a_place_that_cannot_take_the_result_is_told_before_anything_is_computed(
        workplace, capfd, monkeypatch, place, words):
    monkeypatch.setattr("OrbitSegmentationLib.pipeline.segment_image", None)
    (workplace.folder / "file").write_text("", encoding="ascii")
    (workplace.folder / "folder.nii.gz").mkdir()
    save_image(Image(VOXELS, np.eye(4)), workplace.folder / "input" / "other.mhd")
    refused(workplace, capfd, words, good_scan(workplace), output=workplace.folder / place)


def test_a_folder_that_may_not_be_written_to_is_told(workplace, capfd, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)  # the superuser may write everywhere
    refused(workplace, capfd, "permissions", good_scan(workplace))


def test_a_scan_that_may_not_be_read_is_told(workplace, capfd, monkeypatch):
    path = good_scan(workplace)

    def locked(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", locked)  # the superuser may read everything
    monkeypatch.setattr("NeuroOrbitLib.models.find_package", lambda *_: None)
    refused(workplace, capfd, r"scan\.nii\.gz cannot be read \(Permission denied\)", path)


def test_a_scan_with_a_name_that_is_too_long_is_told(workplace, capfd):
    refused(workplace, capfd, r"cannot be read \(.+\)\. Check its name", workplace.folder / f"{'a' * 300}.nii.gz")


def test_a_scan_that_does_not_fit_into_memory_is_told(workplace, capfd, monkeypatch):
    monkeypatch.setattr("NeuroOrbitLib.imaging.checks.available_memory", lambda: 1000)
    refused(workplace, capfd, "of memory, and 0.0 GiB are free", good_scan(workplace))


FACTS = ModelFacts(
    name="other", version="1", title="Other", modality="CT", labels=find_package(DEFAULT_MODEL).facts.labels,
    training_data="synthetic", license="Apache-2.0", network="any_contrast",
    network_arguments={"locator_widths": [2, 2], "orbit_widths": [2, 2]},
    settings={"label_of_class": [0, 1, 19, 3, 5, 7, 9, 11, 13, 15, 17, 21]},
)  # fmt: skip


def paper_settings(**changes: object) -> dict[str, object]:
    """Settings of a package of a paper's network, with changed values in its profile."""
    return {"kind": "paper_network", "profile": {**SV_NET.as_dict(), **changes}}


def damaged_model(folder: Path, kind: str) -> Path:
    """A model package that cannot be used."""
    changes = {
        "of another module": {"network": "tao"}, "without its classes": {"settings": {}},
        "with other classes": {"settings": {"label_of_class": [0, 1, 2]}},
        "of an unknown shape": {"network_arguments": {"depth": 3}},
        "with two muscles exchanged": {"settings": {"label_of_class": [0, 1, 19, 3, 7, 5, 9, 11, 13, 15, 17, 21]}},
        "with a left label": {"settings": {"label_of_class": [0, 2, 19, 3, 5, 7, 9, 11, 13, 15, 17, 21]}},
        "with a label twice": {"settings": {"label_of_class": [0, 1, 19, 3, 5, 5, 9, 11, 13, 15, 17, 21]}},
        "with no label at all": {"settings": {"label_of_class": [0] * 12}},
        "with truth for a label": {"settings": {"label_of_class": [0, True, 19, 3, 5, 7, 9, 11, 13, 15, 17, 21]}},
        "with a labelled background": {"settings": {"label_of_class": [1, 0, 19, 3, 5, 7, 9, 11, 13, 15, 17, 21]}},
        "with other names for its outputs": {"labels": ("background", *FACTS.labels[:0:-1])},
        "with lists for classes": {"settings": {"label_of_class": [[0]] * 12}},
        "with half of its range": {"calibration": {"novelty": {"certainty": [0.9, 0.01]}}},
        "with a range of nothing": {"calibration": {"novelty": {"certainty": [0.9, 0.0], "confidence": [0.8, 0.1]}}},
        "with words for a range": {"calibration": {"novelty": {"certainty": "high", "confidence": None}}},
        "with a list for a range": {"calibration": {"novelty": [0.9, 0.01]}},
        "of a paper without profile": {"settings": {"kind": "paper_network"}},
        "of a paper with half a profile": {"settings": {"kind": "paper_network", "profile": {"name": "x"}}},
        "of a paper with a list for a profile": {"settings": {"kind": "paper_network", "profile": [1]}},
        "of a paper with wrong axes": {"network": "sv_net", "settings": paper_settings(axes="XYZ")},
        "of a paper with words for sizes": {"network": "sv_net", "settings": paper_settings(shape="large")},
        "of a paper with the profile of another": {"network": "su_net", "settings": paper_settings()},
        "of a paper with other channels": {"network": "sv_net", "settings": paper_settings(),
                                           "network_arguments": {"out_channels": 3}},
        "of a paper with other names for its outputs": {"network": "sv_net", "settings": paper_settings(),
                                                        "labels": output_names(SV_NET)[::-1]},
        "of a paper with a structure twice": {"network": "sv_net", "settings": paper_settings(
            classes=[*SV_NET.classes[:-1], SV_NET.classes[0]])},
        "of a paper with an enormous array": {"network": "sv_net", "settings": paper_settings(shape=[4096] * 3)},
        "of a paper that cannot be built": {"network": "sv_net", "settings": paper_settings(),
                                            "labels": output_names(SV_NET),
                                            "network_arguments": {"out_channels": 6, "depth": 3}},
    }.get(kind, {})  # fmt: skip
    package = write_package(folder / "model", {"weight": torch.zeros(3)}, ModelFacts(**{**vars(FACTS), **changes}))
    content = bytearray(package.weights_path.read_bytes())
    if kind == "with changed weights":
        content[-1] ^= 1
    package.weights_path.write_bytes(bytes(content[:20] if kind == "cut off" else content))
    if kind == "without weights":
        package.weights_path.unlink()
    if kind == "with a broken description":
        (package.folder / "configs" / "metadata.json").write_text("{", encoding="ascii")
    return package.folder


@pytest.mark.parametrize(
    ("kind", "words"),
    [("of another module", "does not segment orbits"), ("without its classes", "Install the model again"),
     ("with other classes", "Install the model again"), ("of an unknown shape", "Install the model again"),
     ("with changed weights", "damaged or was changed"), ("cut off", "damaged or was changed"),
     ("without weights", "is missing"), ("with a broken description", "is damaged"),
     ("with weights of another network", "do not fit"),
     *((kind, "not described as this version.*Install the model again") for kind in (
         "with half of its range", "with a range of nothing", "with words for a range",
         "with a list for a range", "of a paper without profile", "of a paper with half a profile",
         "of a paper with a list for a profile", "of a paper with wrong axes", "of a paper with words for sizes",
         "of a paper with the profile of another", "of a paper with other channels",
         "of a paper that cannot be built")),
     ("with two muscles exchanged", "class 4 stands for label 5, and its table says 7"),
     ("with lists for classes", r"its table says \[0\]"),
     ("with a left label", "class 1 stands for label 1, and its table says 2"),
     ("with a label twice", "class 5 stands for label 7, and its table says 5"),
     ("with no label at all", "its table shows no structure"),
     ("with truth for a label", "its table says True"),
     ("with a labelled background", "class 0 stands for label 0, and its table says 1"),
     ("with other names for its outputs", "names of its outputs are not those of its classes"),
     ("of a paper with other names for its outputs", "names of its outputs are not those of its profile's"),
     ("of a paper with a structure twice", "not described as this version"),
     ("of a paper with an enormous array", "not described as this version")],
)
def test_a_model_that_cannot_be_used_is_told(workplace, capfd, monkeypatch, kind, words):
    for found in ("segment_scan", "find_orbits"):  # it is told before anything is computed
        monkeypatch.setattr(f"OrbitSegmentationLib.any_contrast.model.{found}", None)
    model = str(damaged_model(workplace.folder, kind))
    refused(workplace, capfd, words, good_scan(workplace), "--model", model, model=model)


def test_a_model_that_is_not_there_is_told_with_those_that_are(workplace, capfd):
    refused(workplace, capfd, f"Installed models: .*{DEFAULT_MODEL}", good_scan(workplace), "--model", "none",
            model="none")


def test_wrong_usage_has_a_status_of_its_own(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["segment", "scan.nii.gz"])
    assert caught.value.code == USAGE and "--output" in capsys.readouterr().err


def not_numbers(array: np.ndarray) -> np.ndarray:
    """NaN, infinite, and too large for single precision, in the corners."""
    result = array.astype(np.float64)
    result[:6, :20, :20], result[-4:, -20:, -20:], result[:4, -20:, :20] = NAN, INFINITE, -1e300
    return result


def round_field_of_view(array: np.ndarray) -> np.ndarray:
    """CT padding as scanners write it, among it an overflow, outside of a circle."""
    _, j, i = np.indices(array.shape)
    _, rows, columns = array.shape
    outside = np.hypot(j - rows / 2, i - columns / 2) > 0.52 * columns
    padding = np.array([-2000, -3024, -32768], np.int16)[(j // 8 + i // 8) % 3]
    return np.where(outside, padding, array.astype(np.int16))


def unsigned(array: np.ndarray) -> np.ndarray:
    """A CT whose 0 is air, as after a conversion without the rescale intercept."""
    return (np.clip(array, -1024, 3071) + 1024).astype(np.uint16)


def bytes_only(array: np.ndarray) -> np.ndarray:
    """An MRI in 256 steps."""
    return np.clip(array / np.percentile(array, 99.5) * 255, 0, 255).astype(np.uint8)


def globe_dice(labels: Image, reference: Image) -> float:
    """The smaller of both globes' Dice."""
    pairs = [(labels.array == value, reference.array == value) for value in (1, 2)]
    return min(2 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b)) for a, b in pairs)


@pytest.mark.parametrize(
    ("kind", "change", "least", "words"),
    [("CT", not_numbers, 0.9, "not numbers"), ("CT", round_field_of_view, 0.9, None), ("T1", bytes_only, 0.9, None),
     ("CT", unsigned, 0.99, "1024 higher")],
)
def test_defects_that_do_no_harm_give_the_right_answer_on_the_grid_of_the_scan(
        workplace, scans, segmented, kind, change, least, words):
    scan = Image(change(scans(kind).array), scans(kind).affine)
    path = save_image(scan, workplace.folder / "input" / "scan.nrrd")
    result = segment_file(str(path), str(workplace.output), device="cpu")
    labels = load_image(workplace.output)
    assert labels.grid.same_as(scan.grid) and labels.array.dtype == np.uint8
    assert globe_dice(labels, segmented(kind).labels) > least
    assert words is None or any(words in notice["text"] for notice in result["notices"])
    assert workplace.files() == {workplace.output, workplace.output.parent, path.parent, path}


def brightest(scan: Image, *_: object) -> Found:
    """Stands in for the networks, where what they make of the scan does not matter: its brightest voxels."""
    return Found(scan.with_array((scan.array > scan.array.max() / 2).astype(np.uint8)), {side: 1.0 for side in Side})


def patient_progress(progress: TerminalProgress, fraction: float, message: str = "") -> None:
    """Draws at once what would be left out because it came too soon after the last."""
    progress.next_at = 0.0
    SHOW_PROGRESS(progress, fraction, message)


def test_sides_are_said_to_be_a_guess_when_the_file_does_not_tell_the_orientation(workplace, scans, monkeypatch):
    image = scans("CT")
    monkeypatch.setattr("OrbitSegmentationLib.pipeline.run_model", brightest)
    for name, qform, guessed in (("known.nii.gz", 1, False), ("guessed.nii.gz", 0, True)):
        file = nibabel.Nifti1Image(image.array.T, image.affine)
        file.set_qform(image.affine, qform)
        file.set_sform(None, 0)
        nibabel.save(file, workplace.folder / "input" / name)
        result = segment_file(str(workplace.folder / "input" / name), str(workplace.output), device="cpu")
        assert guessed == any("right and left are a guess" in notice["text"] for notice in result["notices"])


def test_labels_of_a_scan_with_a_tilted_gantry_lie_where_its_sform_says(workplace, scans, monkeypatch):
    image, tilted = scans("CT"), scans("CT").affine.copy()
    tilted[1, 2] += 0.3 * tilted[2, 2]
    monkeypatch.setattr("OrbitSegmentationLib.pipeline.run_model", brightest)
    file = nibabel.Nifti1Image(image.array.T, None)
    file.set_sform(tilted, 1)
    file.set_qform(tilted, 1, strip_shears=True)
    nibabel.save(file, workplace.folder / "input" / "scan.nii.gz")
    segment_file(str(workplace.folder / "input" / "scan.nii.gz"), str(workplace.output), device="cpu")
    labels = nibabel.load(workplace.output)
    assert labels.header["sform_code"] > 0
    np.testing.assert_allclose(labels.get_sform(), tilted, atol=1e-4)
    np.testing.assert_array_equal(np.asarray(labels.dataobj), (image.array > image.array.max() / 2).T)


def test_the_command_line_prints_time_and_sides_and_writes_a_report(workplace, scans, capfd):
    path = save_image(scans("CT"), workplace.folder / "input" / "scan.nii.gz")
    report = workplace.folder / "report"
    status = main(["segment", str(path), "-o", str(workplace.output), "--device", "cpu", "--report", str(report)])
    printed = capfd.readouterr()
    assert status == SUCCESS, printed.err
    assert "Right eyeball" in printed.out and "written in" in printed.out
    text = (report / "report.json").read_text(encoding="utf-8")
    content = json.loads(text)
    assert not {"scan", "labels"} & set(content) and str(workplace.folder) not in text, "places may name patients"
    rows = {row["name"]: row for row in content["measurements"]}
    for side in ("Right", "Left"):
        assert 4 < rows[f"{side} eyeball"]["volume_ml"] < 9 and rows[f"{side} eyeball"]["side"] == side.lower()
    assert content["model"]["sha256"] and content["device"]["name"] == "cpu" and content["seconds"] > 0
    table = (report / "measurements.csv").read_text(encoding="utf-8").splitlines()
    assert len(table) == 1 + len(rows)


def test_a_report_that_cannot_be_written_is_told(workplace, scans, capfd, monkeypatch):
    monkeypatch.setattr("OrbitSegmentationLib.pipeline.run_model", brightest)
    path = save_image(scans("CT"), workplace.folder / "input" / "scan.nii.gz")
    status = main(["segment", str(path), "-o", str(workplace.output), "--report", str(path), "--device", "cpu"])
    assert status == FAILURE
    assert "the report was not" in capfd.readouterr().err and workplace.output.exists()


class Terminal(io.StringIO):
    """A text stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar_that_names_the_steps_and_goes_away(workplace, scans, monkeypatch):
    monkeypatch.setattr("OrbitSegmentationLib.pipeline.run_model", brightest)
    monkeypatch.setattr(TerminalProgress, "__call__", patient_progress)
    path = save_image(scans("CT"), workplace.folder / "input" / "scan.nii.gz")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(["segment", str(path), "-o", str(workplace.output), "--device", "cpu"]) == SUCCESS
    shown = terminal.getvalue().split("\r\033[K")
    bars = [text for text in shown if text.startswith("[")]
    assert "  0%  Reading the scan" in bars[0] and "Writing the result" in bars[-1]
    assert [text.count("#") for text in bars] == sorted(text.count("#") for text in bars)
    assert not shown[-1].startswith("["), "the bar is wiped out at the end"


def test_interrupting_from_the_keyboard_says_so_and_leaves_nothing(workplace, capfd, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    path = good_scan(workplace)
    monkeypatch.setattr(os, "replace", interrupted)
    monkeypatch.setattr("OrbitSegmentationLib.pipeline.run_model", brightest)
    assert main(["segment", str(path), "-o", str(workplace.output), "--device", "cpu"]) == FAILURE
    assert capfd.readouterr().err.strip() == "Error: Cancelled."
    assert [file for file in workplace.files() if file.is_file()] == [path]


#: Runs the pipeline in a process of its own and prints its largest memory.
MEASURE = """
import resource, sys
from OrbitSegmentationLib.__main__ import main
status = main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
sys.exit(status)
"""


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX resource usage")
def test_a_huge_scan_needs_less_than_four_gibibytes(workplace, scans, segmented):
    from NeuroOrbitLib.imaging.geometry import grid_around, resample, resample_labels

    image = scans("CT")
    grid = grid_around(image.grid.center, (512 * 0.4, 512 * 0.4, 300 * 0.5), (0.4, 0.4, 0.5))
    assert grid.shape == (300, 512, 512)
    voxels = resample(image, grid, fill=-1000.0).array.astype(np.int16)
    path = save_image(Image(voxels, grid.affine), workplace.folder / "input" / "scan.nii")
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "OrbitSegmentation")])
    done = subprocess.run([sys.executable, "-c", MEASURE, "segment", path, "-o", workplace.output, "--device", "cpu"],
                          capture_output=True, text=True, env={**os.environ, "PYTHONPATH": paths})
    assert done.returncode == SUCCESS, done.stderr
    assert int(done.stdout.splitlines()[-1]) < 4 * GIBIBYTE
    labels = load_image(workplace.output)
    assert labels.grid.same_as(grid)
    assert globe_dice(resample_labels(labels, image.grid), segmented("CT").labels) > 0.9

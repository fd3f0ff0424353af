"""Where the report of an answer cannot be written is told before anything is computed."""

from __future__ import annotations

import base64
import re
from types import SimpleNamespace

import numpy as np
import pytest
import SimpleITK as sitk

from NeuroOrbitLib.classifiers.answer_report import check_report_path, write_answer_report
from NeuroOrbitLib.classifiers.file_answers import FileAnswer, answer_file
from NeuroOrbitLib.classifiers.report import ReportWords
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.problem import Problem

ANSWER = {"notices": ["Only one orbit."], "synthetic_training": True, "versions": {"torch": "2.13.0"},
          "device": {"reason": "no graphics card"},
          "model": {"title": "T", "name": "n", "version": "1", "sha256": "abc", "training_data": "phantoms"}}


def test_an_answer_about_a_file_tells_of_voxels_that_are_no_numbers(tmp_path):
    array = np.arange(64, dtype=np.float32).reshape(4, 4, 4)
    array[0, 0] = np.nan
    file = str(save_image(Image(array, np.eye(4)), tmp_path / "scan.nii.gz"))
    kind = SimpleNamespace(tools=lambda *_: (None, SimpleNamespace(device="cpu")))
    data, _answer = answer_file(file, "some-model", kind, lambda image, *_: FileAnswer({"notices": ["own"]}, image))
    assert "6.2% of the voxels are not numbers" in data["notices"][-2] and data["notices"][-1] == "own"


def test_no_report_and_one_in_a_folder_that_exists_are_fine(tmp_path):
    check_report_path(None)
    for name in ("page.html", "page.PDF"):
        check_report_path(str(tmp_path / name))


@pytest.mark.parametrize(("name", "says"), [("page.docx", "ends in .html or .pdf"), ("page", "ends in .html or .pdf"),
                                            ("scan.nii/page.pdf", "cannot be written"),
                                            ("folder.html", "cannot be written")])
def test_what_cannot_be_a_report_is_told(tmp_path, name, says):
    (tmp_path / "scan.nii").touch()
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(Problem, match=says):
        check_report_path(str(tmp_path / name))


@pytest.mark.parametrize("ending", ["html", "pdf"])
def test_the_folder_of_a_report_is_made_as_other_commands_make_theirs(tmp_path, ending):
    path = str(tmp_path / "of today" / "patient" / f"page.{ending}")
    check_report_path(path)
    assert not (tmp_path / "of today").exists(), "before the answer nothing is made"
    seen = Image(np.zeros((1, 4, 4), np.float32), np.eye(4))
    assert write_answer_report(path, ANSWER, seen, seen,
                               lambda _record: ReportWords("Title", [], "Seen", lambda _explanation: "")).is_file()


@pytest.mark.parametrize("ending", ["html", "pdf"])
def test_the_report_says_what_speaks_against_the_answer_and_of_which_voxels_it_is(tmp_path, ending):
    scan = Image(np.arange(60, dtype=np.int16).reshape(3, 4, 5), np.eye(4))
    seen = Image(np.random.default_rng(1).normal(size=(2, 30, 30)).astype(np.float32), np.eye(4))
    words = ReportWords("Title", [("Probability", "35 %")], "Seen", lambda _explanation: "")
    path = write_answer_report(str(tmp_path / f"page.{ending}"), ANSWER, scan, seen, lambda _record: words)
    if ending == "pdf":
        assert path.read_bytes().startswith(b"%PDF")
        return
    page = path.read_text(encoding="utf-8")
    assert "Only one orbit." in page and "35 %" in page and page.count("data:image/png") == 2
    other = write_answer_report(str(tmp_path / "other.html"), ANSWER, Image(scan.array + 1, np.eye(4)), seen,
                                lambda _record: words).read_text(encoding="utf-8")
    [first], [second] = ([line for line in text.split("SHA-256") if " " in line][-1:] for text in (page, other))
    assert first != second


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "page.html").mkdir()
    seen = Image(np.zeros((1, 4, 4), np.float32), np.eye(4))
    with pytest.raises(Problem, match="cannot be written"):
        write_answer_report(str(tmp_path / "page.html"), ANSWER, seen, seen,
                            lambda _record: ReportWords("Title", [], "Seen", lambda _explanation: ""))


def pictures(folder, scan: Image, seen: Image, words: ReportWords) -> list[np.ndarray]:
    """The pictures of a report, uint8 (rows, columns, 3)."""
    page = write_answer_report(str(folder / "page.html"), ANSWER, scan, seen, lambda _record: words)
    found = []
    for number, data in enumerate(re.findall(r"base64,([^\"]+)\"", page.read_text(encoding="utf-8"))):
        path = folder / f"{number}.png"
        path.write_bytes(base64.b64decode(data))
        found.append(sitk.GetArrayFromImage(sitk.ReadImage(str(path))))
    return found


def test_a_picture_has_the_patients_proportions_though_the_network_saw_others(tmp_path):
    seen = Image(np.random.default_rng(1).normal(size=(1, 40, 50)).astype(np.float32), np.diag([-0.5, -1.0, 1.0, 1.0]))
    [picture] = pictures(tmp_path, seen, seen, ReportWords("Title", [], "Seen", lambda _explanation: ""))
    assert picture.shape[:2] == (160, 100), "40 rows of 1 mm and 50 columns of 0.5 mm: 40 x 25 mm"


def test_a_mask_is_outlined_on_the_scan_that_it_was_drawn_on(tmp_path):
    affine = np.diag([-1.0, -1.0, 1.0, 1.0])
    scan = Image(np.tile(np.arange(40, dtype=np.float32), (1, 40, 1)), affine)
    mask = np.zeros((1, 40, 40), np.float32)
    mask[0, 8:12, 18:24] = 1.0
    words = ReportWords("Title", [], "Seen", lambda _explanation: "", outlined=True)
    [picture] = pictures(tmp_path, scan, Image(mask, affine), words)
    colored = np.ptp(picture.astype(int), axis=-1) > 0
    assert colored[14:26, 34:50].any() and not colored[16:24, 36:48].any(), "around the lesion, not over it"
    assert not colored[30:].any() and picture[60, 70, 0] > picture[60, 40, 0] > picture[60, 5, 0], "the scan below"

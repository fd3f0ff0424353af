"""The page about one answer, and the words in which it is told."""

from __future__ import annotations

import base64
import re

import numpy as np
import pytest
import SimpleITK as sitk

from NeuroOrbitLib.classifiers.report import HeatView, write_report
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.saliency.colors import heat_pixels
from NeuroOrbitLib.sentences import Sentence
from TAOActivityLib import wording
from TAOActivityLib.report import report_words
from TAOActivityLib.wording import method_text

RECORD = {
    "input": {"name": "Scan <7>", "voxels_sha256": "cd" * 32}, "probability": 0.78, "interval": [0.6, 0.995],
    "decision": "active", "threshold": 0.5, "calibrated": True, "synthetic_training": True,
    "novelty": {"score": 1.0, "text": "Like the images that the model was trained on."},
    "notices": [{"level": "warning", "text": "The slices are 4.5 mm apart."}], "cut_offs": {"brain": 1.21},
    "ratios": [{"muscle": "medial_rectus", "side": "right", "to_brain": 1.3},
               {"muscle": "lateral_rectus", "side": "left", "to_brain": None}],
    "model": {"title": "Network B", "name": "tao-b", "version": "1", "sha256": "ab" * 32,
              "training_data": "synthetic phantoms: 160 scans"},
    "crop": {"region": "right"}, "time": "2026-01-01", "device": {"reason": "No card."}, "versions": {"numpy": "2"},
}  # fmt: skip
EXPLAINED = {"unit": "probability", "largest": 1.0, "by_muscle": {"Right medial rectus muscle": 0.4},
             "parameters": {"patch": 16, "stride": 4, "each_slice": False}}


def crop_with(column: int, columns_to_right: bool = False) -> Image:
    """A dark crop with one bright column of voxels."""
    array = np.full((5, 164, 164), -1.5, np.float32)
    array[:, :, column] = 4.0
    return Image(array, np.diag([0.8 if columns_to_right else -0.8, -0.8, 3.0, 1.0]))


def written(folder, seen: Image, heat: HeatView | None = None) -> str:
    """The page about the record."""
    return write_report(folder / "page.html", RECORD, report_words(RECORD), seen, heat).read_text(encoding="utf-8")


def pictures(page: str, folder) -> list[np.ndarray]:
    """The pictures of a page, uint8 (rows, columns, 3)."""
    found = []
    for number, data in enumerate(re.findall(r"base64,([^\"]+)\"", page)):
        path = folder / f"{number}.png"
        path.write_bytes(base64.b64decode(data))
        found.append(sitk.GetArrayFromImage(sitk.ReadImage(str(path))))
    return found


def test_the_report_is_a_pdf_where_the_file_is_called_so(tmp_path):
    path = write_report(tmp_path / "page.pdf", RECORD, report_words(RECORD), crop_with(40))
    pdf = path.read_bytes()
    assert pdf.startswith(b"%PDF") and len(re.findall(rb"/Subtype /Image", pdf)) >= 5


def test_page_tells_the_answer_its_limits_and_where_it_comes_from(tmp_path):
    page = written(tmp_path, crop_with(40))
    for words in ("Scan &lt;7&gt;", "78 % for active disease", "60 % to &gt; 99 %", "The slices are 4.5 mm apart.",
                  "At least 1.21", "synthetic images only", "ab" * 32, "For research use only"):
        assert words in page
    assert "<td>1.30</td><td>yes</td>" in page and "<td>–</td><td>–</td>" in page


@pytest.mark.parametrize(("ratio", "cells"), [(1.2061, "<td>1.21</td><td>yes</td>"),
                                              (1.2049, "<td>1.20</td><td>no</td>")])
def test_a_ratio_reaches_its_cut_off_as_it_is_shown(tmp_path, ratio, cells):
    record = {**RECORD, "ratios": [{"muscle": "medial_rectus", "side": "right", "to_brain": ratio}]}
    path = write_report(tmp_path / "page.html", record, report_words(record), crop_with(40), None)
    assert cells in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", ["html", "pdf"])
def test_every_word_of_the_page_that_is_not_the_patients_goes_through_the_translator(tmp_path, ending):
    said = []
    heat = HeatView(crop_with(40), EXPLAINED)
    write_report(tmp_path / f"page.{ending}", RECORD, report_words(RECORD), crop_with(40), heat,
                 say=lambda text: said.append(text) or (text.template.upper() if isinstance(text, Sentence) else text))
    templates = {text.template for text in said if isinstance(text, Sentence)}
    assert {"Answer", "What the classifier saw, from below to above", "Signal ratios", "Muscle", "At least {cut_off}",
            "How this came about", "Slice {number} of {count}", "Weights, SHA-256", "Mean heat", "yes",
            "{percent} for active disease"} <= templates
    if ending == "html":
        page = (tmp_path / "page.html").read_text(encoding="utf-8")
        assert "<h2>SIGNAL RATIOS</h2>" in page and "<h2>ANSWER</h2>" in page
        assert all(heading == heading.upper() for heading in re.findall(r"<(?:h2|th|caption)>([^<]+)<", page))


@pytest.mark.parametrize(("columns_to_right", "expected"), [(False, 22), (True, 127 - 22)])
def test_right_side_of_the_patient_is_on_the_left_of_the_pictures(tmp_path, columns_to_right, expected):
    page = written(tmp_path, crop_with(40, columns_to_right))
    first = pictures(page, tmp_path)[0]
    assert first.shape == (256, 256, 3)
    assert first[0, :, 0].argmax() // 2 == expected


@pytest.mark.parametrize("columns_to_right", [False, True])
@pytest.mark.parametrize("with_heat", [False, True])
def test_every_picture_says_which_side_is_which(tmp_path, columns_to_right, with_heat):
    crop = crop_with(80, columns_to_right)
    view = HeatView(crop.with_array(np.ones(crop.array.shape, np.float32)), EXPLAINED) if with_heat else None
    page = written(tmp_path, crop, view)
    for picture in pictures(page, tmp_path):
        assert len(picture) == 256 * (1 + with_heat)
        for top in range(0, len(picture), 256):
            shown = (picture[top : top + 256] == 255).all(axis=2)
            assert (shown[:, :20] == expected_letter("R")[:, :20]).all()
            assert (shown[:, -20:] == expected_letter("L")[:, -20:]).all()


def expected_letter(letter: str) -> np.ndarray:
    """Where the strokes of a letter are white in a picture of 256 pixels: at the left edge R, at the right edge L."""
    strokes = {"R": ["####.", "#...#", "#...#", "####.", "#.#..", "#..#.", "#...#"], "L": ["#...."] * 6 + ["#####"]}
    drawn = np.array([[character == "#" for character in row] for row in strokes[letter]]).repeat(2, 0).repeat(2, 1)
    picture = np.zeros((256, 256), bool)
    first = 6 if letter == "R" else 256 - 16
    picture[121:135, first : first + 10] = drawn
    return picture


def test_heat_that_single_slices_hardly_have_is_called_noise_with_what_to_do():
    each = {**EXPLAINED, "parameters": {**EXPLAINED["parameters"], "each_slice": True}}
    assert "Each slice by itself" in method_text({**each, "largest": 0.001})
    for clear in ({**each, "largest": 0.2}, {**EXPLAINED, "largest": 0.001}):
        assert "noise" not in method_text(clear)
    earlier = {**EXPLAINED, "parameters": {"patch": 16, "stride": 4}}
    assert "before calibration; that of the answer is the mean of several views" in method_text(earlier)
    assert "all five slices at once" in method_text(earlier), "a scene that was saved before there was the choice"


def test_heat_is_drawn_beneath_where_it_is_warm_enough(tmp_path):
    crop = crop_with(40)
    heat = np.zeros(crop.array.shape, np.float32)
    heat[2, 50:60, 100:110], heat[2, 70, 70] = 1.0, 0.2
    view = HeatView(crop.with_array(heat), EXPLAINED, threshold_percent=50, opacity_percent=100)
    page = written(tmp_path, crop, view)
    drawn = pictures(page, tmp_path)[2]
    red, blue = drawn[256:, :, 0].astype(int), drawn[256:, :, 2].astype(int)
    rows, columns = np.nonzero(red > blue + 50)
    assert (rows.min() // 2 + 18, rows.max() // 2 + 18) == (50, 59)
    assert (columns.min() // 2 + 18, columns.max() // 2 + 18) == (100, 109)
    assert "Right medial rectus muscle" in page and "a square of 16 pixels" in page


def test_heat_goes_from_black_over_red_to_yellow():
    np.testing.assert_array_equal(heat_pixels(np.array([0.0, 0.5, 1.0, 2.0]), 1.0),
                                  [[0, 0, 0], [127, 63, 0], [255, 255, 0], [255, 255, 0]])


@pytest.mark.parametrize(("share", "text"), [(0.0, "< 1 %"), (0.004, "< 1 %"), (0.5, "50 %"), (0.999, "> 99 %")])
def test_no_probability_is_called_certain(share, text):
    assert wording.percent(share) == text


def test_what_is_not_known_is_said():
    lines = dict(wording.answer_lines({**RECORD, "interval": None, "novelty": None, "calibrated": False}))
    assert "not known" in lines["Interval"] and "not calibrated" in lines["Calibration"]
    assert "does not state how similar" in lines["Scan"]

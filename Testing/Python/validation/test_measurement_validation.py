"""The table of the validation of measures: errors, bars, and going on where it stopped."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.rims import CONTENTS
from NeuroOrbitLib.measurements.rows import Measured, Row
from Testing.Experiments.validation.measurements import repeated, run
from Testing.Experiments.validation.measurements.cases import MeasuredCase
from Testing.Experiments.validation.measurements.run import Validation, compared_with_truth, write_section
from Testing.Experiments.validation.measurements.table import as_markdown, as_text, lines_of


def result(group: str, *errors: float | None, quantity: str = "greatest_diameter") -> dict:
    known = {"structure": "medial_rectus", "quantity": quantity, "true": 4.0}
    return {"group": group, "compared": [{**known, "value": None if error is None else 4.0 + error}
                                         for error in errors]}


def test_errors_are_held_against_the_bars_of_their_group_and_half_of_them_for_true_masks():
    lines = {line.group: line for line in lines_of([
        result("CT, segmented", 0.3, -0.3, None), result("CT, true masks", 0.3, -0.3),
        result("MRI, 3-mm slices, segmented", 0.45, -0.45), result("MRI, 1 mm, segmented", 0.2, 0.2)])}
    assert not lines["CT, segmented"].missed and lines["CT, segmented"].missing == 1
    assert lines["CT, true masks"].missed and lines["CT, true masks"].bar == 0.175
    assert not lines["MRI, 3-mm slices, segmented"].missed
    assert lines["MRI, 1 mm, segmented"].missed, "a bias of more than half of the bar is a miss"
    assert "missed" in as_text(lines.values())


def test_a_page_gets_the_whole_table_between_its_marks(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- errors: written by the command with --docs -->\nold\n<!-- end of errors -->\nafter\n")
    lines = lines_of([result("CT, segmented", 0.3, -0.3), result("CT, true masks", 0.3, -0.3)])
    for _ in range(2):
        write_section(page, lines, "--patients 1 --protocols ct-fast")
    text = page.read_text()
    assert "| greatest diameter | 0.30 (0.00), n 2 | **0.30 (0.00), n 2** |" in text
    assert "`--patients 1 --protocols ct-fast`" in text
    assert text.startswith("before\n") and text.endswith("<!-- end of errors -->\nafter\n")
    assert "\nold\n" not in text and text.count("| quantity |") == 1
    (tmp_path / "other.md").write_text("nothing")
    with pytest.raises(ValueError, match="has no lines"):
        write_section(tmp_path / "other.md", lines, "--patients 1")


def test_areas_are_judged_in_percent():
    (line,) = lines_of([result("CT, segmented", 0.4, quantity="greatest_area")])
    assert round(line.mean_absolute, 6) == 10.0
    assert line.missed and line.unit == "%"


def test_errors_are_told_as_a_share_of_the_stated_uncertainties():
    measured = result("CT, segmented", 0.3, -0.4, None)
    for entry, stated in zip(measured["compared"], (0.3, 0.1, 0.1), strict=True):
        entry["uncertainty"] = stated
    (line,) = lines_of([measured])
    assert line.of_stated == pytest.approx((17 / 2) ** 0.5)
    assert "2.92" in as_text([line]) and ", n 2, 2.9 u" in as_markdown([line])


def test_exophthalmos_from_soft_tissue_is_compared_with_the_truth_of_that_method():
    truth = {"head": {}, "sides": {"right": {"eyeball": {"exophthalmos": 16.0, "exophthalmos_of_contents": 15.0}}}}
    rows = [Row("eyeball", Side.RIGHT, "exophthalmos", Measured(15.1, method=f"lateral rims: {CONTENTS}"))]
    assert compared_with_truth(rows, truth)[0]["true"] == 15.0
    rows = [Row("eyeball", Side.RIGHT, "exophthalmos", Measured(15.1, method="lateral rims: frontmost bone"))]
    assert compared_with_truth(rows, truth)[0]["true"] == 16.0


def test_a_result_that_is_there_is_not_computed_again(tmp_path):
    case = MeasuredCase("CT", "one 1", lambda: None, None, "v1")
    validation = Validation(SimpleNamespace(sha256="0" * 64), tmp_path, lambda text: None)
    asked = []

    def way(case, segment):
        asked.append(case.name)
        return []

    first, second = (validation.result("masks", case, way) for _ in range(2))
    assert asked == ["one 1"] and first == second and first["group"] == "CT, true masks"
    assert not list(tmp_path.glob("*.partial"))


def test_a_case_is_segmented_once_although_measuring_has_changed(tmp_path, monkeypatch):
    scan = Image(np.zeros((2, 3, 4), np.uint8), np.eye(4))
    asked = []

    def segment_image(image, package):
        asked.append(package.sha256)
        return SimpleNamespace(labels=image.with_array(image.array + 7),
                               measurements=[{"label": 7, "confidence": 0.8}, {"label": 9, "confidence": None}])

    monkeypatch.setattr(run, "segment_image", segment_image)
    case = MeasuredCase("CT", "one 1", lambda: None, None, "v1")
    validation = Validation(SimpleNamespace(sha256="0" * 64), tmp_path, lambda text: None)
    (labels, expected), again = (validation.segmented(case, scan) for _ in range(2))
    assert len(asked) == 1 and (again[0].array == labels.array).all() and (labels.array == 7).all()
    assert again[1] == expected == {7: 0.8}
    validation.package = SimpleNamespace(sha256="1" * 64)
    validation.segmented(case, scan)
    assert len(asked) == 2, "another model"
    monkeypatch.setattr(run, "RULES_VERSION", "another")
    validation.segmented(case, scan)
    assert len(asked) == 3, "other rules"


def test_repeated_measures_are_compared_with_what_their_uncertainties_let_expect():
    entries = [{"quantity": "volume", "values": [1.0, 1.3], "uncertainties": [0.3, 0.4]},
               {"quantity": "volume", "values": [2.0, 2.0], "uncertainties": [0.3, 0.4]},
               {"quantity": "crowding_grade", "values": [1, 2], "uncertainties": [None, None]}]
    assert repeated.share_of_expected(entries[:2]) == pytest.approx(0.6 / 2**0.5)
    assert repeated.shares_of(entries) == {"volume": 0.45}
    lines = repeated.table_of(entries).splitlines()
    assert lines[1].split() == ["crowding_grade", "1", "0.707", "47.1", "%", "-"]
    assert lines[2].split() == ["volume", "2", "0.150", "9.5", "%", "0.42"]

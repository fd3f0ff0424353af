"""The scripted users of ``make bench-annotation``: what they count; they are neither clumsy nor clairvoyant."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from Testing.Experiments.annotation.cases import drawn_case
from Testing.Experiments.annotation.hand import Hand, brushed, centre_line, loop
from Testing.Experiments.annotation.methods import METHODS
from Testing.Experiments.annotation.run import label_everything
from Testing.Experiments.annotation.seeded import clearest_error
from Testing.Experiments.annotation.session import Session
from Testing.Experiments.annotation.summary import complete, missed_targets, report, times_fewer
from Testing.Experiments.annotation.view import SliceView

REPOSITORY = Path(__file__).resolve().parents[3]
STRAIGHT = np.stack([np.arange(80.0), np.zeros(80)], axis=1)


@pytest.fixture(scope="module")
def case():
    return drawn_case()


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """Runs of the quick benchmark by method, and what the command said."""
    folder = tmp_path_factory.mktemp("runs")
    command = [sys.executable, "-m", "Testing.Experiments.annotation.run", "--quick",
               "--runs", str(folder / "runs.jsonl"),
               "--report", str(folder / "report.md"), "--picture", str(folder / "effort.png")]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    runs = [json.loads(line) for line in (folder / "runs.jsonl").read_text(encoding="utf-8").splitlines()]
    return {run["method"]: run for run in runs}, done, folder


def test_every_method_labels_a_muscle(quick):
    runs, _, _ = quick
    assert set(runs) == set(METHODS)
    for method, run in runs.items():
        assert run["reached"]["0.85"], method
        assert run["reached"]["0.85"]["interactions"] <= sum(run["counts"].values()) <= run["limit"] + 2


def test_smart_fill_needs_a_third_of_the_brush_s_strokes(quick):
    runs, _, _ = quick
    needed = {method: run["reached"]["0.85"]["interactions"] for method, run in runs.items()}
    assert needed["SmartPencil + SmartFill"] * 3 <= needed["Brush"]
    assert needed["SmartPencil + SmartFill"] <= needed["Grow from Seeds"]


def test_a_proposal_that_is_off_is_corrected_with_a_few_strokes(quick):
    runs, _, _ = quick
    needed = {method: run["reached"]["0.9"]["interactions"] for method, run in runs.items()}
    assert 3 < needed["Pre-label + SmartFill"] < needed["Brush"] / 2
    assert runs["Pre-label + SmartFill"]["proposer"] and not runs["Brush"]["proposer"]


def test_who_began_with_another_model_s_outline_begins_again(tmp_path, case):
    file = tmp_path / "runs.jsonl"
    once = label_everything(file, iter([case]), 20)
    again = label_everything(file, iter([dataclasses.replace(case, proposer="a newer model")]), 20)
    assert len(once) == len(again) == len(METHODS)
    assert len(file.read_text(encoding="utf-8").splitlines()) == len(METHODS) + 1
    assert {run["proposer"] for run in again} == {"", "a newer model"}
    written = file.read_text(encoding="utf-8")
    label_everything(file, iter([case]), 20)
    assert file.read_text(encoding="utf-8") == written, "what is done was done again"


def test_the_brush_is_in_good_hands(quick):
    brush = quick[0]["Brush"]
    assert brush["reached"]["0.85"]["interactions"] <= brush["slices"], "a good user needs no more than one per slice"


def test_the_command_writes_its_report_and_picture(quick):
    _, done, folder = quick
    written = (folder / "report.md").read_text(encoding="utf-8")
    assert done.stdout.strip() == written.strip()
    assert all(f"| {method} |" in written for method in METHODS)
    assert (folder / "effort.png").stat().st_size > 10_000


def test_the_hand_errs_as_much_as_it_is_said_to():
    hand = Hand(np.random.default_rng(1), (0.25, 0.5), tremor_mm=0.3)
    errors = np.stack([(hand.follow(STRAIGHT) - STRAIGHT) * hand.pixel_mm for _ in range(400)])
    assert errors.std(axis=(0, 1)) == pytest.approx([0.3, 0.3], rel=0.15)
    click = np.stack([(hand.follow(STRAIGHT[:1]) - STRAIGHT[:1]) * hand.pixel_mm for _ in range(400)])
    assert click.std() == pytest.approx(0.3, rel=0.25)


def test_a_drag_covers_its_way_in_millimetres():
    covered = brushed(np.array([[10.0, 10.0], [10.0, 30.0]]), 2.0, (40, 40), (0.5, 1.0))
    rows, columns = np.nonzero(covered)
    assert (rows.min(), rows.max()) == (6, 14)
    assert (columns.min(), columns.max()) == (8, 32)


def test_ways_stay_inside():
    region = np.zeros((30, 50), bool)
    region[10:20, 5:45] = True
    for path in (centre_line(region), loop(region)):
        places = np.round(path).astype(int)
        assert (places >= (9, 4)).all() and (places <= (20, 45)).all()
    assert np.ptp(centre_line(region)[:, 1]) > 30


def test_enlarged_slices_lead_back_to_the_same_voxels(case):
    view = SliceView(case)
    k = case.reference.shape[0] // 2
    assert view.image(k).shape == view.shape
    np.testing.assert_array_equal(view.voxels(view.pixels(case.reference[k])), case.reference[k])


def test_ignored_voxels_count_neither_way(case):
    ignored = np.zeros(case.reference.shape, bool)
    ignored[0] = True
    session = Session(dataclasses.replace(case, ignored=ignored), 10)
    painted = case.reference.copy()
    painted[0] = True
    session.show(painted)
    assert session.dice() == 1.0
    assert not session.wrong().any()


def test_a_preview_costs_the_press_that_applies_it(case):
    session = Session(case, 10)
    session.interact("stroke")
    session.show(case.reference, preview=True)
    assert session.reached(0.9).interactions == 2
    assert Session(case, 10).reached(0.85) is None


def test_the_user_marks_the_clearest_error():
    wrong = np.zeros((10, 20, 20), np.int8)
    wrong[:, 0] = 1  # a thin rim is larger, but less clear
    wrong[4:8, 8:14, 8:14] = -1
    sign, axis, k, plane = clearest_error(wrong, (1.0, 1.0, 1.0))
    assert sign == -1
    assert plane.sum() >= 24 and (np.take(wrong, k, axis)[plane] == -1).all()


def _run(case: str, method: str, needed: int | None) -> dict:
    step = None if needed is None else {"interactions": needed, "seconds": 0.1, "travel_mm": 5.0}
    return {"case": case, "source": "drawn", "real": False, "group": "recti", "slices": 20, "method": method,
            "limit": 50, "reached": {"0.85": step, "0.9": step}}


def test_runs_that_did_not_get_there_are_censored_not_left_out():
    runs = [_run(case, method, needed) for case, brush, ours in (("a", 30, 5), ("b", None, 10), ("c", 30, None))
            for method, needed in zip(METHODS, (brush, 20, ours, ours, ours, 20), strict=True)]
    ours = [run for run in runs if run["method"] == "SmartPencil + SmartFill"]
    np.testing.assert_allclose(times_fewer(ours, runs, 0.85), [6.0, 5.0, 0.0])
    assert "10 [5, > 50]" in report(runs)
    assert missed_targets(runs) == []
    slow = [dict(run, reached=_run("", "", 29)["reached"]) if "Fill" in run["method"] else run for run in runs]
    slow = [run for run in slow if run["method"] != "... + AutoCorrection"]
    assert any("times fewer than the brush" in line for line in missed_targets(slow))
    real = [dict(run, real=True) for run in slow]
    assert {line.split(",")[0] for line in missed_targets([*runs, *real])} == {"real scans"}


def test_a_case_that_neither_brush_nor_method_finished_says_nothing_about_their_ratio():
    runs = [_run(case, method, needed) for case, needed in (("a", 10), ("b", None))
            for method, needed in (("Brush", needed), ("SmartPencil + SmartFill", needed))]
    np.testing.assert_allclose(times_fewer([run for run in runs if run["method"] != "Brush"], runs, 0.9), [1.0])


def test_a_case_that_not_every_method_has_labelled_is_left_out():
    runs = [_run("a", method, 5) for method in METHODS] + [_run("b", "Brush", 5)]
    assert {run["case"] for run in complete(runs)} == {"a"}

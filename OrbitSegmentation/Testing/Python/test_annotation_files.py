"""What annotation leaves on disk: progress, claims, time and exports, safe from other people and from failures."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from NeuroOrbitLib.anatomy import label_value
from NeuroOrbitLib.files.checked_json import CHECKSUM, read_checked_json, write_checked_json
from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.label_maps.merging import merge_masks, paint_order
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.annotation.export import Format, unknown_values, with_master
from OrbitSegmentationLib.annotation.progress import (
    ChangedByOther,
    claim_case,
    claim_of,
    is_waiting,
    load_state,
    release_case,
    save_state,
)
from OrbitSegmentationLib.annotation.scan_facts import check_same_scan, facts_of
from OrbitSegmentationLib.annotation.time_log import WorkClock, log_stretch, time_file
from OrbitSegmentationLib.annotation.writing import WouldReplace, write_files

EYE, NERVE = label_value("eyeball", "left"), label_value("optic_nerve", "right")


def write(text):
    return lambda path: path.write_text(text)


# Progress


def test_what_is_done_is_there_again_tomorrow(tmp_path):
    exported = {tmp_path / "a_labels.nii.gz": write("labels")}
    save_state(tmp_path, load_state(tmp_path, "a").marked(EYE, True).marked(NERVE, True), "Ann", exported)
    state = load_state(tmp_path, "a")
    assert state.done == {EYE, NERVE}
    assert (state.annotator, state.revision) == ("Ann", 1)
    assert state.done_of([EYE, 1]) == 1
    assert state.remaining([1, EYE, 9]) == [1, 9]
    content = json.loads((tmp_path / "a.annotation.json").read_text())
    assert content["done"] == ["left_eyeball", "right_optic_nerve"]


def test_case_that_was_never_saved_is_fresh(tmp_path):
    assert load_state(tmp_path, "a").done == frozenset()


def test_labels_that_were_changed_elsewhere_are_noticed(tmp_path):
    exported = tmp_path / "a.seg.nrrd"
    state = save_state(tmp_path, load_state(tmp_path, "a"), "Ann", {exported: write("labels")})
    assert state.changed_files(tmp_path) == []
    exported.write_bytes(b"others")
    assert load_state(tmp_path, "a").changed_files(tmp_path) == ["a.seg.nrrd"]


def test_only_files_of_the_last_save_are_known(tmp_path):
    writers = {tmp_path / name: write("labels") for name in ("a.seg.nrrd", "a_labels.nii.gz")}
    state = save_state(tmp_path, load_state(tmp_path, "a"), "Ann", writers)
    save_state(tmp_path, state, "Ann", {tmp_path / "a_labels.nii.gz": write("labels")})
    assert set(load_state(tmp_path, "a").files) == {"a_labels.nii.gz"}


def test_case_waits_while_something_is_left_to_do_and_nobody_else_has_it(tmp_path):
    save_state(tmp_path, load_state(tmp_path, "a").marked(EYE, True), "Ann", {})
    assert is_waiting(tmp_path, "a", "Ann", [EYE, NERVE])
    assert not is_waiting(tmp_path, "a", "Ann", [EYE])
    claim_case(tmp_path, "a", "Ben")
    assert not is_waiting(tmp_path, "a", "Ann", [EYE, NERVE])
    assert is_waiting(tmp_path, "a", "Ben", [EYE, NERVE])


# The scan


def oblique(shift=0.0):
    angle = np.deg2rad(12.3)
    affine = np.diag([0.4, 0.4, 1.1, 1.0])
    affine[:2, :2] = 0.4 * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    affine[:3, 3] = [-100.123456789 + shift, 20, 30]
    return Grid((120, 512, 512), affine)


def with_scan(folder, grid):
    state = replace(load_state(folder, "a"), scan=facts_of(grid))
    save_state(folder, state, "Ann", {})
    return load_state(folder, "a")


def test_scan_that_was_only_moved_is_the_same(tmp_path):
    state = with_scan(tmp_path, oblique())
    written = json.loads((tmp_path / "a.annotation.json").read_text())["scan"]
    assert set(written) == {"shape", "affine", "voxels"}, "where a scan lies may name a patient"
    check_same_scan("a", state.scan, oblique())


@pytest.mark.parametrize("other", [oblique(shift=1.0), Grid((121, 512, 512), oblique().affine)])
def test_another_scan_of_the_same_name_is_refused_with_what_to_do(tmp_path, other):
    state = with_scan(tmp_path, oblique())
    with pytest.raises(Problem, match=r"a of another scan, .*Choose another folder in 'Save to'"):
        check_same_scan("a", state.scan, other)


def test_progress_written_before_scans_were_noted_still_opens(tmp_path):
    with_scan(tmp_path, oblique())
    path = tmp_path / "a.annotation.json"
    content = json.loads(path.read_text())
    del content["scan"], content[CHECKSUM]
    path.write_text(json.dumps({**content, "format": 1}))
    state = load_state(tmp_path, "a")
    assert (state.annotator, state.scan) == ("Ann", None)
    check_same_scan("a", state.scan, oblique())


def test_damaged_facts_of_the_scan_are_told(tmp_path):
    with_scan(tmp_path, oblique())
    path = tmp_path / "a.annotation.json"
    write_checked_json(path, {**read_checked_json(path), "scan": {"path": "x", "shape": [1], "affine": [2]}})
    with pytest.raises(Problem, match="is damaged"):
        load_state(tmp_path, "a")


# Two people


def test_second_annotator_does_not_overwrite_the_first_silently(tmp_path):
    mine, theirs = load_state(tmp_path, "a"), load_state(tmp_path, "a")
    save_state(tmp_path, theirs.marked(EYE, True), "Ben", {})
    with pytest.raises(ChangedByOther, match="Ben saved a at"):
        save_state(tmp_path, mine.marked(NERVE, True), "Ann", {})
    assert load_state(tmp_path, "a").done == {EYE}
    saved = save_state(tmp_path, mine.marked(NERVE, True), "Ann", {}, replace_others=True)
    assert (saved.revision, load_state(tmp_path, "a").done) == (2, {NERVE})


def test_one_changed_letter_of_what_is_done_is_told(tmp_path):
    save_state(tmp_path, load_state(tmp_path, "a").marked(EYE, True), "Ann", {})
    path = tmp_path / "a.annotation.json"
    path.write_text(path.read_text().replace("left_eyeball", "right_eyeball"))
    with pytest.raises(Problem, match="is damaged"):
        load_state(tmp_path, "a")


@pytest.mark.parametrize("text", ["", "{}", '{"done": ["nose"]}', "[1]"])
def test_damaged_progress_is_told_and_not_taken_for_nothing_done(tmp_path, text):
    (tmp_path / "a.annotation.json").write_text(text)
    with pytest.raises(Problem, match="is damaged"):
        load_state(tmp_path, "a")


def test_open_case_is_claimed_by_one_at_a_time(tmp_path):
    assert claim_case(tmp_path, "a", "Ann") is None
    assert claim_case(tmp_path, "a", "Ann") is None, "one's own claim, left behind by a crash, is no obstacle"
    assert claim_case(tmp_path, "a", "Ben").annotator == "Ann"
    release_case(tmp_path, "a", "Ben")
    assert claim_of(tmp_path, "a").annotator == "Ann"
    assert claim_case(tmp_path, "a", "Ben", take_over=True) is None
    assert claim_of(tmp_path, "a").annotator == "Ben"
    release_case(tmp_path, "a", "Ben")
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="cannot be written to"):
        claim_case(tmp_path / "file", "a", "Ann")


# Exports


def test_files_are_not_replaced_unasked(tmp_path):
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text("old")
    with pytest.raises(WouldReplace) as refused:
        write_files({first: write("new"), second: write("new")})
    assert refused.value.paths == (first,)
    assert first.read_text() == "old"
    assert not second.exists()
    write_files({first: write("new"), second: write("new")}, replace=True)
    assert [first.read_text(), second.read_text()] == ["new", "new"]


def test_writer_that_fails_leaves_all_files_as_they_were(tmp_path):
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text("old")

    def fail(path):
        path.write_text("half")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        write_files({first: write("new"), second: fail}, replace=True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert first.read_text() == "old"


@pytest.mark.parametrize("first_is_new", [False, True])
def test_file_that_is_locked_keeps_the_others_as_they_were(tmp_path, monkeypatch, first_is_new):
    first, locked = tmp_path / "a_labels.nii.gz", tmp_path / "a.seg.nrrd"
    for path in [locked] if first_is_new else [first, locked]:
        path.write_text("old")
    move = os.replace

    def refuse(source, target):
        if target == locked:
            raise PermissionError(13, "used by another process")
        move(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(Problem, match="cannot be written"):
        write_files({first: write("new"), locked: write("new")}, replace=True)
    expected = {"a.seg.nrrd": "old"} if first_is_new else {"a.seg.nrrd": "old", "a_labels.nii.gz": "old"}
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == expected


def test_full_or_missing_disk_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="cannot be written"):
        write_files({tmp_path / "file" / "a.txt": write("x")})


def test_slicer_segmentation_is_always_among_what_is_written():
    assert with_master([]) == [Format.SEGMENTATION]
    assert with_master([Format.DICOM, Format.LABEL_MAP]) == [Format.LABEL_MAP, Format.SEGMENTATION, Format.DICOM]


def test_names_of_exports(tmp_path):
    assert [kind.path(tmp_path, "a").name for kind in Format] == ["a_labels.nii.gz", "a.seg.nrrd", "a_seg.dcm"]


def test_inner_structures_win_over_their_hulls_without_complaint():
    lens, eye, fat = label_value("lens", "right"), label_value("eyeball", "right"), label_value("orbital_fat", "right")
    whole, half, point = (np.zeros((1, 1, 4), bool) for _ in range(3))
    whole[:], half[..., :2], point[..., 0] = True, True, True
    labels, conflicts = merge_masks({lens: point, eye: half, fat: whole}, (1, 1, 4))
    assert labels.tolist() == [[[lens, eye, fat, fat]]]
    assert conflicts == []


def test_overlap_of_two_muscles_is_told():
    first, second = label_value("medial_rectus", "left"), label_value("optic_nerve", "left")
    everywhere = np.ones((1, 1, 3), bool)
    labels, conflicts = merge_masks({first: everywhere, second: everywhere}, (1, 1, 3))
    assert (labels == max(first, second)).all()
    assert conflicts == ["'Left optic nerve' and 'Left medial rectus muscle' share 3 voxels; the label map gives "
                         "them to 'Left medial rectus muscle'."]


def test_a_muscle_within_the_eyeball_is_told():
    eye, muscle = label_value("eyeball", "left"), label_value("medial_rectus", "left")
    everywhere = np.ones((1, 1, 3), bool)
    _labels, conflicts = merge_masks({eye: everywhere, muscle: everywhere}, (1, 1, 3))
    assert conflicts == ["'Left eyeball' and 'Left medial rectus muscle' share 3 voxels; the label map gives them "
                         "to 'Left medial rectus muscle'."]


def test_bone_is_painted_first():
    assert paint_order([1, 9, 21, 23]) == [23, 21, 1, 9]


def test_values_outside_of_the_vocabulary_are_found():
    assert unknown_values(np.array([[[0, 1, 25, 26, 100]]])) == [26, 100]


# Time


class Clock:
    def __init__(self):
        self.time = 0.0

    def seconds(self):
        return self.time

    def now(self):
        return datetime(2026, 3, 1, 14, 0, tzinfo=timezone.utc) + timedelta(seconds=self.time)


def work(clock, work_clock, *gaps):
    for gap in gaps:
        clock.time += gap
        work_clock.action()


def test_pauses_are_not_counted():
    clock = Clock()
    work_clock = WorkClock(clock.seconds, idle_seconds=60, now=clock.now)
    work_clock.start("a", EYE)
    work(clock, work_clock, 10, 20, 600, 5)
    clock.time += 4000
    stretch = work_clock.stop()
    assert stretch.seconds == pytest.approx(35)
    assert stretch.actions == 4
    assert (stretch.ended - stretch.started).total_seconds() == 635
    assert work_clock.stop() is None


def test_looking_without_doing_anything_leaves_no_line():
    clock = Clock()
    work_clock = WorkClock(clock.seconds, now=clock.now)
    work_clock.start("a", EYE)
    clock.time += 30
    assert work_clock.stop() is None


def test_time_is_logged_per_case_structure_and_annotator(tmp_path):
    clock = Clock()
    work_clock = WorkClock(clock.seconds, now=clock.now)
    for value in (EYE, NERVE):
        work_clock.start("a", value)
        work(clock, work_clock, 10, 2.5)
        log_stretch(tmp_path, "Ann Lee", work_clock.stop())
    with time_file(tmp_path, "Ann Lee").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert time_file(tmp_path, "Ann Lee").name == "annotation_time_Ann-Lee.csv"
    assert [(row["case"], row["structure"], row["side"], row["label"], row["active_seconds"]) for row in rows] == [
        ("a", "eyeball", "left", "2", "12.5"), ("a", "optic_nerve", "right", "3", "12.5")]
    assert rows[0]["started"] == "2026-03-01T14:00:00+00:00"


def test_time_that_cannot_be_written_is_told(tmp_path):
    clock = Clock()
    work_clock = WorkClock(clock.seconds, now=clock.now)
    work_clock.start("a", EYE)
    work(clock, work_clock, 1)
    time_file(tmp_path, "Ann").mkdir()
    with pytest.raises(Problem, match="Close the table"):
        log_stretch(tmp_path, "Ann", work_clock.stop())


def test_annotators_have_tables_of_their_own_in_any_letters(tmp_path):
    names = ("Müller", "Möller", "李", "王", "A. B.", "a/b")
    files = [time_file(tmp_path, name) for name in names]
    assert len(set(files)) == len(names) and all(file.parent == tmp_path for file in files)

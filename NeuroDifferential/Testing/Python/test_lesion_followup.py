"""Two visits: what is new, grown, shrunk, vanished or unchanged, whatever the pose of the head."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from NeuroDifferentialLib.anatomy.tissues import BrainAnatomy, Tissue
from NeuroDifferentialLib.followup import compare as comparing
from NeuroDifferentialLib.followup.alignment import HalfWay
from NeuroDifferentialLib.followup.changes import ChangedLesion, Changes, Fate, find_changes
from NeuroDifferentialLib.followup.compare import Comparison, compare_visits
from NeuroDifferentialLib.lesions.classical import FoundLesions
from NeuroDifferentialLib.run_differential import compare_lesions
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.problem import Problem

SHAPE = (40, 40, 40)
BOXES = {"stable": np.s_[5:10, 5:10, 5:10], "new": np.s_[20:25, 5:10, 5:10], "vanished": np.s_[5:10, 20:25, 5:10],
         "grown": np.s_[20:30, 20:30, 5:10], "shrunk": np.s_[5:15, 5:15, 22:32]}
SMALL = {"grown": np.s_[23:27, 23:27, 5:10], "shrunk": np.s_[8:12, 8:12, 24:30]}


def visit(boxes, seed, masked=None):
    """A visit with bright lesions in boxes; ``masked`` are those that are found (all by default)."""
    rng = np.random.default_rng(seed)
    flair = 1.0 + 0.03 * rng.standard_normal(SHAPE)
    mask = np.zeros(SHAPE, bool)
    for box in boxes:
        flair[box] += 0.6
    for box in boxes if masked is None else masked:
        mask[box] = True
    one, zero = np.ones(SHAPE, np.float32), np.zeros(SHAPE, np.float32)
    tissues = tuple(Tissue(np.array([level]), np.eye(1) * 0.0009) for level in (1.0, 1.15, 0.3))
    anatomy = BrainAnatomy(one > 0, np.ones(SHAPE, np.uint8), one, zero, zero, one, tissues)
    scan = SimpleNamespace(flair=Image(flair.astype(np.float32), np.eye(4)), anatomy=anatomy, spacing=(1.0, 1.0, 1.0))
    return scan, FoundLesions(mask, mask.astype(np.float32))


def changes(first, second):
    space = HalfWay(Grid(SHAPE, np.eye(4)), np.eye(4))
    return find_changes(space, (first[0], second[0]), (first[1], second[1]))


def test_every_fate_is_told():
    first = visit([BOXES["stable"], BOXES["vanished"], SMALL["grown"], BOXES["shrunk"]], 1)
    second = visit([BOXES["stable"], BOXES["new"], BOXES["grown"], SMALL["shrunk"]], 2)
    found = changes(first, second)
    middles = {name: np.mean([(part.start + part.stop - 1) / 2 for part in box[::-1]])
               for name, box in BOXES.items()}
    told = {min(middles, key=lambda name, lesion=lesion: abs(middles[name] - np.mean(lesion.center))):
            lesion.fate.name.lower() for lesion in found.lesions}
    assert sorted(lesion.fate.name.lower() for lesion in found.lesions) == sorted(BOXES)
    assert told["grown"] == "grown"
    assert found.map[22, 7, 7] == Fate.NEW.value
    assert found.map[7, 22, 7] == Fate.VANISHED.value
    assert found.map[7, 7, 7] == 0


def test_a_mask_that_changes_without_any_brightness_is_noise():
    box = BOXES["new"]
    first, second = visit([box], 1, masked=[]), visit([box], 2)
    assert not changes(first, second).map.any()


def test_a_striking_new_brightness_counts_although_no_mask_has_it():
    box = BOXES["new"]
    found = changes(visit([], 1), visit([box], 2, masked=[]))
    assert [lesion.fate for lesion in found.lesions] == [Fate.NEW]
    assert found.lesions[0].after == pytest.approx(125, rel=0.4)


def test_the_difference_of_volumes_comes_with_its_noise():
    data = changes(visit([BOXES["stable"]], 1), visit([BOXES["stable"]], 2)).as_dict()
    assert data["stable"] == 1
    assert not data["beyond_noise"]
    assert 0 < data["noise_ml"] < 0.125


def test_the_same_scan_twice_is_refused(flair):
    with pytest.raises(Problem, match="same scan"):
        compare_visits(flair, flair)


def test_a_map_half_way_lies_on_the_later_visit():
    half = np.eye(4)
    half[:3, 3] = (2.0, -1.0, 3.0)
    space = HalfWay(Grid((8, 8, 8), np.eye(4)), half)
    array = np.zeros((8, 8, 8), np.uint8)
    array[2, 3, 4] = 3
    found = space.onto_second(array, Grid((14, 14, 14), np.eye(4)))
    assert found[5, 2, 6] == 3 and np.count_nonzero(found) == 1
    assert space.place_at_second((4.0, 3.0, 2.0)) == (6.0, 2.0, 5.0)
    first = Image(np.arange(8 * 8 * 8, dtype=np.float32).reshape(8, 8, 8), np.eye(4))
    assert space.first_on_second(first, Grid((14, 14, 14), np.eye(4)))[6, 0, 4] == first.array[0, 2, 0]


def test_the_worker_brings_changes_and_earlier_scan_to_the_later_visit(tmp_path, monkeypatch):
    half = np.eye(4)
    half[0, 3] = 2.0
    space = HalfWay(Grid((8, 8, 8), np.eye(4)), half)
    changed = np.zeros((8, 8, 8), np.uint8)
    changed[4, 4, 2] = Fate.NEW.value
    lesion = ChangedLesion(1, Fate.NEW, 0.0, 1.0, 0.2, (2.0, 4.0, 4.0))
    monkeypatch.setattr(comparing, "compare_visits", lambda first, second, progress: Comparison(
        Changes((lesion,), changed), space, (first, second)))
    rng = np.random.default_rng(0)
    scans = [Image(rng.random((12, 12, 12)).astype(np.float32), np.eye(4)) for _ in range(2)]
    for name, scan in zip(("later", "earlier"), scans, strict=True):
        save_image(scan, tmp_path / f"{name}.nii.gz")
    found = compare_lesions(str(tmp_path / "later.nii.gz"), str(tmp_path / "map.nii"), str(tmp_path / "earlier.nii.gz"))
    assert load_image(found["changes_file"]).array[4, 4, 4] == Fate.NEW.value
    assert load_image(found["earlier_file"]).array[4, 4, 8] == pytest.approx(scans[1].array[4, 4, 4], abs=1e-5)
    assert found["new"] == 1 and found["lesions"][0]["center"] == [4.0, 4.0, 4.0]

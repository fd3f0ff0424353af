"""Two visits: what is new, grown, shrunk, vanished or unchanged, whatever the pose of the head."""

from __future__ import annotations

import inspect
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import ndimage

from NeuroDifferentialLib.__main__ import main
from NeuroDifferentialLib.anatomy.tissues import BrainAnatomy, Tissue
from NeuroDifferentialLib.followup import alignment
from NeuroDifferentialLib.followup import compare as comparing
from NeuroDifferentialLib.followup.alignment import HalfWay
from NeuroDifferentialLib.followup.changes import ChangedLesion, Changes, Fate, find_changes
from NeuroDifferentialLib.followup.compare import Comparison, compare_visits
from NeuroDifferentialLib.followup.drawn import DrawnLesions, deleted_on, drawn_on
from NeuroDifferentialLib.followup.seen_visit import _as_large
from NeuroDifferentialLib.lesions.classical import FoundLesions
from NeuroDifferentialLib.lesions.scan import prepare_scan
from NeuroDifferentialLib.run_differential import compare_lesions
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.problem import Problem

SHAPE = (40, 40, 40)
BOXES = {"stable": np.s_[5:10, 5:10, 5:10], "new": np.s_[20:25, 5:10, 5:10], "vanished": np.s_[5:10, 20:25, 5:10],
         "grown": np.s_[20:30, 20:30, 5:10], "shrunk": np.s_[5:15, 5:15, 22:32]}
SMALL = {"grown": np.s_[23:27, 23:27, 5:10], "shrunk": np.s_[8:12, 8:12, 24:30]}
NOISE = 0.03


def visit(boxes, seed, masked=None, parts=None, noise=NOISE, shift=0.0, brightness=0.6):
    """A visit with bright lesions in boxes; ``masked`` are those that are found (all by default)."""
    rng = np.random.default_rng(seed)
    flair, mask = np.ones(SHAPE), np.zeros(SHAPE, bool)
    parts = np.full(SHAPE, BrainPart.WHITE_MATTER, np.uint8) if parts is None else parts
    fluid = (parts == BrainPart.CSF).astype(np.float32)
    for box in boxes:
        flair[box] += brightness
    for box in boxes if masked is None else masked:
        mask[box] = True
    flair[fluid > 0] = 0.3
    flair = ndimage.shift(ndimage.gaussian_filter(flair, 0.7), (0, shift, 0), order=1, mode="nearest")
    flair += noise * rng.standard_normal(SHAPE)
    one, zero = np.ones(SHAPE, np.float32), np.zeros(SHAPE, np.float32)
    tissues = tuple(Tissue(np.array([level]), np.eye(1) * NOISE**2) for level in (1.0, 1.15, 0.3))
    priors = np.zeros((len(BrainPart), *SHAPE), np.float32)
    priors[BrainPart.WHITE_MATTER] = 1.0
    image = Image(flair.astype(np.float32), np.eye(4))
    scan = SimpleNamespace(flair=image, anatomy=BrainAnatomy(one > 0, parts, one, zero, fluid, one, tissues),
                           spacing=(1.0, 1.0, 1.0), priors=priors, channels=(image.array,), working=image.grid)
    return scan, FoundLesions(mask, mask.astype(np.float32))


def changes(first, second, **drawn):
    space = HalfWay(Grid(SHAPE, np.eye(4)), np.eye(4))
    return find_changes(space, (first[0], second[0]), (first[1], second[1]), **drawn)


def head_of(seed, noise_seed):
    """A prepared scan of a round brain whose folds are those of ``seed``."""
    folds = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal(SHAPE), 2)
    noise = np.random.default_rng(noise_seed).standard_normal(SHAPE)
    brain = sum((axis - 19.5) ** 2 for axis in np.indices(SHAPE)) < 16**2
    flair = np.where(brain, 1 + folds / folds.std() + 0.2 * noise, 0).astype(np.float32)
    return SimpleNamespace(flair=Image(flair, np.eye(4)), anatomy=SimpleNamespace(mask=brain))


def test_brains_of_one_shape_with_other_folds_are_two_patients(monkeypatch):
    """The samples with MS and NMOSD passed for two visits: their brains overlap by more than .85."""
    monkeypatch.setattr(alignment, "register_rigidly", lambda first, second, start, mask: np.eye(4))
    assert np.allclose(alignment.half_way(head_of(1, 1), head_of(1, 2)).half, np.eye(4))
    with pytest.raises(Problem, match="do not match"):
        alignment.half_way(head_of(1, 1), head_of(2, 2))


def fates(found):
    return [lesion.fate.name.lower() for lesion in found.lesions]


def before_and_after():
    """Two visits with a lesion of each fate."""
    return (visit([BOXES["stable"], BOXES["vanished"], SMALL["grown"], BOXES["shrunk"]], 1),
            visit([BOXES["stable"], BOXES["new"], BOXES["grown"], SMALL["shrunk"]], 2))


def test_every_fate_is_told():
    found = changes(*before_and_after())
    assert fates(found) == ["new", "grown", "shrunk", "vanished", "stable"]
    for lesion in found.lesions:
        box = BOXES[lesion.fate.name.lower()]
        middle = [(part.start + part.stop - 1) / 2 for part in box[::-1]]
        assert np.linalg.norm(np.subtract(lesion.center, middle)) < 2.0
        assert (lesion.evidence > 5.0) == (lesion.fate is not Fate.STABLE)
    new, grown = found.lesions[:2]
    assert (new.before, new.after) == (0.0, new.changed) and new.changed == pytest.approx(125, rel=0.4)
    assert grown.before == 80 and grown.after == pytest.approx(500, rel=0.3)
    assert found.map[22, 7, 7] == Fate.NEW.value
    assert found.map[7, 22, 7] == Fate.VANISHED.value
    assert found.map[7, 7, 7] == 0


def test_visits_the_other_way_round_tell_the_opposite():
    first, second = before_and_after()
    there, back = changes(first, second), changes(second, first)
    opposite = {"new": "vanished", "vanished": "new", "grown": "shrunk", "shrunk": "grown", "stable": "stable"}
    assert sorted(opposite[fate] for fate in fates(there)) == sorted(fates(back))
    assert there.after - there.before == back.before - back.after


def test_a_confluent_lesion_grows_in_one_place_and_shrinks_in_another():
    found = changes(visit([np.s_[15:20, 15:20, 10:24]], 1), visit([np.s_[15:20, 15:20, 16:30]], 2))
    assert fates(found) == ["grown", "shrunk"]
    assert [round(lesion.center[0]) for lesion in found.lesions] == pytest.approx([27, 12], abs=1)
    assert found.as_dict()["change_ml"] == pytest.approx(0, abs=0.1)


def test_noise_and_a_slightly_misplaced_head_are_hardly_ever_a_change():
    parts = np.full(SHAPE, BrainPart.WHITE_MATTER, np.uint8)
    parts[:, 18:22] = BrainPart.CSF
    boxes = [BOXES["stable"], BOXES["shrunk"]]
    told = []
    for seed in range(0, 8, 2):
        first = visit(boxes, seed, parts=parts, noise=2 * NOISE)
        told += fates(changes(first, visit(boxes, seed + 1, parts=parts, noise=2 * NOISE, shift=0.2)))
    assert told.count("stable") == 8 and len(told) <= 9


def test_what_differs_no_more_than_its_surroundings_is_no_change():
    first, second = visit([], 1), visit([], 2)
    rng = np.random.default_rng(3)
    pulsation = ndimage.gaussian_filter(rng.standard_normal(SHAPE), 1.5)
    pulsation[:, :20] = 0
    flair = second[0].flair
    second[0].flair = flair.with_array((flair.array + 0.02 * pulsation / pulsation[:, 20:].std()).astype(np.float32))
    second[0].channels = (second[0].flair.array,)
    assert not changes(first, second).map.any()


def test_a_vein_on_the_brain_is_no_lesion():
    parts = np.full(SHAPE, BrainPart.WHITE_MATTER, np.uint8)
    parts[10:30, 3:20, 3:20] = BrainPart.CORTEX
    box = BOXES["new"]
    assert not changes(visit([], 1, parts=parts), visit([box], 2, masked=[], parts=parts)).map.any()


@pytest.mark.parametrize(("brightness", "told"), [(0.6, ["new"]), (0.1, [])])
def test_beside_the_cortex_a_lesion_counts_if_it_is_brighter_than_any_cortex(brightness, told):
    parts = np.full(SHAPE, BrainPart.WHITE_MATTER, np.uint8)
    parts[26:] = parts[:, 11:] = BrainPart.CORTEX
    first, second = visit([], 1, parts=parts), visit([BOXES["new"]], 2, masked=[], parts=parts, brightness=brightness)
    assert fates(changes(first, second)) == told


def test_inflow_in_the_last_slices_is_no_lesion():
    box = np.s_[37:40, 15:20, 15:20]
    assert not changes(visit([], 1), visit([box], 2)).map.any()


def test_a_mask_that_changes_without_any_brightness_is_noise():
    box = BOXES["new"]
    first, second = visit([box], 1, masked=[]), visit([box], 2)
    assert not changes(first, second).map.any()


def test_a_new_brightness_counts_although_no_mask_has_it():
    box = BOXES["new"]
    found = changes(visit([], 1), visit([box], 2, masked=[]))
    assert [lesion.fate for lesion in found.lesions] == [Fate.NEW]
    assert found.lesions[0].after == pytest.approx(125, rel=0.4)


def nothing(*boxes):
    """Where the reader has deleted something: in boxes, nowhere by default."""
    mask = np.zeros(SHAPE, bool)
    for box in boxes:
        mask[box] = True
    return mask


def test_what_the_reader_has_deleted_is_not_new():
    """Blood that flows in is bright as a lesion is; the reader knows better."""
    first, second = visit([BOXES["stable"]], 1), visit([BOXES["stable"], BOXES["new"]], 2, masked=[BOXES["stable"]])
    assert fates(changes(first, second)) == ["new", "stable"]
    deleted = nothing(BOXES["new"])
    assert fates(changes(first, second, deleted=(None, deleted))) == ["stable"]
    assert fates(changes(second, first, deleted=(deleted, None))) == ["stable"]


def test_what_neither_model_nor_reader_saw_is_new_by_its_brightness_all_the_same():
    """Who corrects one lesion has not looked for what only the comparison shows."""
    first, second = visit([BOXES["stable"]], 1), visit([BOXES["stable"], BOXES["new"]], 2, masked=[BOXES["stable"]])
    assert fates(changes(first, second, deleted=(None, nothing(BOXES["shrunk"])))) == ["new", "stable"]


def test_what_was_corrected_in_one_visit_holds_for_the_other_where_nothing_changed():
    boxes = [BOXES["stable"], BOXES["shrunk"]]
    deleted = changes(visit(boxes, 1), visit(boxes, 2, masked=boxes[:1]), deleted=(None, nothing(BOXES["shrunk"])))
    assert fates(deleted) == ["stable"] and deleted.before == deleted.after == 125
    added = changes(visit(boxes, 1, masked=boxes[:1]), visit(boxes, 2), deleted=(None, nothing()))
    assert fates(added) == ["stable", "stable"] and added.before == added.after == 125 + 1000


def test_drawn_lesions_still_appear_grow_and_vanish():
    first, second = before_and_after()
    for deleted in ((None, nothing()), (nothing(), None), (nothing(), nothing())):
        assert fates(changes(first, second, deleted=deleted)) == ["new", "grown", "shrunk", "vanished", "stable"]


def test_a_drawn_mask_lies_on_the_flair_and_is_one_of_lesions():
    scan, _found = visit([], 1)
    flair = Image(np.zeros((20, 20, 20), np.float32), np.diag([2.0, 2.0, 2.0, 1.0]))
    mask = np.zeros(flair.array.shape, np.uint8)
    mask[5, 6, 7] = 3
    drawn = flair.with_array(mask)
    found = drawn_on(drawn, flair, scan).mask
    assert found.shape == SHAPE and found[10, 12, 14] and 1 <= np.count_nonzero(found) <= 27
    before = mask.copy()
    before[12, 12, 12] = 1
    deleted = deleted_on(drawn, flair.with_array(before), scan)
    assert deleted[24, 24, 24] and not deleted[10, 12, 14]
    with pytest.raises(Problem, match="another grid"):
        drawn_on(Image(mask, np.eye(4)), flair, scan)
    with pytest.raises(Problem, match="of the brain: it is an image"):
        drawn_on(flair.with_array(np.ones_like(mask)), flair, scan)


def test_the_difference_of_volumes_comes_with_its_noise():
    data = changes(visit([BOXES["stable"]], 1), visit([BOXES["stable"]], 2)).as_dict()
    assert data["stable"] == 1
    assert not data["beyond_noise"]
    assert 0 < data["noise_ml"] < 0.125


@pytest.mark.parametrize(("after", "beyond"), [(184.4, True), (182.4, False), (182.2, False)])
def test_whether_a_difference_is_beyond_its_noise_agrees_with_the_numbers_told(after, beyond):
    data = Changes((), np.zeros((1, 1, 1), np.uint8), 100.0, after, 82.3).as_dict()
    assert data["beyond_noise"] is beyond is (abs(data["change_ml"]) > data["noise_ml"])


def test_lesions_of_thick_slices_keep_their_volume_and_what_is_not_compared_is_told():
    """Small lesions lost a tenth of what ``measure`` said of the same mask, and those at the ends all, unsaid."""
    mask = np.zeros((14, 60, 60), bool)
    for place in range(6, 50, 9):
        mask[4:6, place:place + 4, 20:25] = mask[9, place:place + 3, 40:43] = True
    affine = np.diag([0.8, 0.8, 4.0, 1.0])
    turned = np.eye(4)
    turned[:2, :2] = [[np.cos(0.2), -np.sin(0.2)], [np.sin(0.2), np.cos(0.2)]]
    turned[:3, 3] = (0.3, 0.4, 0.9)
    space = HalfWay(Grid((56, 60, 60), np.eye(4)), turned)
    share = space.of_first(Image(mask.astype(np.float32), affine))
    assert np.count_nonzero(share > 0.5) < 0.93 * np.count_nonzero(mask) * 2.56
    assert np.count_nonzero(_as_large(share)) == pytest.approx(np.count_nonzero(mask) * 2.56, rel=0.02)
    assert not _as_large(0 * share).any()
    ends = [np.s_[0:4, 28:33, 28:33], BOXES["stable"]]
    found = changes(visit(ends, 1), visit(ends, 2))
    assert found.not_compared == (25.0, 25.0)  # of the first layer
    assert "0.03 ml of the lesions of the earlier visit" in found.notices()[0] and len(found.notices()) == 2
    unseen = changes(visit([BOXES["stable"]], 1), visit([BOXES["stable"], BOXES["new"]], 2, masked=[BOXES["stable"]]))
    assert unseen.added == (0.0, unseen.after - unseen.before) and unseen.added[1] > 50
    assert "of the later visit were added by the comparison" in unseen.notices()[0] and len(unseen.notices()) == 1


def test_the_same_scan_twice_is_refused_in_whatever_axis_order_it_is_stored(flair):
    sagittal = Image(np.transpose(flair.array, (2, 0, 1)), flair.affine[:, [1, 2, 0, 3]])
    for copy in (flair, sagittal):
        with pytest.raises(Problem, match="same scan"):
            compare_visits(flair, copy)


@pytest.mark.parametrize(("wrong", "said"), [(0, "Earlier visit: It looks like a T2."),
                                             (1, "Later visit: It looks like a T2.")])
def test_it_is_told_which_of_the_two_scans_is_no_flair(monkeypatch, wrong, said):
    """'It looks like a T2. Choose the FLAIR series.' was said of either."""
    scans = [Image(np.full((4, 4, 4), value, np.float32), np.eye(4)) for value in (1, 2)]

    def prepared(flair, bias_levels):
        if flair.array.max() == wrong + 1:
            raise Problem("It looks like a T2.")

    monkeypatch.setattr(comparing, "prepare_scan", prepared)
    monkeypatch.setattr(comparing, "lesion_finder", lambda *_, **__: lambda _scan: None)
    with pytest.raises(Problem) as caught:
        compare_visits(*scans)
    assert str(caught.value) == said


def test_notices_about_the_scans_name_the_visit():
    assert comparing.of_visits(["One slice is missing."], ["", "One slice is missing."]) == [
        "Earlier visit: One slice is missing.", "Later visit: One slice is missing."]


def test_the_field_of_the_coil_follows_each_visit_more_closely_than_a_single_scan(monkeypatch):
    levels = []

    def prepared(_flair, bias_levels):
        levels.append(bias_levels)
        raise Problem("far enough")

    monkeypatch.setattr(comparing, "prepare_scan", prepared)
    with pytest.raises(Problem, match="far enough"):
        compare_visits(*(Image(np.full((4, 4, 4), value, np.float32), np.eye(4)) for value in (1, 2)))
    assert levels == [4]
    assert inspect.signature(prepare_scan).parameters["bias_levels"].default < 4


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
    monkeypatch.setattr(comparing, "compare_visits", lambda first, second, model, progress, folders, drawn: Comparison(
        Changes((lesion,), changed, 0.0, 1.0, 0.2), space, (first, second)))
    rng = np.random.default_rng(0)
    scans = [Image(rng.random((12, 12, 12)).astype(np.float32), np.eye(4)) for _ in range(2)]
    for name, scan in zip(("later", "earlier"), scans, strict=True):
        save_image(scan, tmp_path / f"{name}.nii.gz")
    found = compare_lesions(str(tmp_path / "later.nii.gz"), str(tmp_path / "map.nii"), str(tmp_path / "earlier.nii.gz"))
    assert load_image(found["changes_file"]).array[4, 4, 4] == Fate.NEW.value
    assert load_image(found["earlier_file"]).array[4, 4, 8] == pytest.approx(scans[1].array[4, 4, 4], abs=1e-5)
    assert found["new"] == 1 and found["lesions"][0]["center"] == [4.0, 4.0, 4.0]


def test_the_command_line_can_be_told_what_was_found_with_a_t1_and_deleted(tmp_path, monkeypatch, capsys):
    """Anew in the FLAIR alone it would not be found, and so not be known as deleted."""
    taken = []

    def compared(first, second, _model, _progress, drawn):
        taken.extend(drawn)
        raise Problem("far enough")

    rng = np.random.default_rng(0)
    files = {}
    for name in ("first", "second"):
        files[name] = str(save_image(Image(rng.random((12, 12, 12)).astype(np.float32), np.eye(4)),
                                     tmp_path / f"{name}.nii.gz"))
    for name, value in (("drawn", 0), ("found", 1)):
        mask = np.zeros((12, 12, 12), np.uint8)
        mask[5, 5, 5], mask[8, 8, 8] = 1, value
        files[name] = str(save_image(Image(mask, np.eye(4)), tmp_path / f"{name}.nii.gz"))
    monkeypatch.setattr(comparing, "compare_visits", compared)
    command = ["compare", files["first"], files["second"], "--second-found", files["found"]]
    assert main(command) == 1 and "Give these as well" in capsys.readouterr().err and not taken
    assert main([*command, "--second-lesions", files["drawn"]]) == 1
    before, now = taken
    assert before is None and now.mask.array[8, 8, 8] == 0 and now.found.array[8, 8, 8] == 1


def test_masks_in_another_axis_order_than_their_scan_are_taken(flair, monkeypatch):
    class Stop(Exception):
        pass

    def stop(found, told):
        taken.append((found, told))
        raise Stop

    taken, mask = [], np.zeros(flair.array.shape, np.uint8)
    mask[20:24, 30:40, 30:40] = 1
    drawn = flair.with_array(mask)
    turned = Image(mask.transpose(2, 0, 1), flair.affine[:, [1, 2, 0, 3]])
    monkeypatch.setattr(comparing, "prepare_scan", lambda *_, **__: None)
    monkeypatch.setattr(comparing, "drawn_on", lambda each, *_: each)
    monkeypatch.setattr(comparing, "deleted_on", lambda *masks: stop(*masks[:2]))
    with pytest.raises(Stop):
        compare_visits(flair, flair.with_array(flair.array * 0.9), drawn=(DrawnLesions(turned, drawn), None))
    np.testing.assert_array_equal(taken[0][0].array, taken[0][1].array)


def test_masks_of_another_grid_are_refused_before_anything_is_computed(flair, monkeypatch):
    monkeypatch.setattr(comparing, "prepare_scan", lambda *_, **__: pytest.fail("computed"))
    mask = flair.with_array(np.zeros(flair.array.shape, np.uint8))
    moved = Image(mask.array, mask.affine + np.array([[0, 0, 0, 5.0], *np.zeros((3, 4))]))
    other = flair.with_array(flair.array * 0.9)
    for drawn, said in ((DrawnLesions(moved), "lesion mask lies on another grid"),
                        (DrawnLesions(mask, moved), "mask of what had been found lies on another grid")):
        with pytest.raises(Problem, match=said):
            compare_visits(flair, other, drawn=(None, drawn))

"""Numbers of the demonstration's report: volumes, norms and agreement."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.problem import Problem
from Testing.Demo.cases import Reference
from Testing.Demo.scoring import judged_labels, mean_dice, position, report_rows

AFFINE = np.diag([2.0, 2.0, 2.0, 1.0])


def label_image(**boxes):
    """A label map (K, J, I) of 10 x 10 x 10 with a box of slices for ``label_<value>``."""
    array = np.zeros((10, 10, 10), np.uint8)
    for name, box in boxes.items():
        array[box] = int(name.removeprefix("label_"))
    return Image(array, AFFINE)


LEFT_HALF = np.s_[0:4, 0:4, 0:4]
SHIFTED = np.s_[0:4, 0:4, 1:5]
ELSEWHERE = np.s_[6:9, 6:9, 6:9]


@pytest.fixture
def reference(tmp_path):
    """A right eyeball, a left medial rectus and some right fat."""
    truth = label_image(label_1=LEFT_HALF, label_10=ELSEWHERE, label_21=np.s_[5, 0:2, 0:2])
    return Reference("test", save_image(truth, tmp_path / "labels.nii.gz"))


def measurement(label, volume):
    return {"label": label, "volume_ml": volume, "mean_intensity": 30.0}


def test_rows_hold_agreement_and_reference_volume(reference):
    rows = report_rows([measurement(1, 0.512)], label_image(label_1=SHIFTED), reference)
    eyeball = rows[0]
    assert (eyeball["name"], eyeball["dice"]) == ("Right eyeball", pytest.approx(0.75))
    assert eyeball["reference_ml"] == pytest.approx(64 * 8 / 1000)


def test_a_structure_that_was_missed_is_in_the_table_with_dice_zero(reference):
    rows = report_rows([measurement(1, 0.5)], label_image(label_1=LEFT_HALF), reference)
    missed = next(row for row in rows if row["label"] == 10)
    assert missed["volume_ml"] is None and missed["dice"] == 0.0


def test_what_the_model_does_not_segment_is_not_held_against_it(reference):
    rows = report_rows([], label_image(label_1=LEFT_HALF), reference)
    assert 21 not in [row["label"] for row in rows]
    assert judged_labels(np.array([1, 21]), np.array([21])) == [1, 21]


def test_only_trusted_structures_of_a_reference_are_judged():
    assert judged_labels(np.array([0, 1, 2, 9]), np.array([9]), ("eyeball",)) == [1, 2]


def test_exact_volumes_come_before_counted_ones(reference):
    exact = Reference(reference.origin, reference.labels, volumes_ml={1: 7.25})
    rows = report_rows([], label_image(label_1=LEFT_HALF), exact)
    assert rows[0]["reference_ml"] == 7.25


def test_voxels_that_are_uncertain_do_not_count(reference, tmp_path):
    uncertain = save_image(label_image(label_1=np.s_[:, :, 0]), tmp_path / "uncertain.nii.gz")
    judged = Reference("test", reference.labels, uncertain)
    result = label_image(label_1=np.s_[0:4, 0:4, 1:4])
    assert report_rows([], result, judged)[0]["dice"] == 1.0


@pytest.mark.parametrize("shift", [1e-3, 1.0])
def test_only_rounding_of_the_place_is_forgiven(reference, shift):
    moved = AFFINE.copy()
    moved[0, 3] = shift
    result = Image(label_image(label_1=LEFT_HALF).array, moved)
    if shift < 0.01:
        assert report_rows([], result, reference)[0]["dice"] == 1.0
    else:
        with pytest.raises(Problem, match="grid"):
            report_rows([], result, reference)


def test_a_reference_whose_axes_run_the_other_way_is_judged_at_the_same_place(reference):
    flipped = AFFINE.copy()
    flipped[:3, 2], flipped[2, 3] = (0, 0, -2), 18
    result = Image(label_image(label_1=LEFT_HALF).array[::-1].copy(), flipped)
    assert report_rows([], result, reference)[0]["dice"] == 1.0


def test_without_a_reference_there_are_no_scores():
    (row,) = report_rows([measurement(9, 1.5)], label_image(label_9=LEFT_HALF), None)
    assert "dice" not in row and row["position"] == "above" and "0.50 to 0.92" in row["normal"]


@pytest.mark.parametrize(("key", "volume", "expected"), [
    ("eyeball", 5.0, "below"), ("eyeball", 8.0, "within"), ("bony_orbit", 25.0, "within"),
    ("bony_orbit", 27.0, "above"), ("orbital_fat", 18.0, ""), ("optic_chiasm", 0.3, ""), ("eyeball", None, "")])
def test_a_volume_is_above_normal_only_when_it_is_above_all_published_groups(key, volume, expected):
    assert position(key, volume) == expected


def test_mean_dice_is_over_both_sides_and_absent_without_scores():
    rows = [{"label": 1, "dice": 0.9}, {"label": 2, "dice": 0.7}, {"label": 9, "dice": 0.1}]
    assert mean_dice(rows, ("eyeball",)) == pytest.approx(0.8)
    assert mean_dice(rows, ("optic_nerve",)) is None

"""Pairs of files, curves along structures, tables and JSON."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from NeuroOrbitLib.evaluation.reports.text import aligned
from NeuroOrbitLib.evaluation.segmentation.pairs import find_pairs
from NeuroOrbitLib.evaluation.segmentation.scores import score_case
from NeuroOrbitLib.evaluation.segmentation.slices import SliceCurve, mean_relative_curve
from NeuroOrbitLib.evaluation.segmentation.tables import as_data, metrics_table, slice_table, volume_table
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.problem import Problem


def touch(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


def test_folders_are_paired_by_name_without_marks(tmp_path):
    references = touch(tmp_path / "r", "a_labels.nii.gz", "a_uncertain.nii.gz", "b_labels.nii.gz", "c_labels.nii.gz")
    predictions = touch(tmp_path / "p", "a.nii.gz", "b.nrrd", "notes.txt")
    pairs, left_out = find_pairs(references, predictions, references)
    assert [(p.name, p.prediction.name, p.ignore and p.ignore.name) for p in pairs] == [
        ("a", "a.nii.gz", "a_uncertain.nii.gz"), ("b", "b.nrrd", None)
    ]
    assert len(left_out) == 1 and "c_labels.nii.gz has no prediction" in left_out[0]


def test_files_in_another_axis_order_are_compared_voxel_by_voxel(tmp_path):
    """They were refused with the advice to resample what lies on the same voxels."""
    labels = np.zeros((5, 6, 7), np.uint8)
    labels[1:3, 2:4, 3:6] = 9
    reference = Image(labels, np.array([[1.0, 0, 0, 20], [0, 2, 0, -30], [0, 0, 3, 5], [0, 0, 0, 1]]))
    turned = np.ascontiguousarray(np.flip(labels.transpose(1, 0, 2), 2))
    affine = np.array([[-1.0, 0, 0, 26], [0, 0, 2, -30], [0, 3, 0, 5], [0, 0, 0, 1]])
    save_image(reference, tmp_path / "r" / "a.nii.gz")
    save_image(Image(turned, affine), tmp_path / "p" / "a.nii.gz")
    save_image(Image(turned, affine), tmp_path / "m" / "a_ignore.nii.gz")
    [pair] = find_pairs(tmp_path / "r", tmp_path / "p", tmp_path / "m")[0]
    for image in pair.load():
        assert image.grid.same_as(reference.grid) and np.array_equal(image.array != 0, labels != 0)


def test_no_reference_with_a_prediction_and_no_mask_is_passed_over_without_a_word(tmp_path):
    """P03 was not compared because the others are marked, and the mask of P01 was not used; nothing was said."""
    references = touch(tmp_path / "r", "P01_Labels.nii.gz", "P02_labels.nii.gz", "P03.nii.gz", "scan-only.nii.gz")
    predictions = touch(tmp_path / "p", "P01_PREDICTION.nii.gz", "P02_prediction.nii.gz", "P03_prediction.nii.gz")
    masks = touch(tmp_path / "m", "P01_Maske.nii.gz", "P02_ignore.nii.gz", "P04_ignore.nii.gz")
    pairs, left_out = find_pairs(references, predictions, masks)
    assert [(pair.name, pair.ignore and pair.ignore.name) for pair in pairs] == [
        ("P01", None), ("P02", "P02_ignore.nii.gz")]
    assert [line.split(" ")[0] for line in left_out] == ["P03.nii.gz", "P04_ignore.nii.gz"]
    assert "not marked _labels" in left_out[0] and "mask of no case" in left_out[1]
    (masks / "P02_ignore.nii.gz").unlink()
    with pytest.raises(Problem, match=r"No mask in .* has the name of a case"):
        find_pairs(references, predictions, masks)


def test_masks_beside_references_without_a_mark_are_no_references(tmp_path):
    """The mask a_uncertain was compared in place of the reference a."""
    references = touch(tmp_path / "r", "a.nii.gz", "a_Uncertain.nii.gz")
    predictions = touch(tmp_path / "p", "a.nii.gz", "a_ignore.nii.gz")
    [pair] = find_pairs(references, predictions, references)[0]
    assert (pair.reference.name, pair.prediction.name, pair.ignore.name) == (
        "a.nii.gz", "a.nii.gz", "a_Uncertain.nii.gz")


@pytest.mark.parametrize("folder", ["r", "p", "m"])
def test_two_files_of_one_case_are_refused_instead_of_taking_the_last(tmp_path, folder):
    places = [touch(tmp_path / name, "a.nii.gz", "b.nii.gz") for name in ("r", "p", "m")]
    touch(tmp_path / folder, "a.nrrd")
    with pytest.raises(Problem, match=r"a\.nii\.gz and a\.nrrd .* same case"):
        find_pairs(*places)


def test_a_folder_of_scans_beside_predictions_is_not_mistaken_for_predictions(tmp_path):
    references = touch(tmp_path / "r", "a.nii.gz")
    predictions = touch(tmp_path / "p", "a.nii.gz", "a_prediction.nii.gz")
    assert find_pairs(references, predictions)[0][0].prediction.name == "a_prediction.nii.gz"


@pytest.mark.parametrize(("lens_in_reference", "counted_as_eyeball"), [(False, True), (True, False)])
def test_an_eyeball_drawn_with_its_lens_is_compared_with_eyeball_and_lens(tmp_path, lens_in_reference,
                                                                          counted_as_eyeball):
    predicted = np.zeros((12, 12, 30), np.uint8)
    predicted[2:9, 2:9, 3:10], predicted[2:9, 2:9, 20:27] = 2, 1
    predicted[4:6, 7:9, 5:7], predicted[4:6, 7:9, 22:24] = 20, 19
    drawn = predicted.copy()
    if not lens_in_reference:
        drawn[drawn > 2] -= 18
    for folder, array in (("r", drawn), ("p", predicted)):
        save_image(Image(array, np.diag([3.0, 3.0, 3.0, 1.0])), tmp_path / folder / "a_labels.nii.gz")
    reference, prediction, _ignore = find_pairs(tmp_path / "r", tmp_path / "p")[0][0].load()
    assert (19 not in prediction.array) == counted_as_eyeball
    scores = score_case(reference, prediction)
    assert all(score.metrics["dice"] == 1.0 and score.metrics["hausdorff95"] == 0.0 for score in scores.values())


def test_pairs_that_make_no_sense_are_explained(tmp_path):
    folder = touch(tmp_path / "r", "a.nii.gz")
    other = touch(tmp_path / "p", "b.nii.gz")
    with pytest.raises(Problem, match="same kind"):
        find_pairs(folder, other / "b.nii.gz")
    with pytest.raises(Problem, match="masks of voxels that do not count"):
        find_pairs(folder, touch(tmp_path / "q", "a.nii.gz"), folder / "a.nii.gz")
    with pytest.raises(Problem, match="Name them alike"):
        find_pairs(folder, other)
    with pytest.raises(Problem, match="There is no"):
        find_pairs(folder, tmp_path / "absent")


def test_a_folder_that_may_not_be_read_is_explained(tmp_path, monkeypatch):
    def refuse(folder):
        raise PermissionError(13, "Permission denied", str(folder))

    folder = touch(tmp_path / "r", "a.nii.gz")
    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(Problem, match=r"cannot be read: Permission denied\. Ask for permission"):
        find_pairs(folder, folder)


def curve(values: list[float]) -> SliceCurve:
    return SliceCurve("coronal", np.arange(len(values), dtype=float), np.array(values))


def test_structures_of_different_length_are_averaged_part_by_part():
    nan = math.nan
    short, long = curve([nan, 0.0, 1.0, nan]), curve([0.2, 0.4, 0.6, 1.0])
    assert mean_relative_curve([short, long], bins=2).tolist() == pytest.approx([0.15, 0.9])
    assert np.isnan(mean_relative_curve([curve([nan, nan])], bins=3)).all()


def test_slices_fewer_than_parts_leave_gaps_not_zeros():
    parts = mean_relative_curve([curve([0.5, 0.7])], bins=4)
    assert parts[1] == 0.5 and parts[3] == 0.7
    assert np.isnan(parts[[0, 2]]).all()


@pytest.fixture
def cases():
    """Three cases of one 8 x 8 x 8 structure, the prediction shifted by 0, 1 and 2 voxels; one missing structure."""
    found = {}
    for shift in range(3):
        truth = np.zeros((16, 16, 16), dtype=np.uint8)
        truth[4:12, 4:12, 4:12] = 1
        truth[0, 0, 0] = 7
        prediction = np.roll(truth, shift, axis=1)
        prediction[prediction == 7] = 0
        found[f"case{shift}"] = score_case(Image(truth, np.eye(4)), Image(prediction, np.eye(4)))
    return found


def test_the_tables_show_mean_and_spread(cases):
    lines = metrics_table(list(cases.values()), lambda label: f"Structure {label}").splitlines()
    assert lines[1].split()[:6] == ["Structure", "1", "3", "0.875", "±", "0.125"]
    missing = lines[2].split()
    assert missing[3] == "0.000" and missing[-1] == "0.0" and "-" in missing
    volumes = volume_table(list(cases.values()), str).splitlines()
    assert volumes[1].split()[:3] == ["1", "3", "-"]


def test_the_table_says_of_how_many_cases_a_distance_is_the_mean(cases):
    """A structure that is missed in two of three cases has no distances there; that of the third looks as for all."""
    truth = np.zeros((16, 16, 16), dtype=np.uint8)
    truth[4:12, 4:12, 4:12] = 1
    missed = score_case(Image(truth, np.eye(4)), Image(np.zeros_like(truth), np.eye(4)))
    text = metrics_table([cases["case0"], missed, missed], lambda label: f"Structure {label}")
    assert ("Structure 1, Precision, HD95 mm, Mean dist. mm: mean of 1 of 3 cases; no value where the structure is "
            "missing.") in text.splitlines()
    assert "mean of" not in metrics_table([missed], str) + metrics_table([cases["case0"], cases["case1"]], str)


def test_the_slice_table_draws_good_slices_high_and_missed_slices_low(cases):
    line = slice_table([cases["case2"]], lambda label: f"S{label}").splitlines()[1]
    assert line.split()[1].startswith("▁") and "█" in line


def test_the_data_can_be_written_as_strict_json(cases):
    data = as_data(cases, str)
    text = json.dumps(data, allow_nan=False)
    back = json.loads(text)
    assert back["structures"]["1"]["summary"]["dice"]["mean"] == pytest.approx(0.875)
    assert back["cases"]["case0"]["7"]["hausdorff95"] is None
    assert back["cases"]["case1"]["1"]["coronal_slices"]["iou"].count(0.0) == 2


def test_columns_are_aligned_to_their_side():
    assert aligned([["a", "b"], ["long", "1"], ["x", "10"]]).splitlines() == ["a      b", "long   1", "x     10"]
    assert aligned([["a", "b"], ["x", "yy"]], left=(0, 1)).splitlines() == ["a  b", "x  yy"]

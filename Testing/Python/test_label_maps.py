"""Label maps of others are read by the names of their values, split by side, or refused; never silently misread."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.structures import LABEL_VALUES, Side, label_name, label_value, mirror_label_array, segment_id
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.label_maps.files import read_label_names
from NeuroOrbitLib.label_maps.mapping import mapping_for, mapping_from_names, read_labels, read_mapping
from NeuroOrbitLib.label_maps.names import meaning_of
from NeuroOrbitLib.label_maps.plausibility import contradictions
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.cohorts import check_labels, read_cohort

PARTS = {"eyeball": ((0, 0, 0), (12, 12, 12)), "optic_nerve": ((-5, -24, 0), (3, 13, 3)),
         "superior_rectus": ((-5, -14, 11), (5, 12, 3)), "inferior_rectus": ((-5, -14, -12), (5, 12, 3)),
         "medial_rectus": ((-14, -12, 0), (3, 12, 5)), "lateral_rectus": ((10, -14, 0), (3, 12, 5))}


def head(turn_degrees: float = 0.0, flip: bool = False, eye_x: float = 31.0) -> Image:
    """Label map of two orbits in the vocabulary's values, 2 mm voxels, anywhere in RAS, turned about the z axis."""
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    affine[:3, 3] = [-64.0, -52.0, -27.0]
    if flip:
        affine = affine @ np.diag([-1.0, 1.0, 1.0, 1.0])
        affine[0, 3] = 64.0
    labels = Image(np.zeros((28, 52, 65), dtype=np.uint8), affine)
    k, j, i = np.indices(labels.array.shape)
    points = labels.grid.ras_from_ijk(np.stack([i, j, k], axis=-1))
    angle = np.deg2rad(turn_degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    points = points @ turn
    for side in Side:
        for key, (middle, half_axes) in PARTS.items():
            offset = np.array([eye_x * side.x_sign, 20.0, 0.0]) + np.array(middle) * [side.x_sign, 1, 1]
            inside = (((points - offset) / half_axes) ** 2).sum(axis=-1) <= 1
            labels.array[inside & (labels.array == 0)] = label_value(key, side)
    return labels


def relabelled(labels: Image, values: dict[int, int]) -> Image:
    """The label map with other values; those that are not named become 0."""
    table = np.zeros(256, dtype=np.uint8)
    for old, new in values.items():
        table[old] = new
    return labels.with_array(table[labels.array])


@pytest.mark.parametrize(("name", "key", "side"), [
    ("left globe", "eyeball", "left"), ("LR_left", "lateral_rectus", "left"), ("Eye_R", "eyeball", "right"),
    ("optic_nerve_left", "optic_nerve", "left"), ("eye_lens_right", "lens", "right"),
    ("OpticNrv_L", "optic_nerve", "left"), ("OpticChiasm", "optic_chiasm", None), ("LMR", "medial_rectus", "left"),
    ("RLR", "lateral_rectus", "right"), ("LR", "lateral_rectus", None), ("eyeballs", "eyeball", None),
    ("SR+LPS", "superior_rectus", None), ("Glnd_Lacrimal_L", "lacrimal_gland", "left"),
    ("Rectus lateralis sinister", "lateral_rectus", "left"), ("levator palpebrae superioris", "superior_rectus", None),
])
def test_names_of_others_are_understood(name, key, side):
    meaning = meaning_of(name)
    assert (meaning.key, meaning.side) == (key, side)


@pytest.mark.parametrize("value", LABEL_VALUES)
def test_our_own_names_are_understood(value):
    for name in (label_name(value), segment_id(value)):
        meaning = meaning_of(name)
        assert meaning is not None and label_value(meaning.key, meaning.side or Side.RIGHT) == value, name


@pytest.mark.parametrize("name", ["OS", "foo", "right left eye", "EOM", "muscle", "nasal wall", ""])
def test_names_that_say_too_little_are_not_guessed(name):
    assert meaning_of(name) is None


@pytest.mark.parametrize("turn", [-30.0, 0.0, 30.0])
@pytest.mark.parametrize("flip", [False, True])
def test_unsided_labels_are_split_by_position_in_the_patient(turn, flip):
    truth = head(turn, flip)
    theirs = relabelled(truth, {1: 1, 2: 1, 3: 2, 4: 2, 9: 3, 10: 3, 11: 4, 12: 4, 5: 5, 6: 5, 7: 6, 8: 6})
    mapping = mapping_from_names({0: "background", 1: "eyeball", 2: "ON", 3: "MR", 4: "LR", 5: "SR", 6: "IR"}, "x")
    found = mapping.apply(theirs)
    assert np.array_equal(found.array, truth.array) and set(np.unique(found.array)) == set(range(13))


def test_named_sides_are_taken_and_ignored_values_are_background():
    truth = head()
    theirs = relabelled(truth, {1: 7, 2: 9, 3: 30})
    found = mapping_from_names({7: "OD", 9: "OS", 30: "ignore"}, "x").apply(theirs)
    assert np.array_equal(found.array, relabelled(truth, {1: 1, 2: 2}).array)


def nnunet(folder: Path, labels: Image, dataset: dict | None) -> Path:
    save_image(labels.with_array(labels.array.astype(np.int16)), folder / "imagesTr" / "a_0000.nii.gz")
    path = save_image(labels, folder / "labelsTr" / "a.nii.gz")
    if dataset is not None:
        (folder / "dataset.json").write_text(json.dumps(dataset), encoding="utf-8")
    return path


BOTH_GLOBES = {1: 1, 2: 1, 3: 2, 4: 2}


@pytest.mark.parametrize("labels", [{"background": 0, "eyeball": 1, "optic nerve": 2},
                                    {"0": "background", "1": "eyeball", "2": "optic nerve"}])
def test_both_versions_of_nnunets_description_are_read_beside_the_label_maps(tmp_path, labels):
    nnunet(tmp_path, relabelled(head(), BOTH_GLOBES), {"labels": labels})
    cohort = read_cohort(tmp_path)
    assert np.array_equal(cohort.cases[0].load_labels().array, relabelled(head(), {n: n for n in range(1, 5)}).array)
    assert cohort.notices == ("Labels of dataset.json: 1 = eyeball (both sides), 2 = optic nerve (both sides)",)


def test_both_globes_in_one_value_without_names_are_refused_instead_of_being_a_right_eyeball(tmp_path):
    nnunet(tmp_path, relabelled(head(), BOTH_GLOBES), None)
    with pytest.raises(Problem, match=r"(?s)values \(1, 2\).*contradict the anatomy: 1 would be the right eyeball.*as "
                                      r"both sides do.*--labels"):
        check_labels(read_cohort(tmp_path).cases)


@pytest.mark.parametrize(("values", "reason"), [
    ({old: int(mirror_label_array(np.array([old]))[0]) for old in range(1, 13)}, "lies left of"),
    ({1: 1, 3: 2}, "mm from each other"),
    ({1: 2, 2: 1}, "lies left of"),
    ({1: 1, 2: 2, 9: 11, 11: 9, 10: 12, 12: 10}, "does not lie lateral of"),
    ({1: 1, 2: 2, 5: 7, 7: 5}, "does not lie above"),
    ({1: 19, 2: 20}, "never larger"),
    ({1: 3, 2: 4, 3: 1, 4: 2}, "does not lie in front of"),
])
def test_values_that_mean_something_else_contradict_the_anatomy(values, reason):
    assert any(reason in line for line in contradictions(relabelled(head(), values)))


def test_a_true_label_map_contradicts_nothing():
    for turn in (-25.0, 0.0, 25.0):
        assert contradictions(head(turn)) == []


@pytest.mark.parametrize(("theirs", "names", "words"), [
    (relabelled(head(), {1: 1}), {1: "eyeball"}, "only one eye is labelled"),
    (relabelled(head(), {1: 1, 2: 1, 3: 9}), {1: "eyeball"}, r"does not name \(9; all values: 1, 9\)"),
    (relabelled(head(), {3: 1, 4: 1}), {1: "optic nerve"}, "without both eyeballs"),
    (relabelled(head(eye_x=9.0), {1: 1, 2: 1}), {1: "eyeball"}, "one connected piece"),
    (relabelled(head(), {1: 1, 2: 2, 9: 3}), {1: "left eyeball", 2: "right eyeball", 3: "medial rectus"},
     "lies left of the one named left. Exchange both names"),
])
def test_sides_that_cannot_be_told_are_refused(theirs, names, words):
    with pytest.raises(Problem, match=words):
        mapping_from_names(names, "labels.csv").apply(theirs)


def test_a_nerve_through_the_midline_is_refused():
    theirs = relabelled(head(), BOTH_GLOBES)
    theirs.array[14, 12, :][theirs.array[14, 12, :] == 0] = 2
    with pytest.raises(Problem, match="one connected piece of the optic nerve lies on both sides"):
        mapping_from_names({1: "eyes", 2: "optic nerve"}, "x").apply(theirs)


@pytest.mark.parametrize(("names", "words"), [
    ({1: "eyeball", 2: "right eye"}, "mean the same structure"), ({1: "eye", 2: "Augnix"}, r"2 \('Augnix'\)"),
    ({1: "eye", 2: "extraocular muscles"}, "several muscles in one"), ({1: "OS"}, r"1 \('OS'\)"),
])
def test_names_that_cannot_be_used_are_refused_with_what_to_write(names, words):
    with pytest.raises(Problem, match=words + r"(?s:.*)ignore"):
        mapping_from_names(names, "labels.csv")


@pytest.mark.parametrize(("file", "text"), [
    ("a.json", '{"1": "right eyeball", "4": "ON"}'), ("b.json", '{"right eyeball": 1, "ON": 4}'),
    ("c.csv", "value;name\n1;right eyeball\n4;ON\n"), ("d.csv", "1,right eyeball\n4,ON\n"),
    ("e.txt", '# ITK-SnAP\n 0 0 0 0 0 0 0 "Clear Label"\n 1 255 0 0 1 1 1 "right eyeball"\n 4 0 9 0 1 1 1 "ON"\n'),
    ("f.ctbl", '# Color table\n0 background 0 0 0 0\n1 "right eyeball" 1 2 3 255\n4 ON 1 2 3 255\n'),
])
def test_mappings_are_read_in_every_format(tmp_path, file, text):
    (tmp_path / file).write_text(text, encoding="utf-8")
    names = read_label_names(tmp_path / file)
    assert (names[1], names[4]) == ("right eyeball", "ON")
    assert read_mapping(tmp_path / file).structures == {"eyeball", "optic_nerve"}


@pytest.mark.parametrize(("file", "text", "words"), [
    ("a.json", '{"labels": {"background": 0, "orbit": [1, 2]}}', "region of several values"),
    ("a.json", '{"labels": {"eye": 1, "ignore": 2}}', "'ignore'"), ("a.json", "{", "not JSON"),
    ("a.json", '{"eye": 1, "eye": 2}', "'eye' is there twice"), ("a.json", '{"eye": 1, "ON": 1}', "value 1 is there"),
    ("a.json", '{"eye": 1.5}', "no pair"), ("a.csv", "value,name\nx,eye\n", "line 2"),
    ("a.csv", "a,b\n1,eye\n", "needs"),
    ("a.txt", "1 eye\n", "line 1"), ("a.json", '{"background": 0}', "names no label value"),
])
def test_a_mapping_that_cannot_be_read_is_refused_with_a_word(tmp_path, file, text, words):
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(Problem, match=words):
        read_label_names(tmp_path / file)


@pytest.mark.parametrize(("voxels", "words"), [
    (np.full((3, 3, 3), 0.5, dtype=np.float32), "values such as 0.5"),
    (np.arange(27).reshape(3, 3, 3).astype(np.int16) - 5, "values such as -5"),
    (np.arange(512).reshape(8, 8, 8).astype(np.int16), "512 different values"),
])
def test_an_image_in_place_of_labels_is_refused(tmp_path, voxels, words):
    path = save_image(Image(voxels, np.eye(4)), tmp_path / "scan.nii.gz")
    with pytest.raises(Problem, match=f"scan.nii.gz is an image, not a label map: .*{words}"):
        read_labels(path)


def test_predictions_have_their_description_in_their_own_folder(tmp_path):
    path = save_image(head(), tmp_path / "predictions" / "a.nii.gz")
    assert mapping_for(path) is None
    (tmp_path / "predictions" / "dataset.json").write_text('{"labels": {"eye": 1}}', encoding="utf-8")
    assert mapping_for(path).structures == {"eyeball"}

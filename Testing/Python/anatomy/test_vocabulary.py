"""The vocabulary: label values, sides, mirroring, colours and normal volumes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.anatomy import Side

FIXED_VALUES = {
    "eyeball": (1, 2), "optic_nerve": (3, 4), "superior_rectus": (5, 6), "inferior_rectus": (7, 8),
    "medial_rectus": (9, 10), "lateral_rectus": (11, 12), "lacrimal_gland": (13, 14), "superior_oblique": (15, 16),
    "inferior_oblique": (17, 18), "lens": (19, 20), "orbital_fat": (21, 22), "bony_orbit": (23, 24),
    "optic_chiasm": (25,),
}  # fmt: skip


def test_label_values_are_those_that_all_files_use():
    assert {structure.key: structure.values for structure in anatomy.STRUCTURES} == FIXED_VALUES
    assert tuple(range(1, 26)) == anatomy.LABEL_VALUES


def test_odd_paired_labels_are_right_and_even_ones_left():
    for value in range(1, 25):
        assert anatomy.side_of(value) is (Side.RIGHT if value % 2 else Side.LEFT)
    assert anatomy.side_of(25) is None
    assert Side.RIGHT.x_sign == 1 and Side.LEFT.x_sign == -1


def test_names_say_the_side_first():
    assert anatomy.label_name(9) == "Right medial rectus muscle"
    assert anatomy.label_name(6) == "Left superior rectus-levator complex"
    assert anatomy.label_name(25) == "Optic chiasm"
    assert anatomy.segment_id(12) == "left_lateral_rectus"
    assert len({anatomy.label_name(value) for value in anatomy.LABEL_VALUES}) == 25


def test_label_value_finds_the_side():
    assert anatomy.label_value("medial_rectus", "left") == 10
    assert anatomy.label_value("optic_chiasm") == 25
    with pytest.raises(ValueError, match="which side"):
        anatomy.label_value("lens")
    with pytest.raises(ValueError, match="no structure"):
        anatomy.label_value("left_eye", "left")


def test_unknown_label_values_are_refused():
    for value in (0, 26, -1):
        with pytest.raises(ValueError, match="not a label value"):
            anatomy.label_name(value)


def test_mirroring_swaps_sides_and_twice_gives_the_original():
    assert [anatomy.mirrored_label(value) for value in (0, 1, 2, 9, 10, 25)] == [0, 2, 1, 10, 9, 25]
    labels = np.arange(26, dtype=np.int16).reshape(2, 13)
    mirrored = anatomy.mirror_label_array(labels)
    assert mirrored.dtype == labels.dtype
    assert [anatomy.mirrored_label(value) for value in labels.flat] == mirrored.ravel().tolist()
    np.testing.assert_array_equal(anatomy.mirror_label_array(mirrored), labels)


def test_mirroring_refuses_foreign_labels():
    for foreign in (26, 506):
        with pytest.raises(ValueError, match="between 0 and 25"):
            anatomy.mirror_label_array(np.array([1, foreign], dtype=np.int32))


def test_colours_can_be_told_apart():
    structures = {structure.key: np.array(structure.color, dtype=float) for structure in anatomy.STRUCTURES}
    for first, second in itertools.combinations(structures.values(), 2):
        assert np.linalg.norm(first - second) > 50
    for structure in anatomy.STRUCTURES[:-1]:
        right, left = (np.array(anatomy.label_rgb(value), dtype=float) for value in structure.values)
        assert 15 < np.linalg.norm(right - left) < 90, structure.key
    assert all(0 <= channel <= 1 for value in anatomy.LABEL_VALUES for channel in anatomy.label_color(value))


def test_groups_of_muscles():
    assert {anatomy.structure(key).group for key in anatomy.RECTI} == {"rectus"}
    assert set(anatomy.EXTRAOCULAR_MUSCLES) == {
        structure.key for structure in anatomy.STRUCTURES if structure.group in ("rectus", "oblique")
    }


def test_normal_volumes_name_their_source_and_bracket_their_mean():
    for norm in anatomy.all_volume_norms():
        assert norm.low < norm.mean < norm.high and norm.source and norm.population
    assert {norm.key for norm in anatomy.all_volume_norms()} == {s.key for s in anatomy.STRUCTURES} - {"optic_chiasm"}


def test_z_score_counts_standard_deviations():
    eyeball = anatomy.volume_norms("eyeball")[0]
    assert eyeball.z_score(10.9) == pytest.approx(2.0)
    assert anatomy.volume_norms("medial_rectus")[0].z_score(1.0) is None


def test_a_muscle_of_severe_thyroid_eye_disease_is_plausible_but_a_speck_is_not():
    low, high = anatomy.plausible_volume("medial_rectus")
    assert low < 1.4 < high
    assert not low < 0.02 < high
    assert anatomy.plausible_volume("optic_chiasm") is None


def test_eyes_of_a_file_with_the_wrong_voxel_size_are_implausible_and_fat_is_compared_with_nothing():
    low, high = anatomy.plausible_volume("eyeball")
    assert low < 6.0 < 12.5 < high, "short and long eyes"
    assert not low < 8.8 * 0.7**3 < high and not low < 8.8 * 1.3**3 < high
    assert anatomy.plausible_volume("orbital_fat") is None and anatomy.comparable_norms("orbital_fat") == []

"""Which pieces of a muscle are kept, and how they are joined."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.anatomy.structures import label_value
from NeuroOrbitLib.imaging import Image
from OrbitSegmentationLib.muscle_pieces import join_pieces
from OrbitSegmentationLib.postprocessing import clean_label_map

RECTUS, FAT, CHIASM = (label_value("inferior_rectus", "right"), label_value("orbital_fat", "right"),
                       label_value("optic_chiasm"))
GAP = slice(25, 31)


def rod(value: int = RECTUS) -> np.ndarray:
    """A rod along the second axis that rises a little, in fat; a part of it is missing."""
    labels = np.full((30, 60, 30), FAT, np.uint8)
    k, i = np.ogrid[:30, :30]
    for j in range(5, 55):
        if not GAP.start <= j < GAP.stop:
            labels[:, j, :][(k - 15 - 0.1 * (j - 30)) ** 2 + (i - 15) ** 2 < 16] = value
    return labels


def as_image(labels: np.ndarray) -> Image:
    return Image(labels, np.diag([0.8, 0.8, 0.8, 1.0]))


def test_a_muscle_that_a_gap_divides_is_joined_along_its_path():
    labels = rod()
    joined, added = join_pieces(as_image(labels))
    sections = (joined.array == RECTUS).sum(axis=(0, 2))
    assert added == {RECTUS: int((joined.array == RECTUS).sum() - (labels == RECTUS).sum())}
    assert (np.abs(sections[GAP] - sections[20]) < 8).all(), "the bridge is as thick as its ends"
    assert np.array_equal(clean_label_map(joined.array) == RECTUS, joined.array == RECTUS), "in one piece"


def test_a_small_piece_that_goes_on_from_the_muscle_is_kept_and_a_larger_one_elsewhere_is_not():
    labels = rod()
    labels[:, 34:][labels[:, 34:] == RECTUS] = FAT
    labels[2:8, 40:58, 2:8] = RECTUS
    cleaned = join_pieces(as_image(labels))[0].array
    assert (cleaned[13:18, 31:34, 13:18] == RECTUS).any() and not (cleaned[2:8, 40:58, 2:8] == RECTUS).any()


def test_a_piece_beside_the_muscle_does_not_continue_it():
    labels = rod()
    labels[:, GAP.stop:][labels[:, GAP.stop:] == RECTUS] = FAT
    labels[13:18, 5:20, 22:26] = RECTUS
    assert not (join_pieces(as_image(labels))[0].array[13:18, 5:20, 22:26] == RECTUS).any()


def test_nothing_is_added_where_nothing_can_be_but_both_pieces_stay():
    labels, bone = rod(), np.zeros((30, 60, 30), bool)
    bone[:, 27:29] = True
    joined, _ = join_pieces(as_image(labels), bone)
    assert not (joined.array[:, 27:29] == RECTUS).any()
    assert (joined.array == RECTUS).sum() >= (labels == RECTUS).sum()
    cleaned = clean_label_map(joined.array, (RECTUS,))
    assert (cleaned[:, 40] == RECTUS).any() and (cleaned[:, 10] == RECTUS).any()


def test_what_runs_along_no_path_is_left_alone():
    labels = rod(CHIASM)
    joined, added = join_pieces(as_image(labels))
    assert added == {} and np.array_equal(joined.array, labels)


def test_pieces_that_hang_together_between_thick_slices_are_kept_and_others_are_not():
    """Of a muscle that rises by 6 mm in 20, slices show pieces whose ends do not point to each other."""
    labels = np.full((5, 112, 30), FAT, np.uint8)
    for k in range(1, 4):
        labels[k, 34 * k - 32 : 34 * k + 1, 12:18] = RECTUS
    labels[1, 90:96, 2:8] = RECTUS
    steps, known = Image(labels, np.diag([0.6, 0.6, 6.0, 1.0])), np.zeros_like(labels)
    known[:, :, 10:20] = RECTUS
    alone, together = (join_pieces(steps, None, connected)[0].array == RECTUS for connected in (None, known))
    assert alone.any(axis=(1, 2)).sum() == 1
    assert np.array_equal(together.any(axis=(1, 2)), [False, True, True, True, False])
    assert not together[1, 90:96, 2:8].any()

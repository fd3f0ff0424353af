"""Scores of lesion masks."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.evaluation.segmentation.lesions import lesion_scores


def mask(*boxes):
    result = np.zeros((20, 20, 20), dtype=bool)
    for start, size in boxes:
        result[tuple(slice(low, low + size) for low in start)] = True
    return result


def test_one_of_two_lesions_found_and_one_invented():
    reference, result = mask(((1, 1, 1), 3), ((10, 10, 10), 3)), mask(((1, 1, 1), 3), ((1, 10, 10), 3))
    scores = lesion_scores(result, reference, 2.0)
    assert (scores.found, scores.true, scores.f1) == (0.5, 0.5, 0.5)
    assert scores.dice == pytest.approx(0.5)
    assert scores.volume_ml == pytest.approx(54 * 2.0 / 1000)


def test_lesions_of_two_voxels_do_not_count_and_corners_touch():
    reference, tiny = mask(((5, 5, 5), 3)), np.zeros((20, 20, 20), bool)
    tiny[0, 0, :2] = True
    assert lesion_scores(tiny, reference, 1.0).lesions == 0
    diagonal = mask(((2, 2, 2), 2), ((4, 4, 4), 2))
    assert lesion_scores(diagonal, diagonal, 1.0).reference_lesions == 1


def test_nothing_found_where_there_is_nothing_is_right():
    nothing = mask()
    scores = lesion_scores(nothing, nothing, 1.0)
    assert (scores.dice, scores.f1) == (1.0, 1.0)
    assert lesion_scores(nothing, mask(((1, 1, 1), 3)), 1.0).f1 == 0.0

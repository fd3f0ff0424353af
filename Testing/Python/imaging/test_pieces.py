"""Pieces of masks, and values within numbered pieces, as SciPy has them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from NeuroOrbitLib.imaging.pieces import chosen_pieces, largest_piece, maximum_by_label, mean_by_label, minimum_by_label


@pytest.fixture(scope="module")
def numbered() -> tuple[np.ndarray, np.ndarray, int]:
    values = ndimage.gaussian_filter(np.random.default_rng(3).standard_normal((20, 24, 18)).astype(np.float32), 1)
    labels, count = ndimage.label(values > 0.1)
    return values, labels, count


def test_values_of_pieces_are_those_of_scipy(numbered):
    values, labels, count = numbered
    numbers = np.arange(1, count + 1)
    assert count > 10
    assert np.array_equal(maximum_by_label(values, labels, count), ndimage.maximum(values, labels, numbers))
    assert np.array_equal(minimum_by_label(values, labels, count), ndimage.minimum(values, labels, numbers))
    assert np.allclose(mean_by_label(values, labels, labels > 0, count), ndimage.mean(values, labels, numbers))


def test_labels_that_are_absent_have_no_extreme():
    labels = np.array([0, 2, 2, 0])
    values = np.array([9.0, 1.0, 3.0, -9.0])
    assert maximum_by_label(values, labels, 3).tolist() == [-np.inf, 3.0, -np.inf]
    assert minimum_by_label(values, labels, 3).tolist() == [np.inf, 1.0, np.inf]
    assert mean_by_label(values, labels, labels > 0, 3).tolist() == [0.0, 2.0, 0.0]


def test_chosen_pieces_are_kept_and_nothing_else(numbered):
    _values, labels, count = numbered
    wanted = np.arange(1, count + 1) % 3 == 0
    assert np.array_equal(chosen_pieces(labels, wanted), np.isin(labels, np.flatnonzero(wanted) + 1))
    assert not chosen_pieces(np.zeros((2, 3), int), np.zeros(0, bool)).any()


def test_the_largest_piece_is_kept():
    mask = np.zeros((5, 9), bool)
    mask[1, 1:3] = mask[3, 4:8] = True
    kept = largest_piece(mask)
    assert kept.sum() == 4 and kept[3, 4:8].all()
    assert not largest_piece(np.zeros((3, 3), bool)).any()


def test_corners_connect_where_they_are_asked_to():
    mask = np.eye(4, dtype=bool)
    assert largest_piece(mask).sum() == 1 and largest_piece(mask, by_corners=True).sum() == 4

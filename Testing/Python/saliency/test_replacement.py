"""Structures that get the training's mean signal, and where heat lies, on images made of numbers."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.saliency.replacement import falls_without, mean_signals, signal_factor
from NeuroOrbitLib.saliency.structures import heat_places

LABELS = np.zeros((2, 4, 4), dtype=np.uint8)
LABELS[0, :2], LABELS[1, 2:] = 9, 11


def test_means_are_over_the_cases_that_have_the_structure():
    images = [np.full(LABELS.shape, 2.0), np.full(LABELS.shape, 4.0)]
    found = mean_signals(images, [LABELS, np.where(LABELS == 9, 0, LABELS)], (9, 11, 10))
    assert found == {"9": 2.0, "11": 3.0, "10": 0.0}


def test_a_replaced_structure_has_the_mean_signal_and_keeps_its_pattern():
    rng = np.random.default_rng(0)
    grey = rng.uniform(50, 150, LABELS.shape)
    changed = grey * signal_factor(grey, LABELS, (9,), {"9": -0.5}, (100.0, 20.0))
    own = grey[LABELS == 9]
    assert changed[LABELS == 9].mean() == pytest.approx(90.0, rel=1e-5)
    assert changed[LABELS == 9] / own == pytest.approx(90.0 / own.mean(), rel=1e-5)
    assert np.array_equal(changed[LABELS != 9], grey[LABELS != 9])


def test_a_structure_of_mean_signal_is_not_changed_whatever_its_pattern():
    grey = np.random.default_rng(1).uniform(50, 150, LABELS.shape)
    z_score = (grey[LABELS == 9].mean() - 100.0) / 20.0
    assert signal_factor(grey, LABELS, (9, 10), {"9": z_score, "10": 0.0}, (100.0, 20.0)) == pytest.approx(1.0)


def test_a_fall_is_what_the_probability_loses():
    falls = falls_without(("a", "b"), 0.7, {"a": 0.4, "b": 0.75}.__getitem__, str)
    assert falls == pytest.approx({"a": 0.3, "b": -0.05})


def test_heat_is_told_by_structure_and_by_its_share():
    heat = np.where(LABELS == 9, 3.0, 1.0).astype(np.float32)
    found = heat_places(heat, LABELS, (9, 11))
    assert sorted(found.by_structure.values()) == [1.0, 3.0] and found.ratio == 2.0
    assert found.share == pytest.approx((8 * 3 + 8) / (8 * 3 + 24))
    cold = heat_places(np.zeros_like(heat), LABELS, (9,))
    assert np.isnan(cold.share) and cold.ratio == 0.0

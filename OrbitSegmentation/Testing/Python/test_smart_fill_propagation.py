"""Marks as discs in millimetres, and a filled slice carried on through a structure."""

from __future__ import annotations

import numpy as np
import pytest

from OrbitSegmentationLib.refinement.propagation import propagate
from OrbitSegmentationLib.refinement.strokes import stroke_mask


def test_a_mark_is_as_wide_as_the_brush_on_any_pixels():
    mask = stroke_mask((60, 120), (1.0, 0.5), np.array([[30, 20], [30, 100]]), radius=3.0)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    assert np.ptp(rows) * 1.0 == pytest.approx(6.0)
    assert np.ptp(columns) * 0.5 == pytest.approx(46.0)


def test_the_smallest_mark_is_the_pixel_under_the_mouse():
    assert np.argwhere(stroke_mask((9, 9), (1, 1), np.array([[3.4, 5.6]]), radius=0.0)).tolist() == [[3, 6]]
    assert not stroke_mask((9, 9), (1, 1), np.array([[-20.0, 4.0]]), radius=2.0).any()


def spindle(position: float) -> np.ndarray:
    """Cross-section of a spindle 24 mm long and 10 mm thick that drifts 0.4 mm per mm; pixels of 0.5 mm."""
    j, i = (np.indices((80, 80)) - 40) * 0.5
    return np.hypot(j, i - 0.4 * position) <= 5.0 * np.sqrt(max(0.0, 1 - (position / 12.0) ** 2))


def test_a_drifting_structure_is_followed_to_its_end():
    rng = np.random.default_rng(0)
    shown = [np.where(spindle(position), 50.0, -90.0) + rng.normal(0, 12, (80, 80)) for position in range(18)]
    found = list(propagate(spindle(0), shown[0], shown[1:], (0.5, 0.5)))
    assert 9 <= len(found) <= 12, f"it ends after {len(found)} mm; the structure ends after 12 mm"
    for position, mask in enumerate(found[:9], start=1):
        truth = spindle(position)
        assert 2 * (mask & truth).sum() / (mask.sum() + truth.sum()) > 0.88, f"at {position} mm"


def test_it_never_enters_what_others_hold():
    image = np.where(spindle(0), 50.0, -90.0)
    other = np.indices((80, 80))[1] > 42
    (found,) = propagate(spindle(0) & ~other, image, [image], (0.5, 0.5), others=[other])
    assert found.any() and not (found & other).any()

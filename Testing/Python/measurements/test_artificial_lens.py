"""Artificial lenses are told from natural ones by how thin they are, and are not measured as lenses."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.measurements.artificial_lens import artificial_lenses, outlined_as_seen
from NeuroOrbitLib.measurements.measure import Measuring

CENTERS = {Side.RIGHT: np.array([32.0, 0.0, 0.0]), Side.LEFT: np.array([-32.0, 0.0, 0.0])}
#: Thickness (mm) of a natural and of an artificial lens.
NATURAL, ARTIFICIAL = 4.0, 0.9


def eyes(right: float = NATURAL, left: float = NATURAL, fluid: float = 10.0, lens: float = 90.0, noise: float = 8.0,
         spacing: tuple[float, float, float] = (0.6, 0.6, 0.8)) -> tuple[Image, Image]:
    """Grey values and label map of two eyes whose lenses have a thickness (mm); natural lenses are outlined."""
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = (-50.0, -20.0, -18.0)
    shape = tuple(round(size / step) for size, step in zip((36, 36, 100), spacing[::-1], strict=True))
    fine = np.linspace(-0.4, 0.4, 5) * spacing[1]
    labels = np.zeros(shape, np.uint8)
    grid = Image(labels, affine).grid
    grey = np.full(shape, -90.0)
    for side, thickness in ((Side.RIGHT, right), (Side.LEFT, left)):
        away = grid.voxel_centers() - CENTERS[side]
        eye = np.linalg.norm(away, axis=-1) < 12
        ring = np.hypot(away[..., 0], away[..., 2])
        drawn = (ring / 4.5) ** 2 + ((away[..., 1] - 7) / (NATURAL / 2)) ** 2 < 1
        # The share of each voxel that the lens fills: it is thinner than a voxel.
        depth = away[..., 1, None] + fine - 7
        filled = ((np.abs(depth) < thickness / 2) & (ring[..., None] < 3)).mean(axis=-1)
        grey[eye] = fluid
        grey += filled * (lens - fluid)
        labels[eye], labels[drawn] = label_value("eyeball", side), label_value("lens", side)
    grey = ndimage.gaussian_filter(grey, 0.3) + np.random.default_rng(0).normal(0, noise, shape)
    return Image(grey, affine), Image(labels, affine)


def test_natural_lenses_are_left_as_they_are():
    assert artificial_lenses(*eyes()) == {}


@pytest.mark.parametrize("lens", [90.0, -300.0])
def test_a_thin_lens_is_told_on_its_side_whether_bright_or_dark(lens):
    found = artificial_lenses(*eyes(left=ARTIFICIAL, lens=lens))
    assert list(found) == [Side.LEFT]
    assert found[Side.LEFT].thickness_mm == pytest.approx(1.1, abs=0.6)
    assert found[Side.LEFT].text.startswith("The left eye has a lens of only ")


def test_both_eyes_may_have_artificial_lenses():
    assert list(artificial_lenses(*eyes(ARTIFICIAL, ARTIFICIAL))) == [Side.RIGHT, Side.LEFT]


def test_nothing_is_said_of_lenses_that_the_scan_does_not_show():
    assert artificial_lenses(*eyes(ARTIFICIAL, ARTIFICIAL, lens=18.0)) == {}
    # In coronal slices of 3 mm, a thin lens and a thick one look alike.
    assert artificial_lenses(*eyes(ARTIFICIAL, ARTIFICIAL, spacing=(0.6, 3.0, 0.6))) == {}


def test_axial_slices_may_be_thick():
    assert list(artificial_lenses(*eyes(right=ARTIFICIAL, spacing=(0.6, 0.6, 3.0)))) == [Side.RIGHT]


def test_the_outline_is_reduced_to_what_is_seen_and_the_rest_is_eyeball():
    scan, labels = eyes(right=ARTIFICIAL)
    after = outlined_as_seen(labels, artificial_lenses(scan, labels)).array
    lens, eyeball = label_value("lens", Side.RIGHT), label_value("eyeball", Side.RIGHT)
    assert 0 < (after == lens).sum() < 0.45 * (labels.array == lens).sum()
    assert np.array_equal(np.isin(after, (lens, eyeball)), np.isin(labels.array, (lens, eyeball)))
    other = label_value("lens", Side.LEFT)
    assert np.array_equal(after == other, labels.array == other)
    assert (labels.array == lens).sum() > (after == lens).sum()


def test_an_artificial_lens_has_no_thickness_and_no_volume_but_its_eye_has():
    scan, labels = eyes(left=ARTIFICIAL)
    for outlines in (labels, outlined_as_seen(labels, artificial_lenses(scan, labels))):
        rows = {(row.structure, row.side, row.quantity): row.measured for row in Measuring(outlines, scan, True).rows()}
        for quantity in ("volume", "thickness"):
            assert rows["lens", Side.LEFT, quantity].value is None
            assert "as an artificial one" in rows["lens", Side.LEFT, quantity].reason
            assert rows["lens", Side.RIGHT, quantity].value is not None
        assert rows["eyeball", Side.LEFT, "volume"].value == pytest.approx(7.2, abs=0.3)
        assert rows["eyeball", Side.LEFT, "axial_length"].value == pytest.approx(24.0, abs=0.6)

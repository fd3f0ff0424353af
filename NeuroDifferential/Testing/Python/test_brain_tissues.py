"""Brain mask and tissues where fluid is black, the skull is cut away, or fat is as bright as the brain."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from NeuroDifferentialLib.anatomy.brain_mask import brain_mask, has_skull, head_mask
from NeuroDifferentialLib.anatomy.tissues import DARK, GREY, WHITE, segment_anatomy
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.imaging.image import Image


def ball(shape: tuple[int, int, int], radius: float, center: tuple[float, float, float]) -> np.ndarray:
    k, j, i = np.ogrid[tuple(slice(0, size) for size in shape)]
    return (k - center[0]) ** 2 + (j - center[1]) ** 2 + (i - center[2]) ** 2 < radius**2


def stripped() -> tuple[Image, np.ndarray]:
    """A stripped brain of 2 mm with black fluid in furrows and a ventricle; and all that lies inside its surface."""
    shape = (80, 80, 80)
    inside = ball(shape, 33, (40, 40, 40))
    j, i = np.indices(shape)[1:]
    furrows = (np.arctan2(j - 40, i - 40) * 12 % 4 < 0.6) & ~ball(shape, 24, (40, 40, 40))
    brain = inside & ~furrows & ~ball(shape, 6, (40, 40, 40))
    return Image((100 * brain).astype(np.float32), np.diag([2.0, 2.0, 2.0, 1.0])), inside


def test_a_stripped_brain_with_black_furrows_has_no_skull():
    image, _inside = stripped()
    assert not has_skull(image, head_mask(image))


def test_black_furrows_and_ventricles_belong_to_a_stripped_brain():
    image, inside = stripped()
    mask = brain_mask(image)
    assert 2 * np.count_nonzero(mask & inside) / (np.count_nonzero(mask) + np.count_nonzero(inside)) > 0.97


def test_a_neck_as_bright_as_the_brain_is_cut_off():
    shape = (110, 96, 96)
    brain, neck = ball(shape, 34, (72, 48, 48)), np.zeros(shape, bool)
    neck[:60, 30:66, 30:66] = True
    head = ndimage.binary_dilation(brain, iterations=8) | neck
    skull = ndimage.binary_dilation(brain, iterations=4) & ~brain & ~neck
    image = Image((100 * (head & ~skull)).astype(np.float32), np.diag([2.0, 2.0, 2.0, 1.0]))
    mask = brain_mask(image)
    assert mask[np.flatnonzero(brain.any((1, 2)))[0]:].any()
    assert not mask[:20].any()


@pytest.fixture(scope="module")
def black_fluid():
    """Anatomy of a stripped scan with white matter at 1 and grey at 1.1, among fluid of .05 and voxels of 0."""
    shape = (24, 24, 24)
    random = np.random.default_rng(3)
    k = np.arange(shape[0])[:, None, None] * np.ones(shape)
    levels, priors = np.select([k < 9, k < 17, k < 20], [1.0, 1.1, 0.05], 0.0), np.full((len(BrainPart), *shape), 0.01)
    priors[BrainPart.WHITE_MATTER][k < 9] = 1.0
    # By their place, dark voxels and half of the mixed ones may be grey matter.
    priors[BrainPart.CORTEX][(k >= 9) & (k < 18)] = 1.0
    priors[BrainPart.LATERAL_VENTRICLE][k >= 18] = 1.0
    flair = np.where(levels > 0, levels + 0.04 * random.standard_normal(shape), 0)
    flair = np.where((k == 16) | (k == 17), random.uniform(0.1, 1.0, shape), flair).clip(0).astype(np.float32)
    priors = (priors / priors.sum(axis=0)).astype(np.float32)
    return segment_anatomy([flair], priors, np.ones(shape, bool), (1.0, 1.0, 1.0)), k


def test_what_is_mixed_with_black_fluid_does_not_spread_grey_matter(black_fluid):
    anatomy, _k = black_fluid
    assert anatomy.tissues[GREY].mean[0] == pytest.approx(1.1, abs=0.02)
    assert np.sqrt(anatomy.tissues[GREY].covariance[0, 0]) < 0.08


def test_where_nothing_was_measured_is_not_the_level_of_fluid(black_fluid):
    anatomy, k = black_fluid
    assert anatomy.tissues[DARK].mean[0] > 0.03
    assert anatomy.tissues[DARK].covariance[0, 0] >= anatomy.tissues[WHITE].covariance[0, 0]
    assert (anatomy.fluid[k >= 18] > 0.5).mean() > 0.95

"""Heads of synthetic patients: folded as brains are, of human size, and different from one another."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from NeuroDifferentialLib.differential.synthetic.heads import head, zones_of
from NeuroOrbitLib.anatomy.brain import FLUID, BrainPart
from NeuroOrbitLib.imaging.pieces import largest_piece
from NeuroOrbitLib.phantom.brain.plan import Pattern


@pytest.fixture(scope="module")
def heads():
    return [head(number) for number in range(2)]


def millilitres(brain, *parts: BrainPart) -> float:
    return np.isin(brain.parts, parts).sum() * brain.labels.grid.voxel_volume / 1000


def test_parts_have_the_size_of_an_adult_brain(heads):
    for brain in heads:
        inside = tuple(part for part in BrainPart if part is not BrainPart.OUTSIDE)
        assert 1150 < millilitres(brain, *inside) < 2000
        assert 380 < millilitres(brain, BrainPart.CORTEX) < 680
        assert 350 < millilitres(brain, BrainPart.WHITE_MATTER) < 620
        assert 15 < millilitres(brain, BrainPart.LATERAL_VENTRICLE) < 60


def test_the_cortex_is_a_thin_folded_layer(heads):
    """A voxel of cortex is rarely far from both white matter and fluid; smooth averages of brains have thick slabs."""
    for brain in heads:
        cortex = brain.parts == BrainPart.CORTEX
        spacing = brain.labels.spacing[::-1]
        depth = ndimage.distance_transform_edt(cortex, spacing)[cortex]
        assert np.percentile(depth, 90) <= 4.0
        sulci = np.isin(brain.parts, FLUID) & (ndimage.uniform_filter(cortex.astype(np.float32), 5) > 0.3)
        assert sulci.sum() * brain.labels.grid.voxel_volume / 1000 > 40


def test_white_matter_and_what_lies_outside_hang_together(heads):
    for brain in heads:
        outside = brain.parts == BrainPart.OUTSIDE
        assert np.array_equal(largest_piece(outside), outside)
        fluid = outside | (brain.parts == BrainPart.CSF)
        assert (fluid & ~largest_piece(fluid)).sum() < 0.001 * fluid.sum()
        core = ~fluid & ~np.isin(brain.parts, (BrainPart.CORTEX, BrainPart.CEREBELLAR_CORTEX))
        alone = core & ~largest_piece(core)
        assert not np.isin(brain.parts[alone], (BrainPart.WHITE_MATTER, BrainPart.CEREBELLAR_WHITE_MATTER)).any()


def test_each_head_is_its_own_and_comes_again(heads):
    first, second = (brain.parts == BrainPart.CORTEX for brain in heads)
    assert 2 * (first & second).sum() / (first.sum() + second.sum()) < 0.75
    head.cache_clear()
    assert np.array_equal(head(0).parts, heads[0].parts)


def test_the_head_lies_in_a_skull_and_scalp_with_air_around(heads):
    labels = heads[0].labels.array
    for face in (labels[-1], labels[:, 0], labels[:, -1], labels[:, :, 0], labels[:, :, -1]):
        assert np.count_nonzero(face) < 0.2 * face.size
    assert np.count_nonzero(labels >= 500) * heads[0].labels.grid.voxel_volume > 500_000


def test_patterns_have_places_in_the_head(heads):
    zones = zones_of(0)
    assert np.array_equal(zones.parts, heads[0].parts)
    assert all(zones.seeds(pattern).any() for pattern in Pattern)

"""Slices in any orientation and the voxels that their masks stand for."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.imaging.boxes import Box
from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.imaging.slices import VoxelMask, slice_grid

AXIAL = np.diag([-1.0, 1.0, 1.0])
CORONAL = np.array([[-1.0, 0, 0], [0, 0, 1.0], [0, 1.0, 0]]).T
SAGITTAL = np.array([[0, -1.0, 0], [0, 0, 1.0], [-1.0, 0, 0]]).T


def rotation(seed):
    matrix = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    return matrix * np.sign(np.linalg.det(matrix))


def view(axes, center, width_mm, pixels=200):
    """View coordinates to RAS: axes (3, 3) whose columns are right, up and normal."""
    matrix = np.eye(4)
    matrix[:3, :3] = axes * np.array([width_mm / pixels, width_mm / pixels, 1.0])
    matrix[:3, 3] = center - matrix[:3, :2] @ np.array([pixels / 2, pixels / 2])
    return matrix, (pixels, pixels)


def grid_of(spacing=(0.5, 0.7, 3.0), shape=(12, 60, 80), turn=None):
    affine = np.eye(4)
    affine[:3, :3] = (np.eye(3) if turn is None else turn) * np.array(spacing)
    affine[:3, 3] = -affine[:3, :3] @ (np.array(shape[::-1]) - 1) / 2
    return Grid(shape, affine)


def disc(cut, center, radius):
    rows, columns = np.indices(cut.shape)
    ras = np.einsum("ij,jkl->ikl", cut.affine[:3, :2], np.stack([columns, rows])) + cut.affine[:3, 3, None, None]
    return np.linalg.norm(ras - center[:, None, None], axis=0) <= radius


@pytest.mark.parametrize(("axes", "spacing", "shape"), [
    (AXIAL, (0.7, 0.5), (60, 80)), (CORONAL, (3.0, 0.5), (12, 80)), (SAGITTAL, (3.0, 0.7), (12, 60))])
def test_a_slice_along_the_axes_has_the_voxels_as_pixels(axes, spacing, shape):
    volume = grid_of()
    cut = slice_grid(*view(axes, volume.center, 500.0), volume)
    assert cut.spacing == pytest.approx(spacing)
    assert cut.shape == shape


@pytest.mark.parametrize("turn", [None, rotation(1)])
@pytest.mark.parametrize("axes", [AXIAL, CORONAL, SAGITTAL])
def test_a_mask_along_the_axes_is_one_layer_of_voxels(axes, turn):
    volume = grid_of(turn=turn)
    axes = axes if turn is None else turn @ axes
    cut = slice_grid(*view(axes, volume.center + axes[:, 2] * 0.2, 500.0), volume)
    mask = np.zeros(cut.shape, dtype=bool)
    mask[3, 5] = mask[3, 6] = mask[4, 6] = True
    voxels = cut.voxels(mask)
    assert voxels.mask.sum() == 3
    back = cut.nearest(voxels)
    assert np.array_equal(back.astype(bool), mask)


@pytest.mark.parametrize("seed", range(6))
def test_an_oblique_mask_fills_what_the_slice_shows(seed):
    # Every pixel that the view shows inside of a disc, and none a voxel's diagonal outside of it, is in the segment.
    volume = grid_of(spacing=(0.8, 0.9, 1.6), shape=(40, 60, 60))
    axes, center = rotation(seed), volume.center + 2.0
    cut = slice_grid(*view(axes, center, 80.0), volume)
    voxels = cut.voxels(disc(cut, center, 8.0))
    shown = cut.nearest(voxels).astype(bool)
    diagonal = np.linalg.norm(volume.spacing)
    assert shown[disc(cut, center, 8.0 - diagonal)].all()
    assert not shown[~disc(cut, center, 8.0 + diagonal)].any()
    assert shown.sum() * np.prod(cut.spacing) == pytest.approx(np.pi * 64, rel=0.1)
    heights = axes[:, 2] @ (volume.ras_from_ijk(np.argwhere(voxels.mask)[:, ::-1] + voxels.box.start[::-1])
                            - center).T
    assert np.abs(heights).max() <= diagonal / 2


def test_only_the_visible_part_is_sampled_and_a_small_pan_keeps_it():
    volume = grid_of(spacing=(0.5, 0.5, 3.0), shape=(12, 400, 400))
    here = slice_grid(*view(AXIAL, volume.center + 1.0, 20.0), volume)
    near = slice_grid(*view(AXIAL, volume.center + np.array([1.2, 1.2, 1.0]), 20.0), volume)
    assert max(here.shape) <= 40 + 2 * 16
    assert here.key == near.key


def test_an_oblique_lattice_stays_when_the_view_is_panned():
    volume, axes = grid_of(shape=(40, 300, 300)), rotation(3)
    grids = [slice_grid(*view(axes, volume.center + axes[:, 0] * pan, 30.0), volume) for pan in (0.0, 11.3)]
    offset = np.linalg.inv(grids[0].affine) @ grids[1].affine[:, 3]
    assert offset[:3] == pytest.approx(np.round(offset[:3]), abs=1e-6)


@pytest.mark.parametrize("axes", [AXIAL, rotation(4)])
def test_a_slice_beside_the_volume_has_no_pixels(axes):
    volume = grid_of()
    assert slice_grid(*view(axes, volume.center + axes[:, 2] * 300.0, 50.0), volume) is None
    assert slice_grid(*view(axes, volume.center + axes[:, 0] * 500.0, 50.0), volume) is None


def test_a_volume_of_one_slice_is_cut_in_all_directions():
    volume = grid_of(shape=(1, 50, 60))
    assert slice_grid(*view(CORONAL, volume.center, 100.0), volume).shape == (1, 60)
    cut = slice_grid(*view(rotation(2), volume.center, 100.0), volume)
    assert cut.voxels(np.ones(cut.shape, dtype=bool)).mask.any()


def test_the_pixel_under_the_mouse_is_found():
    volume = grid_of()
    cut = slice_grid(*view(AXIAL, volume.center, 500.0), volume)
    assert cut.pixel_at(volume.ras_from_ijk((7, 9, 6))) == (9, 80 - 1 - 7)
    assert cut.pixel_at(volume.ras_from_ijk((-2, 9, 6))) is None


def test_labels_of_a_block_are_shown_where_they_lie():
    volume = grid_of()
    block = VoxelMask(Box((5, 10, 20), (8, 30, 50)), np.arange(3 * 20 * 30, dtype=np.int32).reshape(3, 20, 30))
    cut = slice_grid(*view(AXIAL, volume.ras_from_ijk((0, 0, 6)) * np.array([0, 0, 1.0]), 500.0), volume)
    shown = cut.nearest(block, fill=-1)
    row, column = cut.pixel_at(volume.ras_from_ijk((22, 12, 6)))
    assert shown[row, column] == block.mask[1, 2, 2]
    assert (shown >= 0).sum() == 20 * 30

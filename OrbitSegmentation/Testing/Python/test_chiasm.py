"""The chiasm is found behind both eyes, however the head lies, and only where it is clear."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.phantom.tissue import Tissue
from OrbitSegmentationLib.any_contrast.chiasm import BOX_HIGH, BOX_LOW, BOX_SHAPE, Chiasm, chiasm_grid, find_chiasm
from OrbitSegmentationLib.any_contrast.confidence import ScanConfidence
from OrbitSegmentationLib.any_contrast.on_scan import chiasm_on_grid
from OrbitSegmentationLib.any_contrast.training.chiasm_samples import ChiasmSamples, parametric
from OrbitSegmentationLib.orbit_frame import OrbitFrame

#: Between the eyes, and where the chiasm lies from there (mm).
MIDDLE, CHIASM = np.array([3.0, 40.0, 5.0]), np.array([1.0, -54.0, 12.0])
CHIASM_HU, REST_HU = 200.0, 0.0


def reads_grey_values(image: torch.Tensor) -> torch.Tensor:
    """A chiasm network that knows the chiasm by its grey value."""
    bright = 100.0 * (image - (CHIASM_HU / 2 + 200.0) / 500.0)
    return torch.cat([torch.zeros_like(bright), bright], dim=1)


def knows_nothing(image: torch.Tensor) -> torch.Tensor:
    return torch.zeros(1, 2, *image.shape[2:])


def head(turn: Rotation, spacing=(1.0, 1.0, 1.0), radii=(7.0, 4.0, 2.0), shown=lambda points: points[..., 1] > -1e3):
    """A scan of a turned head in which only the chiasm is bright, with the frames of its eyes."""
    counts = [round(extent / step) for extent, step in zip((90.0, 110.0, 100.0), spacing, strict=True)]
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = (-45.0, -60.0, -50.0)
    grid = Grid(tuple(counts[::-1]), affine)
    kji = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1)
    points = grid.ras_from_ijk(kji[..., ::-1])
    local = (points - MIDDLE) @ turn.as_matrix() - CHIASM
    inside = ((local / np.array(radii)) ** 2).sum(axis=-1) < 1
    array = np.where(inside & shown(points), CHIASM_HU, REST_HU).astype(np.float32)
    eyes = [OrbitFrame(tuple(MIDDLE + turn.apply([side.x_sign * 31.0, 0.0, 0.0])), side) for side in Side]
    return Image(array, affine), eyes


@pytest.mark.parametrize("degrees", [(0, 0, 0), (0, 12, 0), (0, 0, -15), (6, -10, 10)])
def test_it_is_found_where_it_is_however_the_head_lies(degrees):
    turn = Rotation.from_euler("xyz", degrees, degrees=True)
    image, eyes = head(turn)
    chiasm = find_chiasm(image, eyes, reads_grey_values, is_ct=True)
    labels = np.zeros(image.array.shape, np.uint8)
    confidence = ScanConfidence.of(image.grid)
    chiasm_on_grid(chiasm, labels, image.grid, confidence)
    middle = image.grid.ras_from_ijk(np.argwhere(labels == 25).mean(axis=0)[::-1])
    assert middle == pytest.approx(MIDDLE + turn.apply(CHIASM), abs=0.5)
    assert (labels == 25).sum() == pytest.approx((image.array == CHIASM_HU).sum(), rel=0.15)
    assert set(np.unique(labels)) == {0, 25}
    assert confidence.structures[25].expected_dice > 0.7


def test_thick_slices_are_no_obstacle_and_what_is_labelled_stays():
    image, eyes = head(Rotation.identity(), spacing=(0.8, 0.8, 2.5))
    labels = np.zeros(image.array.shape, np.uint8)
    labels[:, :, : labels.shape[2] // 2] = 3
    before = (labels == 3).sum()
    chiasm_on_grid(find_chiasm(image, eyes, reads_grey_values, True), labels, image.grid, ScanConfidence.of(image.grid))
    assert (labels == 3).sum() == before and (labels == 25).any()
    assert (image.array[labels == 25] == CHIASM_HU).mean() > 0.9


@pytest.mark.parametrize(("radii", "network"), [
    ((1.5, 1.5, 1.5), reads_grey_values), ((14.0, 12.0, 8.0), reads_grey_values), ((7.0, 4.0, 2.0), knows_nothing)])
def test_what_has_not_the_size_of_a_chiasm_or_is_unclear_is_not_shown(radii, network):
    image, eyes = head(Rotation.identity(), radii=radii)
    assert find_chiasm(image, eyes, network, is_ct=True) is None


def test_a_scan_that_ends_in_front_of_it_shows_none():
    image, eyes = head(Rotation.identity(), shown=lambda points: points[..., 1] > MIDDLE[1] - 30)
    assert find_chiasm(image, eyes, reads_grey_values, is_ct=True) is None


def test_the_box_is_level_with_the_eyes_and_lies_behind_them():
    right, left = np.array([30.0, 5.0, 9.0]), np.array([-31.0, 1.0, -3.0])
    grid = chiasm_grid(right, left)
    assert grid.shape == BOX_SHAPE == (64, 48, 40)
    axes = grid.affine[:3, :3]
    assert axes.T @ axes == pytest.approx(np.eye(3)) and np.linalg.det(axes) == pytest.approx(1.0)
    assert np.cross(axes[:, 0], right - left) == pytest.approx(np.zeros(3), abs=1e-9)
    corner = axes.T @ (grid.ras_from_ijk(np.zeros(3)) - (right + left) / 2)
    assert corner == pytest.approx(np.array(BOX_LOW) + 0.5)
    assert BOX_HIGH[1] < -30, "orbits are none of its business"


def test_clear_is_what_has_a_chiasm_s_volume_and_sharp_borders():
    grid = chiasm_grid(np.array([30.0, 0, 0]), np.array([-30.0, 0, 0]))
    probability = np.zeros(grid.shape, np.float32)
    assert not Chiasm(grid, probability).is_clear
    probability[20:24, 20:28, 12:28] = 0.95
    assert Chiasm(grid, probability).is_clear
    assert not Chiasm(grid, np.where(probability > 0, probability, 0.3)).is_clear


def test_samples_show_the_chiasm_of_many_poses_either_way_round():
    samples = ChiasmSamples([], phantom_heads=1, seed=3, draws_per_head=8)
    assert len(samples) == 8
    middles = []
    for number in range(8):
        image, classes = samples.sample(number, np.random.default_rng(number))
        assert image.shape == (1, *BOX_SHAPE) and classes.shape == BOX_SHAPE
        assert image.min() >= 0 and image.max() <= 1 and classes.dtype == torch.long
        assert 60 < int(classes.sum()) < 900
        middles.append(np.argwhere(classes.numpy()).mean(axis=0))
    assert (np.ptp(middles, axis=0) > 3).all()


def test_the_parametric_chiasm_is_made_of_nerve_and_lies_where_real_ones_do():
    place = parametric(np.random.default_rng(4))
    chiasm = place.chiasm.numpy() > 0
    assert set(np.unique(place.tissues.numpy()[chiasm])) == {int(Tissue.OPTIC_NERVE)}
    room = (np.array(place.tissues.shape) - BOX_SHAPE) / 2
    z, y, x = np.argwhere(chiasm).mean(axis=0) - room + np.array(BOX_LOW[::-1])
    assert abs(x) < 2 and -63 < y < -45 and -12 < z < 27

"""Interpolation: right values at right places for every affine, label maps without steps, probabilities that add up."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.imaging.boxes import Box
from NeuroOrbitLib.imaging.geometry import (
    crop_grid,
    grid_around,
    mirror_left_right,
    resample,
    resample_labels,
    resample_probabilities,
)
from NeuroOrbitLib.imaging.image import Grid, Image

from .image_cases import AXIS_ORDERS, GEOMETRIES, ball, in_axis_order, linear_field, random_image, rotation


def dice(first: np.ndarray, second: np.ndarray) -> float:
    return 2.0 * np.count_nonzero(first & second) / (np.count_nonzero(first) + np.count_nonzero(second))


def centred_at(grid: Grid, center) -> Grid:
    affine = grid.affine.copy()
    affine[:3, 3] += np.asarray(center) - grid.center
    return Grid(grid.shape, affine)


@pytest.mark.parametrize("interpolation", ["linear", "cubic"])
@pytest.mark.parametrize("source", GEOMETRIES)
def test_a_linear_function_of_the_place_is_reproduced_on_any_other_grid(source, interpolation):
    grid = Grid((24, 26, 28), GEOMETRIES[source])
    image = Image(linear_field(grid).astype(np.float32), grid.affine)
    inner = grid_around(grid.center, 0.25 * np.array(grid.spacing) * 24 / 2, 0.7, rotation("y", 33) @ rotation("x", 14))
    for target in (inner, mirror_left_right(inner, inner.center[0])):
        np.testing.assert_allclose(resample(image, target, interpolation).array, linear_field(target), atol=2e-3)


@pytest.mark.parametrize("interpolation", ["linear", "nearest", "cubic"])
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_the_same_voxels_in_another_axis_order_keep_their_values(geometry, interpolation):
    image = random_image(geometry)
    for order, flips in AXIS_ORDERS[::5]:
        other = in_axis_order(image, order, flips)
        np.testing.assert_allclose(resample(image, other.grid, interpolation).array, other.array, atol=2e-2)


def test_nearest_keeps_type_and_values():
    image = random_image("oblique", dtype=np.int16)
    target = grid_around(image.grid.center, 3.0, 0.3)
    result = resample(image, target, "nearest")
    assert result.array.dtype == np.int16
    assert set(np.unique(result.array)) <= set(np.unique(image.array))


def test_outside_of_the_image_is_filled():
    image = random_image("anisotropic")
    beyond = grid_around(image.grid.center + np.array([300, 0, 0]), 5.0, 1.0)
    for interpolation in ("linear", "nearest", "cubic"):
        assert np.all(resample(image, beyond, interpolation, fill=-1024).array == -1024)
    half = Grid((5, 6, 14), image.affine)
    result = resample(image, half, fill=-5).array
    np.testing.assert_allclose(result[..., :7], image.array)
    assert np.all(result[..., 7:] == -5)


def test_the_input_is_not_changed():
    image = random_image("oblique", dtype=np.float32)
    before = image.array.copy()
    resample(image, grid_around(image.grid.center, 4, 0.5), antialias=True)
    np.testing.assert_array_equal(image.array, before)


def test_antialiasing_averages_noise_where_voxels_become_larger():
    rng = np.random.default_rng(3)
    image = Image(rng.normal(100, 20, (60, 60, 60)).astype(np.float32), np.diag([0.5, 0.5, 0.5, 1]))
    target = grid_around(image.grid.center, 20, 2.0)
    picked, averaged = resample(image, target).array, resample(image, target, antialias=True).array
    assert averaged.std() < 0.35 * picked.std()
    assert averaged.mean() == pytest.approx(100, abs=1)
    same = grid_around(image.grid.center, 20, 0.5)
    np.testing.assert_allclose(resample(image, same, antialias=True).array, resample(image, same).array)


@pytest.mark.parametrize("factor", [1.4, 2.5, 4.7, 9.0])
@pytest.mark.parametrize("geometry", ["anisotropic", "oblique", "sheared", "mirrored"])
def test_antialiasing_blurs_to_the_new_voxel_size_and_moves_nothing(geometry, factor):
    grid = Grid((63, 61, 59), GEOMETRIES[geometry])
    image = Image(linear_field(grid).astype(np.float32), grid.affine)
    coarse = Grid((max(int(20 / factor), 2),) * 3, grid.affine @ np.diag([factor, factor, factor, 1.0]))
    coarse = centred_at(coarse, grid.center)
    np.testing.assert_allclose(resample(image, coarse, antialias=True).array, linear_field(coarse), atol=0.15)


def test_antialiasing_has_the_width_of_the_new_voxels():
    line = np.zeros((5, 5, 401), np.float32)
    line[..., 200] = 1.0
    image = Image(line, np.eye(4))
    for factor in (2.0, 4.0, 10.0):
        target = Grid((1, 1, 401), np.diag([factor, 1.0, 1.0, 1.0]))
        shifts = np.linspace(0, factor, 20, endpoint=False)
        grids = [centred_at(target, (200 + shift, 2, 2)) for shift in shifts]
        places = np.concatenate([(np.arange(401) - 200) * factor + shift for shift in shifts])
        weights = np.concatenate([resample(image, grid, antialias=True).array.ravel() for grid in grids])
        width = 2.3548 * np.sqrt((weights * places**2).sum() / weights.sum())
        assert width == pytest.approx(factor, rel=0.2)
        assert weights.sum() * factor / 20 == pytest.approx(1.0, rel=0.05)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_labels_in_another_axis_order_are_exactly_the_same(geometry):
    labels = Image(np.random.default_rng(1).integers(0, 26, (6, 7, 8), dtype=np.uint8), GEOMETRIES[geometry])
    for order, flips in AXIS_ORDERS[::7]:
        other = in_axis_order(labels, order, flips)
        np.testing.assert_array_equal(resample_labels(labels, other.grid).array, other.array)


def test_label_outlines_are_closer_to_the_truth_than_with_nearest_neighbours():
    coarse, fine = grid_around((30, 0, 0), 40, (1.2, 1.2, 3.0)), grid_around((30, 0, 0), 36, 0.4, rotation("x", 20))
    labels = np.zeros(coarse.shape, np.uint8)
    labels[ball(coarse, (30, 0, 0), 12)] = 1
    truth = ball(fine, (30, 0, 0), 12)
    image = Image(labels, coarse.affine)
    smooth, stepped = resample_labels(image, fine).array == 1, resample(image, fine, "nearest").array == 1
    assert dice(smooth, truth) > 0.955
    assert dice(smooth, truth) > dice(stepped, truth) + 0.005


def test_touching_labels_stay_side_by_side_without_a_gap():
    labels = np.zeros((12, 12, 12), np.uint8)
    labels[:, :, 2:6], labels[:, :, 6:10] = 9, 11
    image = Image(labels, np.eye(4))
    inside = crop_grid(image.grid, Box((3, 3, 3), (9, 9, 9)))
    fine = grid_around(inside.center, 4.0, 0.3, rotation("z", 20))
    assert set(np.unique(resample_labels(image, fine).array)) == {9, 11}


def test_labels_outside_of_the_label_map_are_background():
    labels = Image(np.full((4, 4, 4), 3, np.uint8), np.eye(4))
    result = resample_labels(labels, Grid((4, 4, 10), np.eye(4))).array
    np.testing.assert_array_equal(result[0, 0], [3] * 4 + [0] * 6)


def test_probabilities_still_add_up_to_one():
    rng = np.random.default_rng(0)
    raw = rng.random((3, 8, 9, 10)).astype(np.float32)
    source = Grid((8, 9, 10), GEOMETRIES["oblique"])
    target = grid_around(source.center, 3.0, 0.4)
    result = resample_probabilities(raw / raw.sum(axis=0), source, target)
    assert result.shape == (3, *target.shape) and result.dtype == np.float32
    np.testing.assert_allclose(result.sum(axis=0), 1.0, atol=1e-5)

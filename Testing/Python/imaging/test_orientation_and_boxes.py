"""Permuting, flipping, mirroring, cropping: nothing is interpolated, and every step has its exact inverse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from NeuroOrbitLib.imaging.boxes import box_around_all
from NeuroOrbitLib.imaging.geometry import (
    Box,
    axis_codes,
    box_around,
    box_covering,
    crop,
    grid_around,
    mirror_left_right,
    paste,
    reorient_to_ras,
    resample,
    restore_orientation,
    same_voxels,
    stored_as,
    without_header_noise,
)
from NeuroOrbitLib.imaging.image import Grid, Image

from .image_cases import AXIS_ORDERS, GEOMETRIES, affine, in_axis_order, linear_field, random_image, rotation

corner = st.tuples(*[st.integers(-4, 8)] * 3)
extent = st.tuples(*[st.integers(1, 9)] * 3)


def value_at(image: Image) -> dict[tuple[float, ...], int]:
    """Voxel values by their place in the patient, rounded to a micrometre."""
    indices = np.stack(np.meshgrid(*[np.arange(n) for n in image.array.shape], indexing="ij"), -1)[..., ::-1]
    places = np.round(image.grid.ras_from_ijk(indices).reshape(-1, 3), 3) + 0.0
    return dict(zip(map(tuple, places.tolist()), image.array.ravel().tolist(), strict=True))


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_reorienting_leaves_every_voxel_at_its_place_and_is_undone_exactly(geometry):
    for order, flips in AXIS_ORDERS:
        image = in_axis_order(random_image(geometry), order, flips)
        reoriented = reorient_to_ras(image)
        assert value_at(reoriented) == value_at(image)
        assert axis_codes(reoriented.affine) == ("R", "A", "S")
        restored = restore_orientation(reoriented, image.grid)
        np.testing.assert_array_equal(restored.array, image.array)
        np.testing.assert_array_equal(restored.affine, image.affine)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_all_48_axis_orders_reorient_to_the_same_image(geometry):
    expected = reorient_to_ras(random_image(geometry))
    for order, flips in AXIS_ORDERS:
        reoriented = reorient_to_ras(in_axis_order(random_image(geometry), order, flips))
        np.testing.assert_array_equal(reoriented.array, expected.array)
        np.testing.assert_allclose(reoriented.affine, expected.affine, atol=1e-9)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_the_same_voxels_are_put_into_the_axis_order_of_the_scan(geometry):
    scan = random_image(geometry)
    for order, flips in AXIS_ORDERS:
        found = stored_as(in_axis_order(scan, order, flips), scan.grid)
        np.testing.assert_array_equal(found.array, scan.array)
        assert found.grid.same_as(scan.grid)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_a_copy_of_a_scan_is_recognised_in_every_axis_order_and_without_its_place(geometry):
    scan = random_image(geometry)
    for order, flips in AXIS_ORDERS:
        copy = in_axis_order(scan, order, flips)
        assert same_voxels(scan, copy)
        other = copy.array.copy()
        other[1, 2, 3] += 1
        assert not same_voxels(scan, copy.with_array(other))
    assert same_voxels(scan, Image(scan.array.astype(np.float32), np.eye(4)))
    assert not same_voxels(scan, Image(scan.array[1:], scan.affine))


def test_voxels_without_a_number_do_not_hide_a_copy():
    values = random_image(dtype=np.float32).array
    values[0] = np.nan
    scan = Image(values, np.eye(4))
    assert same_voxels(scan, in_axis_order(scan, (2, 0, 1), (True, False, True)))
    assert not same_voxels(scan, scan.with_array(np.nan_to_num(values)))


@pytest.mark.parametrize("spacing", [(0.46875, 0.46875, 3.0), (0.9375, 0.9, 1.2), (0.7, 0.7, 6.5)])
@pytest.mark.parametrize("angle", [0, 17])
def test_an_affine_without_noise_is_the_same_for_every_copy_and_hardly_moves_a_voxel(spacing, angle):
    exact = affine(rotation("x", angle), spacing, (-120.03, 90.0, -71.6))
    kept = without_header_noise(exact)
    random = np.random.default_rng(0)
    for _copy in range(5):
        np.testing.assert_array_equal(without_header_noise(exact + random.uniform(-2e-7, 2e-7, (4, 4))), kept)
    grid = Grid((60, 512, 512), exact)
    corners = np.array([(0, 0, 0), (511, 511, 59)])
    assert np.linalg.norm(Grid(grid.shape, kept).ras_from_ijk(corners) - grid.ras_from_ijk(corners), axis=1).max() < .06


@pytest.mark.parametrize("change", ["moved", "turned", "a slice less"])
def test_other_voxels_are_not_taken_for_those_of_the_scan(change):
    scan, pose = Image(np.zeros((8, 8, 8), np.uint8), np.eye(4)), np.eye(4)
    if change == "moved":
        pose[0, 3] = 0.5
    if change == "turned":
        pose[:3, :3] = rotation("z", 10)
        pose[:3, 3] = 3.5 - pose[:3, :3] @ [3.5, 3.5, 3.5]
    other = Image(scan.array[:-1] if change == "a slice less" else scan.array, pose)
    assert stored_as(other, scan.grid) is other


@settings(max_examples=60, deadline=None)
@given(
    matrix=npst.arrays(np.float64, (3, 3), elements=st.floats(-2, 2)),
    shape=extent,
)
def test_reorienting_any_affine_is_undone_exactly(matrix, shape):
    if abs(np.linalg.det(matrix)) < 1e-3:
        return
    image = Image(np.arange(np.prod(shape), dtype=np.int32).reshape(shape), affine(matrix))
    reoriented = reorient_to_ras(image)
    np.testing.assert_array_equal(restore_orientation(reoriented, image.grid).array, image.array)
    np.testing.assert_allclose(
        reoriented.grid.ras_from_ijk((0, 0, 0)), reoriented.affine[:3, 3], atol=1e-12
    )
    assert abs(np.linalg.det(reoriented.affine) / np.linalg.det(image.affine)) == pytest.approx(1.0)


def test_a_result_that_lies_elsewhere_is_not_restored():
    image = random_image("anisotropic")
    moved = Image(image.array, mirror_left_right(image.grid, 100.0).affine)
    with pytest.raises(ValueError, match="do not lie"):
        restore_orientation(moved, image.grid)
    with pytest.raises(ValueError, match="do not lie"):
        restore_orientation(crop(image, Box((0, 0, 0), (5, 6, 6))), image.grid)


def test_axis_codes_name_where_each_index_axis_points():
    assert axis_codes(np.diag([1.0, 1.0, 1.0, 1.0])) == ("R", "A", "S")
    assert axis_codes(np.diag([-1.0, -1.0, 1.0, 1.0])) == ("L", "P", "S")
    sagittal = affine(np.array([[0, 0, 1.0], [1, 0, 0], [0, -1, 0]]) @ rotation("z", 12))
    assert axis_codes(sagittal) == ("A", "I", "R")


def test_mirroring_exchanges_right_and_left_at_the_plane_and_twice_gives_the_original():
    image = random_image("oblique")
    mirrored = mirror_left_right(image, plane_x=4.0)
    assert mirrored.array is image.array
    here, there = image.grid.ras_from_ijk((2, 3, 1)), mirrored.grid.ras_from_ijk((2, 3, 1))
    np.testing.assert_allclose(there, [8.0 - here[0], here[1], here[2]])
    assert np.linalg.det(mirrored.affine) == pytest.approx(-np.linalg.det(image.affine))
    np.testing.assert_allclose(mirror_left_right(mirrored, 4.0).affine, image.affine, atol=1e-12)
    assert isinstance(mirror_left_right(image.grid), Grid)


@settings(max_examples=80, deadline=None)
@given(start=corner, size=extent)
def test_cropping_keeps_places_fills_outside_and_is_undone_by_pasting(start, size):
    image = random_image("sheared")
    box = Box(start, tuple(np.add(start, size)))
    part = crop(image, box, fill=-7)
    assert part.array.shape == box.shape
    whole = value_at(image)
    for place, value in value_at(part).items():
        assert value == whole.get(place, -7)
    np.testing.assert_array_equal(paste(image, part, box).array, image.array)


def test_pasting_changes_the_box_only():
    image = random_image("axial")
    box = Box((1, 2, 3), (3, 4, 9))
    pasted = paste(image, crop(image, box).with_array(np.full(box.shape, -1, np.int16)), box)
    changed = pasted.array != image.array
    assert box_around(changed) == box.inside(image.array.shape)
    with pytest.raises(ValueError, match="shape"):
        paste(image, image, box)


def test_box_around_is_tight_and_none_for_nothing():
    mask = np.zeros((4, 5, 6), bool)
    assert box_around(mask) is None
    mask[1, 2, 3] = mask[2, 4, 3] = True
    assert box_around(mask) == Box((1, 2, 3), (3, 5, 4))
    with pytest.raises(ValueError, match="empty"):
        Box((0, 0, 0), (1, 0, 1))


def test_box_covering_holds_all_voxels_that_interpolation_needs():
    grid = Grid((20, 30, 40), GEOMETRIES["oblique"])
    target = grid_around(grid.center, 6.0, 0.5, rotation("y", 25))
    box = box_covering(grid, target, margin=1)
    field = linear_field(grid)
    only_box = np.full(grid.shape, np.nan)
    only_box[box.slices] = field[box.slices]
    resampled = resample(Image(only_box, grid.affine), target).array
    np.testing.assert_allclose(resampled, linear_field(target), atol=1e-3)
    far = grid_around(grid.center + np.array([500, 0, 0]), 6.0, 0.5)
    assert box_covering(grid, far) is None


def test_grid_around_is_centred_and_large_enough():
    grid = grid_around((31.0, -4.0, 9.5), (40.0, 50.0, 30.0), (0.5, 0.6, 1.1), rotation("z", 30))
    np.testing.assert_allclose(grid.center, (31.0, -4.0, 9.5))
    np.testing.assert_allclose(grid.spacing, (0.5, 0.6, 1.1))
    assert grid.shape == (28, 84, 80)
    np.testing.assert_allclose(grid.affine[:3, 0], 0.5 * rotation("z", 30)[:, 0])
    assert grid_around((0, 0, 0), 64, 1.25).shape == (52, 52, 52)


def test_a_box_around_several_finds_its_parts_again():
    parts = [Box((1, 5, 2), (3, 7, 6)), Box((0, 6, 4), (2, 9, 5))]
    whole = box_around_all(parts)
    assert whole == Box((0, 5, 2), (3, 9, 6))
    array = np.arange(10 * 10 * 10).reshape(10, 10, 10)
    for part in parts:
        np.testing.assert_array_equal(array[whole.slices][part.within(whole)], array[part.slices])

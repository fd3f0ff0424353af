"""Thick slices divided into thin ones: their means stay, edges lie where they are, geometry is kept."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.imaging.thin_slices import has_coarse_voxels, has_thick_slices, in_thin_slices, number_of_parts


def _thick(thin: np.ndarray, parts: int, axis: int = 0) -> Image:
    """The image (1 mm voxels) as slices of ``parts`` mm along array axis ``axis`` show it."""
    moved = np.moveaxis(thin, axis, 0)
    means = moved.reshape(len(moved) // parts, parts, *moved.shape[1:]).mean(axis=1)
    affine = np.diag([1.0, 1.0, 1.0, 1.0])
    affine[2 - axis, 2 - axis] = parts
    affine[2 - axis, 3] = (parts - 1) / 2
    return Image(np.ascontiguousarray(np.moveaxis(means, 0, axis)).astype(np.float32), affine)


def _sheet(size: int = 36, rise: float = 0.5, width: float = 4.0) -> np.ndarray:
    """A bright sheet that rises obliquely through the image, in fat of -100."""
    height, across, _depth = np.mgrid[:size, :size, :size].astype(float)
    return np.where(np.abs(height - 8 - rise * across) < width / 2, 50.0, -100.0)


def _dice(found: np.ndarray, truth: np.ndarray) -> float:
    return float(2 * (found & truth).sum() / (found.sum() + truth.sum()))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_means_over_each_slice_stay(axis: int) -> None:
    thick = _thick(np.moveaxis(_sheet(), 0, axis), 3, axis)
    thin = in_thin_slices(thick, 1.0, -100.0, 50.0)
    assert thin.array.shape[axis] == 36
    means = np.moveaxis(thin.array, axis, 0).reshape(12, 3, 36, 36).mean(axis=1)
    assert np.abs(means - np.moveaxis(thick.array, axis, 0)).mean() < 0.02 * 150


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_thin_slices_lie_where_thick_ones_did(axis: int) -> None:
    thick = _thick(np.moveaxis(_sheet(), 0, axis), 3, axis)
    thin = in_thin_slices(thick, 1.0, -100.0, 50.0)
    assert np.allclose(thin.affine, np.eye(4))
    assert np.allclose(sorted(thin.spacing), 1.0)


@pytest.mark.parametrize(("parts", "rise", "width"), [(3, 0.5, 2.0), (3, 0.2, 2.0), (5, 0.5, 4.0)])
def test_a_thin_oblique_sheet_is_seen_better_than_by_interpolation(parts: int, rise: float, width: float) -> None:
    sheet = _sheet(size=30, rise=rise, width=width)
    thick = _thick(sheet, parts)
    interpolated = ndimage.zoom(thick.array, (parts, 1, 1), order=1, grid_mode=True, mode="nearest")
    sharper = in_thin_slices(thick, 1.0, -100.0, 50.0).array
    assert _dice(sharper > -25, sheet > -25) > _dice(interpolated > -25, sheet > -25) + 0.1


def test_noise_and_metal_do_not_ring() -> None:
    noisy = _sheet() + np.random.default_rng(3).normal(0, 20, (36, 36, 36))
    noisy[10:14, 10:14, 10:14] = 3000.0
    thin = in_thin_slices(_thick(noisy, 3), 1.0, -100.0, 50.0).array
    assert thin.min() > -100 - 0.7 * 150
    assert thin.max() < 50 + 0.7 * 150


def test_thin_even_and_empty_slices_stay_the_image() -> None:
    thin = Image(_sheet().astype(np.float32), np.eye(4))
    assert in_thin_slices(thin, 1.0, -100.0, 50.0) is thin
    thick = _thick(_sheet(), 3)
    assert in_thin_slices(thick, 1.0, 50.0, 50.0) is thick


@pytest.mark.parametrize(("spacing", "thick"), [
    ((0.5, 0.5, 3.0), True), ((5.0, 0.9, 0.9), True), ((0.5, 2.0, 0.5), True),
    ((2.0, 2.0, 2.0), False), ((0.5, 0.5, 1.25), False), ((1.5, 1.5, 2.0), False),
])
def test_thick_slices_are_thicker_than_their_voxels_are_wide(spacing: tuple[float, float, float], thick: bool) -> None:
    assert has_thick_slices(spacing) is thick


@pytest.mark.parametrize(("spacing", "coarse"), [((1.0, 1.0, 1.5), False), ((0.5, 0.5, 3.0), True),
                                                 ((2.0, 2.0, 2.0), True)])
def test_voxels_are_coarse_whichever_axis_is_long(spacing: tuple[float, ...], coarse: bool) -> None:
    assert has_coarse_voxels(spacing) is coarse
    assert coarse or not has_thick_slices(spacing)


@pytest.mark.parametrize("noise", [-2e-7, 0.0, 2e-7])
def test_the_rounding_of_headers_makes_no_slices_thick(noise: float) -> None:
    """Oblique slices of 1.5 mm were thick in one copy of a scan, which moved 1.6 % of its labelled voxels."""
    assert not has_coarse_voxels((0.75, 0.75, 1.5 + noise))
    assert not has_thick_slices((0.75, 0.75, 1.5 + noise))
    assert not has_thick_slices((1.6 + noise, 1.6, 2.4 - noise))
    assert number_of_parts(2.5 + noise, 1.0) == 2

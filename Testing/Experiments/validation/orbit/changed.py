"""Copies of a scan in which the same anatomy must be found, and images whose results must not be trusted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from NeuroOrbitLib.imaging.geometry import grid_around, mirror_left_right, reorient_to_ras, resample
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import looks_like_ct

Change = Callable[[Image], Image]


def rescaled(image: Image) -> Image:
    """Return an MRI in other units; CT, which has fixed units, is left unchanged."""
    if looks_like_ct(image):
        return image
    return image.with_array((image.array.astype(np.float32) - float(image.array.min())) * 7.3)


def reoriented(image: Image) -> Image:
    """Return the scan stored in another axis order, with one axis reversed."""
    affine = image.affine[:, [2, 0, 1, 3]].copy()
    affine[:3, 3] += affine[:3, 0] * (image.array.shape[0] - 1)
    affine[:3, 0] *= -1
    return Image(np.ascontiguousarray(np.flip(image.array.transpose(1, 2, 0), 2)), affine)


def noised(image: Image) -> Image:
    """Return the scan with noise of 2 % of the range of grey values (12 HU in CT)."""
    sigma = 12.0 if looks_like_ct(image) else 0.02 * float(np.percentile(image.array, 99.5) - image.array.min())
    noise = np.random.default_rng(5).standard_normal(image.array.shape, dtype=np.float32)
    return image.with_array(image.array + sigma * noise)


def coarser(image: Image) -> Image:
    """Return the scan with voxels a quarter larger, turned by 10 degrees."""
    straight = reorient_to_ras(image)
    angle = np.deg2rad(10.0)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    size = np.array(straight.array.shape[::-1]) * straight.spacing
    grid = grid_around(straight.grid.center, tuple(size), tuple(1.25 * np.array(straight.spacing)), turn)
    return resample(straight, grid, fill=float(image.array.min()), antialias=True)


#: Changes of a scan that must not change the result.
COPIES: dict[str, Change] = {"rescaled": rescaled, "reoriented": reoriented, "noised": noised,
                             "coarser, oblique": coarser, "mirrored": mirror_left_right}


def noise(image: Image) -> Image:
    """Return an image of pure noise."""
    return image.with_array(np.random.default_rng(3).normal(100, 30, image.array.shape).astype(np.float32))


def inverted(image: Image) -> Image:
    """Return the scan with bright and dark exchanged."""
    return image.with_array(float(image.array.max()) + float(image.array.min()) - image.array.astype(np.float32))


def scrambled(image: Image) -> Image:
    """Return the scan with slabs of slices in the wrong order."""
    order = np.random.default_rng(8).permutation(np.arange(image.array.shape[0]) // 3)
    return image.with_array(image.array[np.argsort(order, kind="stable")])


def behind_the_eyes(image: Image) -> Image:
    """Return the rear third of a scan, which shows only brain and neck."""
    straight = reorient_to_ras(image)
    rear = max(straight.array.shape[1] // 3, 8)
    return Image(np.ascontiguousarray(straight.array[:, :rear]), straight.affine)


#: Images whose results must not be trusted.
STRANGERS: dict[str, Change] = {"noise": noise, "inverted": inverted, "scrambled": scrambled,
                                "behind the eyes": behind_the_eyes}

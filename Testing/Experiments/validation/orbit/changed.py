"""Copies of a scan in which the same anatomy must be found again, and images in which nothing may be trusted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from NeuroOrbitLib.imaging.geometry import grid_around, mirror_left_right, reorient_to_ras, resample
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import looks_like_ct

Change = Callable[[Image], Image]


def rescaled(image: Image) -> Image:
    """Other units of MRI; CT has its own, which are left alone."""
    if looks_like_ct(image):
        return image
    return image.with_array((image.array.astype(np.float32) - float(image.array.min())) * 7.3)


def reoriented(image: Image) -> Image:
    """Stored in another order of the axes, one of them reversed."""
    affine = image.affine[:, [2, 0, 1, 3]].copy()
    affine[:3, 3] += affine[:3, 0] * (image.array.shape[0] - 1)
    affine[:3, 0] *= -1
    return Image(np.ascontiguousarray(np.flip(image.array.transpose(1, 2, 0), 2)), affine)


def noised(image: Image) -> Image:
    """With noise of 2 % of the range of grey values (12 HU in CT)."""
    sigma = 12.0 if looks_like_ct(image) else 0.02 * float(np.percentile(image.array, 99.5) - image.array.min())
    noise = np.random.default_rng(5).standard_normal(image.array.shape, dtype=np.float32)
    return image.with_array(image.array + sigma * noise)


def coarser(image: Image) -> Image:
    """On voxels a quarter larger, turned by 10 degrees."""
    straight = reorient_to_ras(image)
    angle = np.deg2rad(10.0)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    size = np.array(straight.array.shape[::-1]) * straight.spacing
    grid = grid_around(straight.grid.center, tuple(size), tuple(1.25 * np.array(straight.spacing)), turn)
    return resample(straight, grid, fill=float(image.array.min()), antialias=True)


#: What may be done to a scan without changing what is found.
COPIES: dict[str, Change] = {"rescaled": rescaled, "reoriented": reoriented, "noised": noised,
                             "coarser, oblique": coarser, "mirrored": mirror_left_right}


def noise(image: Image) -> Image:
    """Nothing but noise."""
    return image.with_array(np.random.default_rng(3).normal(100, 30, image.array.shape).astype(np.float32))


def inverted(image: Image) -> Image:
    """Bright and dark turned round."""
    return image.with_array(float(image.array.max()) + float(image.array.min()) - image.array.astype(np.float32))


def scrambled(image: Image) -> Image:
    """Slabs of slices in the wrong order."""
    order = np.random.default_rng(8).permutation(np.arange(image.array.shape[0]) // 3)
    return image.with_array(image.array[np.argsort(order, kind="stable")])


def behind_the_eyes(image: Image) -> Image:
    """The rear third of a scan: brain and neck only."""
    straight = reorient_to_ras(image)
    rear = max(straight.array.shape[1] // 3, 8)
    return Image(np.ascontiguousarray(straight.array[:, :rear]), straight.affine)


#: What no result should be trusted on.
STRANGERS: dict[str, Change] = {"noise": noise, "inverted": inverted, "scrambled": scrambled,
                                "behind the eyes": behind_the_eyes}

"""Interpolation of images on other grids, for any affine, including oblique, mirrored and sheared ones.

ITK images cannot have sheared axes. Both grids are therefore passed to ITK in index space, where they are regular, and
the whole geometry is put into one affine transform from output index to input index.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import SimpleITK as sitk

from NeuroOrbitLib.imaging.boxes import Box, box_around, box_covering, crop, crop_grid
from NeuroOrbitLib.imaging.image import Grid, Image

Interpolation = Literal["linear", "nearest", "cubic"]
_INTERPOLATORS = {"linear": sitk.sitkLinear, "nearest": sitk.sitkNearestNeighbor, "cubic": sitk.sitkBSpline}
_MARGINS = {"linear": 1, "nearest": 1, "cubic": 8}
_FWHM_PER_SIGMA = 2.3548


def resample(
    image: Image,
    grid: Grid,
    interpolation: Interpolation = "linear",
    fill: float = 0.0,
    antialias: bool = False,
) -> Image:
    """Interpolate ``image`` on ``grid``.

    :param image: the image, on any grid.
    :param grid: grid of the result.
    :param interpolation: "linear", "nearest" (keeps the voxel type) or "cubic" (B-spline of order 3). Linear and cubic
        interpolation give ``float32``.
    :param fill: value outside of the image.
    :param antialias: whether to smooth the image first to the resolution of coarser output voxels, so that noise and
        thin structures are averaged instead of being sampled at random.
    """
    needed = box_covering(image.grid, grid, _MARGINS[interpolation])
    if needed is None:
        kind = image.array.dtype if interpolation == "nearest" else np.float32
        return Image(np.full(grid.shape, fill, dtype=kind), grid.affine)
    source = antialiased(image, grid) if antialias else crop(image, needed)
    itk_source = _in_index_space(source.array, keep_type=interpolation == "nearest")
    itk_result = _resample_in_index_space(itk_source, source.grid, grid, _INTERPOLATORS[interpolation], fill)
    return Image(sitk.GetArrayFromImage(itk_result).astype(_result_type(image, interpolation), copy=False), grid.affine)


def antialiased(image: Image, grid: Grid, margin_mm: float = 0.0) -> Image:
    """Return the part of ``image`` around ``grid``, smoothed to the resolution of ``grid``; ``float32``.

    For resampling on several similar grids, which then needs to smooth only once.

    :param image: the image, on any grid.
    :param grid: grid whose resolution the result gets.
    :param margin_mm: distance in mm by which the grids may extend beyond ``grid``.
    """
    margin = 8 + max(_MARGINS.values()) + int(np.ceil(margin_mm / min(image.spacing)))
    box = box_covering(image.grid, grid, margin)
    return _smoothed(image if box is None else crop(image, box), grid)


def resample_labels(labels: Image, grid: Grid) -> Image:
    """Interpolate a label map on ``grid``: each label linearly; every voxel gets the label with the largest share.

    Outlines stay smooth where nearest-neighbour interpolation makes steps. A voxel in which the background has a larger
    share than any label is background (0), as are all voxels outside of ``labels``.
    """
    result = np.zeros(grid.shape, dtype=labels.array.dtype)
    source_box = box_around(labels.array)
    box = None if source_box is None else box_covering(grid, crop_grid(labels.grid, source_box.grown(1)), 1)
    if box is not None:
        result[box.slices] = _largest_shares(crop(labels, source_box), crop_grid(grid, box))
    return Image(result, grid.affine)


def resample_probabilities(channels: np.ndarray, from_grid: Grid, to_grid: Grid) -> np.ndarray:
    """Interpolate probability maps of shape (C, K, J, I) linearly; return ``float32``, 0 outside of ``from_grid``."""
    result = np.empty((channels.shape[0], *to_grid.shape), dtype=np.float32)
    for channel, out in zip(channels, result, strict=True):
        out[...] = resample(Image(channel, from_grid.affine), to_grid).array
    return result


def _largest_shares(labels: Image, grid: Grid) -> np.ndarray:
    """Return the label with the largest share of each voxel of ``grid``, or 0 where the background has a larger one."""
    result = np.zeros(grid.shape, dtype=labels.array.dtype)
    best = np.zeros(grid.shape, dtype=np.float32)
    total = np.zeros(grid.shape, dtype=np.float32)
    for value in np.unique(labels.array[labels.array != 0]):
        share, box = _share_of_label(labels, value, grid)
        if box is None:
            continue
        total[box.slices] += share
        wins = share > best[box.slices]
        best[box.slices][wins] = share[wins]
        result[box.slices][wins] = value
    result[best < np.float32(1.0 - 1e-4) - total] = 0
    return result


def _share_of_label(labels: Image, value: int, grid: Grid) -> tuple[np.ndarray | None, Box | None]:
    """Return the share of a label in each voxel of a box of ``grid``, and the box, outside of which it is zero."""
    mask = labels.array == value
    source_box = box_around(mask).grown(1)
    source = crop(Image(mask.astype(np.uint8), labels.affine), source_box)
    box = box_covering(grid, source.grid, 1)
    if box is None:
        return None, None
    return resample(source, crop_grid(grid, box)).array, box


def _in_index_space(array: np.ndarray, keep_type: bool) -> sitk.Image:
    if array.dtype == np.bool_:
        array = array.astype(np.uint8)
    if not keep_type or array.dtype == np.float16:
        array = array.astype(np.float32, copy=False)
    return sitk.GetImageFromArray(np.ascontiguousarray(array))


def _result_type(image: Image, interpolation: Interpolation) -> np.dtype:
    return image.array.dtype if interpolation == "nearest" else np.dtype(np.float32)


def _smoothed(image: Image, target: Grid) -> Image:
    """Return the image blurred to the resolution of ``target`` along the axes where that is coarser; ``float32``.

    The blur is a Gaussian whose full width at half maximum makes up for the difference of the voxel sizes. If the
    target is much coarser, blocks of voxels are averaged first, which gives most of the blur at little cost.
    """
    coarseness = _coarseness(image.grid, target)
    factors = np.maximum(coarseness / 1.5, 1.0).astype(int)
    variances = np.maximum(coarseness**2 - 1.0, 0.0) / _FWHM_PER_SIGMA**2 - (factors**2 - 1.0) / 12.0
    blocks = _block_means(image, factors)
    itk_image = sitk.GetImageFromArray(blocks.array)
    for axis, sigma in enumerate(np.sqrt(np.maximum(variances, 0.0)) / factors):
        if sigma > 0.1 and blocks.array.shape[2 - axis] >= 4:
            itk_image = sitk.RecursiveGaussian(itk_image, float(sigma), direction=axis)
    return blocks.with_array(sitk.GetArrayFromImage(itk_image).astype(np.float32, copy=False))


def _coarseness(source: Grid, target: Grid) -> np.ndarray:
    """Return the number of voxels of ``source`` that one of ``target`` spans along the source's axes I, J, K."""
    return np.abs(np.linalg.inv(source.affine)[:3, :3] @ target.affine[:3, :3]).max(axis=1)


def _block_means(image: Image, factors: np.ndarray) -> Image:
    """Return the means of blocks of ``factors`` voxels (I, J, K); the last voxels are repeated to fill up blocks."""
    array = image.array
    for axis, factor in zip((2, 1, 0), factors.tolist(), strict=True):
        if factor == 1:
            continue
        missing = -array.shape[axis] % factor
        array = np.pad(array, [(0, missing if other == axis else 0) for other in range(3)], mode="edge")
        shape = (*array.shape[:axis], array.shape[axis] // factor, factor, *array.shape[axis + 1 :])
        array = array.reshape(shape).mean(axis=axis + 1, dtype=np.float32)
    affine = image.affine.copy()
    affine[:3, 3] = image.grid.ras_from_ijk((factors - 1) / 2.0)
    affine[:3, :3] *= factors
    return Image(np.ascontiguousarray(array, dtype=np.float32), affine)


def _resample_in_index_space(
    itk_source: sitk.Image, source: Grid, target: Grid, interpolator: int, fill: float
) -> sitk.Image:
    matrix = np.linalg.inv(source.affine) @ target.affine
    # Rounding errors in the affines must not move coinciding voxels across the edge of the image.
    matrix[np.abs(matrix - np.round(matrix)) < 1e-7] = np.round(matrix)[np.abs(matrix - np.round(matrix)) < 1e-7]
    transform = sitk.AffineTransform(3)
    transform.SetMatrix(matrix[:3, :3].ravel().tolist())
    transform.SetTranslation(matrix[:3, 3].tolist())
    identity = np.eye(3).ravel().tolist()
    size = [int(number) for number in reversed(target.shape)]
    kind = itk_source.GetPixelID()
    return sitk.Resample(itk_source, size, transform, interpolator, [0.0] * 3, [1.0] * 3, identity, fill, kind)


def on_grid(labels: Image, grid: Grid) -> Image:
    """Return a label map on ``grid`` by nearest-neighbour interpolation; itself if it already lies on that grid."""
    return labels if labels.grid.same_as(grid) else resample(labels, grid, "nearest")

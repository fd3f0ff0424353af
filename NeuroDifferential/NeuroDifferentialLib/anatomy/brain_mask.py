"""Segmentation of the brain in an MR image by morphology, and detection of the skull, without a network."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.imaging.geometry import resample
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.pieces import largest_piece
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Depths below the outer surface (mm): skin and fat, skull and fluid, brain.
_SCALP, _SKULL, _DEEP = (0, 5), (5, 16), (24, 40)
#: If there is a scalp, the darkest layer below it is darker than this fraction of the layers around it.
_DARK_RIM = 0.62
#: Largest volume (ml) of a stripped brain; with fat suppression the scalp is too dark to be seen as a rim.
_LARGEST_BRAIN_ML = 1650.0
#: Voxel size (mm) at which the mask is computed; thicker slices keep their thickness.
WORKING_SPACING = 2.0
#: Radius (mm) up to which bridges between the brain and scalp, orbits or neck are cut.
_BRIDGE_MM = 5.0
#: Largest height (mm) of a brain, even if the head is nodded.
_HIGHEST_BRAIN_MM = 150.0
#: Half the width (mm) of sulci that are filled.
_FURROW_MM = 8.0
_SMALLEST_BRAIN_ML = 300.0


def head_mask(image: Image) -> np.ndarray:
    """Return a mask (bool, K, J, I) of the head, or of the brain in a stripped scan, without holes."""
    voxels = image.array.astype(np.float32)
    bright = float(np.percentile(voxels[voxels > np.median(voxels)], 90)) if (voxels > np.median(voxels)).any() else 1.0
    mask = largest_piece(ndimage.binary_opening(voxels > 0.15 * bright))
    return np.stack([ndimage.binary_fill_holes(section) for section in mask])


def has_skull(image: Image, head: np.ndarray) -> bool:
    """Return whether the scan shows skull and scalp around the brain.

    A whole head is larger than a brain. Below its surface there are bright skin, dark bone and fluid, then brain; a
    stripped brain does not become darker with depth.

    :param head: mask of :func:`head_mask`.
    """
    if np.count_nonzero(head) * image.grid.voxel_volume / 1000.0 > _LARGEST_BRAIN_ML:
        return True
    profile = _upper_profile(image, head)
    outer, middle, deep = (profile[first:last] for first, last in (_SCALP, _SKULL, _DEEP))
    if any(np.isnan(part).all() for part in (outer, middle, deep)):  # too thin to hold skull and brain
        return False
    return bool(np.nanmin(middle) < _DARK_RIM * min(np.nanmedian(deep), np.nanmax(outer) / 0.8))


def _upper_profile(image: Image, head: np.ndarray) -> np.ndarray:
    """Return the median brightness by depth below the surface (mm) in the upper half of the head, shape (41,).

    Depths without voxels are NaN: on a grid of 2 mm, for example, no voxel is 3 or 9 mm deep.
    """
    spacing = image.spacing[::-1]
    filled = np.flatnonzero(head.any(axis=(1, 2)))
    first = filled[0] + round(0.5 * len(filled))
    last = filled[0] + max(round(0.85 * len(filled)), round(0.5 * len(filled)) + 1)
    # Depth is measured within the slices, because the head continues above the scan's last slice.
    depth = np.stack([ndimage.distance_transform_edt(section, spacing[1:]) for section in head[first:last]])
    voxels = image.array[first:last]
    bins = np.minimum(depth.astype(int), 40)
    values = [voxels[(bins == number) & head[first:last]] for number in range(41)]
    return np.array([float(np.median(each)) if each.size else np.nan for each in values])


def brain_mask(image: Image) -> np.ndarray:
    """Return a mask (bool, K, J, I) of the brain in a FLAIR or T1 image, with or without skull.

    :raises Problem: if nothing as large as a brain can be separated from its surroundings.
    """
    small = resample(image, _working_grid(image), antialias=True)
    head = head_mask(small)
    mask = _inside_skull(small, head) if has_skull(small, head) else _without_furrows(head, small.spacing[::-1])
    if np.count_nonzero(mask) * small.grid.voxel_volume / 1000.0 < _SMALLEST_BRAIN_ML:
        raise Problem(_("No whole brain can be found in this scan. Choose a FLAIR series that covers the brain."))
    return resample(small.with_array(mask.astype(np.float32)), image.grid).array > 0.5


def _working_grid(image: Image) -> Grid:
    """Return the grid of the image with voxels of at least 2 mm."""
    spacing = np.array(image.spacing)
    steps = np.maximum(spacing, WORKING_SPACING) / spacing
    count = np.maximum(np.floor(np.array(image.array.shape[::-1]) / steps + 1e-6).astype(int), 1)
    affine = image.affine.copy()
    affine[:3, :3] = image.affine[:3, :3] * steps
    affine[:3, 3] = image.grid.ras_from_ijk((steps - 1) / 2)
    return Grid(tuple(count[::-1]), affine)


def _inside_skull(image: Image, head: np.ndarray) -> np.ndarray:
    spacing = image.spacing[::-1]
    level = _brain_level(image, head)
    tissue = head & (image.array > 0.6 * level) & (image.array < 2.2 * level)
    depth = ndimage.distance_transform_edt(tissue, spacing)
    core = _without_neck(_deepest(depth > _BRIDGE_MM, head, spacing), spacing[0])
    if not core.any():
        return core
    # Brain that was cut off is restored, but only within tissue and not far beyond the cut.
    away = ndimage.distance_transform_edt(~core, spacing)
    return _without_furrows(tissue & (away <= _BRIDGE_MM + 1.5), spacing) & head


def _without_neck(core: np.ndarray, thickness: float) -> np.ndarray:
    """Return the core (bool, K, J, I) without the part that is further below its top than any brain extends."""
    filled = np.flatnonzero(core.any(axis=(1, 2)))
    result = core.copy()
    if len(filled):
        result[: max(filled[-1] + 1 - round(_HIGHEST_BRAIN_MM / thickness), 0)] = False
    return result


def _without_furrows(brain: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    """Return the brain (bool, K, J, I) with sulci and ventricles filled, as fluid may be as dark as air."""
    closed = _closed(brain, spacing, _FURROW_MM)
    return np.stack([ndimage.binary_fill_holes(section) for section in closed])


def _brain_level(image: Image, head: np.ndarray) -> float:
    """Return the median brightness deep inside the upper half of the head, where there is only brain."""
    spacing = image.spacing[::-1]
    filled = np.flatnonzero(head.any(axis=(1, 2)))
    middle = slice(filled[0] + round(0.5 * len(filled)), filled[0] + round(0.85 * len(filled)) + 1)
    deep = np.stack([ndimage.distance_transform_edt(section, spacing[1:]) > 25.0 for section in head[middle]])
    return float(np.median(image.array[middle][deep])) if deep.any() else float(np.median(image.array[head]))


def _deepest(mask: np.ndarray, head: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    """Return the connected piece of the mask with the largest volume in the upper two thirds of the head."""
    pieces, count = ndimage.label(mask)
    if count == 0:
        return mask
    filled = np.flatnonzero(head.any(axis=(1, 2)))
    upper = pieces[filled[0] + len(filled) // 3:]
    sizes = np.bincount(upper.ravel(), minlength=count + 1)
    sizes[0] = 0
    return pieces == sizes.argmax()


def _closed(mask: np.ndarray, spacing: tuple[float, ...], radius: float) -> np.ndarray:
    """Return the morphological closing of a mask with a ball of ``radius`` mm."""
    pad = [int(np.ceil(radius / step)) + 1 for step in spacing]
    wide = np.pad(mask, [(p, p) for p in pad])
    grown = ndimage.distance_transform_edt(~wide, spacing) <= radius
    closed = ndimage.distance_transform_edt(grown, spacing) > radius
    return closed[tuple(slice(p, -p) for p in pad)] | mask

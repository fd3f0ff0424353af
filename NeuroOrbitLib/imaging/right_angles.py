"""Removal of the shear that a tilted gantry gives to the axes of an image, without changing any voxel's value."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.nifti_header import has_shear


def at_right_angles(labels: Image, scan: Image | None = None) -> tuple[Image, Image | None]:
    """Return a label map and its scan on a grid with orthogonal axes and the same slices; unchanged if they have one.

    Every slice is moved within its plane by whole voxels, so that numbers of voxels, volumes and grey values do not
    change. A slice then lies at most half a voxel from its place, which is within the resolution of the image.

    :param labels: the label map; 0 beyond its edges.
    :param scan: scan on the same grid, or None; its lowest value is used beyond its edges.
    """
    if not has_shear(labels.affine):
        return labels, scan
    affine, shape = labels.affine, labels.array.shape[::-1]
    order = np.argsort(labels.spacing, kind="stable")  # the slices that are farthest apart keep their planes
    axes, sheared = np.linalg.qr(affine[:3, :3][:, order])
    steps = np.diag(sheared).copy()
    straight, arrays = affine.copy(), [labels.array, *([] if scan is None else [scan.array])]
    fills = [0, *(array.min() for array in arrays[1:])]
    straight[:3, order] = axes * steps
    for along, by in ((0, 1), (0, 2), (1, 2)):
        shifts = np.rint(sheared[along, by] / steps[along] * np.arange(shape[order[by]])).astype(int)
        straight[:3, 3] += shifts.min() * straight[:3, order[along]]
        arrays = [_shifted(array, 2 - order[along], 2 - order[by], shifts - shifts.min(), fill)
                  for array, fill in zip(arrays, fills, strict=True)]
    moved = [Image(array, straight) for array in arrays]
    return moved[0], moved[1] if scan is not None else None


def _shifted(array: np.ndarray, along: int, by: int, shifts: np.ndarray, fill: float) -> np.ndarray:
    """Return the array with each of its layers shifted along an axis.

    :param along: axis along which layers are shifted.
    :param by: axis along which the layers are counted.
    :param shifts: shift of each layer in voxels, 0 or more.
    :param fill: value of voxels without a source.
    """
    shape = list(array.shape)
    shape[along] += int(shifts.max())
    found = np.full(shape, fill, dtype=array.dtype)
    layers, moved = (np.moveaxis(each, (by, along), (0, 1)) for each in (array, found))
    for layer, place, shift in zip(layers, moved, shifts.tolist(), strict=True):
        place[shift:shift + len(layer)] = layer
    return found

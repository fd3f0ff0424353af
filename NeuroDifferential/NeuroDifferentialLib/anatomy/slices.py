"""Input of the network of the brain's parts: brightness of a slice and its neighbours, plane, and spacing."""

from __future__ import annotations

import numpy as np

from NeuroDifferentialLib.slices.planes import UNIT_MM, neighbours

#: Number of input channels: a slice and its two neighbours, the distance of slices, and one for each of the three axes.
INPUT_COUNT = 7
SLICES = 3
#: Brightness, in multiples of the tissue's, at which the input is saturated.
_BRIGHTEST = 2.5


def shown(voxels: np.ndarray) -> np.ndarray:
    """Return the normalised brightness of a scan (K, J, I), uint8: 0 to 2.5 times the brightness of the head's tissue.

    Voxels brighter than the mean of all voxels count as tissue, so that neither the scanner's scale nor the amount of
    air matters.
    """
    voxels = voxels.astype(np.float32)
    bright = voxels[voxels > voxels.mean()]
    level = max(float(bright.mean()) if bright.size else 0.0, 1e-6)
    return np.rint(255 * np.clip(voxels / (_BRIGHTEST * level), 0, 1)).astype(np.uint8)


def slice_inputs(seen: np.ndarray, axis: int, index: int, spacing: tuple[float, float, float]) -> np.ndarray:
    """Return the network's input for one slice, float32 (inputs, rows, columns), 0 to 1.

    :param seen: scan from :func:`shown`, uint8 (K, J, I) in RAS axis order.
    :param axis: axis across which the slice is taken, 0 to 2 for K, J, I.
    :param index: index of the slice along the axis.
    :param spacing: voxel size (mm) along K, J, I.
    """
    before, after = neighbours(index, seen.shape[axis], spacing[axis])
    own = [np.take(seen, place, axis=axis) for place in (index, before, after)]
    result = np.zeros((INPUT_COUNT, *own[0].shape), np.float32)
    for number, voxels in enumerate(own):
        np.multiply(voxels, np.float32(1 / 255), out=result[number])
    result[SLICES] = spacing[axis] / UNIT_MM
    result[SLICES + 1 + axis] = 1.0
    return result

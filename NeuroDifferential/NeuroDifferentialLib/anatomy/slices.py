"""What the network of the brain's parts sees of a scan: brightness of a slice and of its neighbours, plane, spacing."""

from __future__ import annotations

import numpy as np

from NeuroDifferentialLib.slices.planes import UNIT_MM, neighbours

#: A slice and its two neighbours, the distance of slices, and which of the three axes they lie across.
INPUT_COUNT = 7
SLICES = 3
#: Brightness in multiples of the tissue's that counts as white; brighter voxels count as this.
_BRIGHTEST = 2.5


def shown(voxels: np.ndarray) -> np.ndarray:
    """Return what is shown of a scan (K, J, I), uint8: brightness from 0 to 2.5 times that of the head's tissue.

    Tissue is what is brighter than the mean of all voxels, so that neither the scanner's scale matters nor how much air
    there is.
    """
    voxels = voxels.astype(np.float32)
    bright = voxels[voxels > voxels.mean()]
    level = max(float(bright.mean()) if bright.size else 0.0, 1e-6)
    return np.rint(255 * np.clip(voxels / (_BRIGHTEST * level), 0, 1)).astype(np.uint8)


def slice_inputs(seen: np.ndarray, axis: int, index: int, spacing: tuple[float, float, float]) -> np.ndarray:
    """Return what the network sees of one slice, float32 (inputs, rows, columns), 0 to 1.

    :param seen: of :func:`shown`, uint8 (K, J, I) in RAS axis order. :param axis: 0 to 2 for K, J, I, across which the
        slice lies. :param index: its place along it. :param spacing: voxel size along K, J, I (mm).
    """
    before, after = neighbours(index, seen.shape[axis], spacing[axis])
    own = [np.take(seen, place, axis=axis) for place in (index, before, after)]
    result = np.zeros((INPUT_COUNT, *own[0].shape), np.float32)
    for number, voxels in enumerate(own):
        np.multiply(voxels, np.float32(1 / 255), out=result[number])
    result[SLICES] = spacing[axis] / UNIT_MM
    result[SLICES + 1 + axis] = 1.0
    return result

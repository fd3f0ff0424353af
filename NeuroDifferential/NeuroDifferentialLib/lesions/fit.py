"""Whether two scans show one head: edges of tissues lie in the same places in any contrast."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

#: Edges are looked at this width (mm), and across slices only if they are no farther apart than that.
_WIDTH_MM, _FARTHEST_SLICES_MM = 1.5, 3.0
_RIM_VOXELS = 2
#: Correlation of the edges of a FLAIR and a T1: .56 to .71 in six visits of real patients, .34 at most between two
#: patients (sixteen pairs).
LEAST_AGREEMENT = 0.45


def edge_agreement(one: np.ndarray, other: np.ndarray, inside: np.ndarray, spacing: tuple[float, ...]) -> float:
    """Return the correlation (-1 to 1) of the steepness of two images on one grid, within the brain.

    :param one, other: (K, J, I). :param inside: brain, bool. :param spacing: voxel size along K, J, I, mm.
    """
    inner = ndimage.binary_erosion(inside, iterations=_RIM_VOXELS)
    inner = inner if inner.any() else inside
    edges = [_steepness(each, spacing)[inner] for each in (one, other)]
    if min(float(each.std()) for each in edges) == 0:
        return 0.0
    return float(np.corrcoef(*edges)[0, 1])


def _steepness(image: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    near = [axis for axis, step in enumerate(spacing) if step < _FARTHEST_SLICES_MM]
    smooth = ndimage.gaussian_filter(image, [_WIDTH_MM / step if step < _FARTHEST_SLICES_MM else 0 for step in spacing])
    return np.sqrt(sum(np.gradient(smooth, spacing[axis], axis=axis) ** 2 for axis in near))

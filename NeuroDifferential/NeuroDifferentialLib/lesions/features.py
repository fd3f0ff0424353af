"""What the lesion network is told about a voxel: brightness at several scales, tissues, shape and place.

All numbers are in units that scans share: multiples of white matter's brightness, SD, millimetres, probabilities. So
neither the resolution nor the scanner's scale matters, and thick slices are smoothed within their plane alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.anatomy.tissues import GREY, WHITE
from NeuroDifferentialLib.lesions.classical import outlier_belief, smoothed_flair, surrounding_white
from NeuroDifferentialLib.lesions.scan import PreparedScan
from NeuroOrbitLib.anatomy.brain import BrainPart

#: Widths (mm) at which brightness and tissues are looked at.
_FLAIR_WIDTHS, _TISSUE_WIDTHS = (0.7, 1.5, 3.0, 6.0), (2.0, 5.0)
_SHAPE_WIDTHS = (1.2, 2.4)
_FARTHEST_MM = 30.0
#: A voxel can belong to a lesion if the smoothed FLAIR is so many SD brighter than white matter.
_CANDIDATE_SD, _CANDIDATE_WIDTH = 1.0, 0.6
_PLACE_WEIGHT = 0.5


def candidates(scan: PreparedScan) -> np.ndarray:
    """Return the voxels (bool, K, J, I) of the brain that are brighter than most of the white matter."""
    white = scan.anatomy.tissues[WHITE]
    level = white.mean[0] + _CANDIDATE_SD * np.sqrt(white.covariance[0, 0])
    return scan.anatomy.mask & (smoothed_flair(scan, _CANDIDATE_WIDTH) > level)


def features(scan: PreparedScan, chosen: np.ndarray) -> np.ndarray:
    """Return the features (voxels, columns), float32, of the chosen voxels (bool, K, J, I) in their order."""
    return np.stack([column[chosen] for column in _columns(scan)], axis=1).astype(np.float32)


def _columns(scan: PreparedScan) -> Iterator[np.ndarray]:
    yield from _of_flair(scan)
    yield from _of_t1(scan)
    yield from _of_tissues(scan)
    yield from _of_place(scan)


def _of_flair(scan: PreparedScan) -> Iterator[np.ndarray]:
    white, grey = (scan.anatomy.tissues[index] for index in (WHITE, GREY))
    flair = scan.channels[0] / white.mean[0]
    inside = scan.anatomy.mask.astype(np.float32)
    spread = float(np.sqrt(white.covariance[0, 0]) / white.mean[0])
    yield flair
    yield (flair - grey.mean[0] / white.mean[0]) / spread
    smooth = [_mean_inside(flair, inside, width, scan) for width in _FLAIR_WIDTHS]
    yield from smooth
    yield from ((smooth[0] - wider) / spread for wider in smooth[1:])
    yield outlier_belief(scan, smoothed_flair(scan, _CANDIDATE_WIDTH), _PLACE_WEIGHT)
    yield from (each / spread for width in _SHAPE_WIDTHS for each in _curvatures(flair, width, scan))
    yield np.full(flair.shape, spread, np.float32)
    yield np.full(flair.shape, grey.mean[0] / white.mean[0], np.float32)


def _of_t1(scan: PreparedScan) -> Iterator[np.ndarray]:
    """Brightness in the T1, zeros without one, and whether there is one."""
    shape = scan.channels[0].shape
    if len(scan.channels) < 2:
        yield from (np.zeros(shape, np.float32) for _ in range(4))
        return
    white, grey = (float(scan.anatomy.tissues[index].mean[1]) for index in (WHITE, GREY))
    # White matter is 1, grey matter 0, lesions lie between.
    scaled = np.clip((scan.channels[1] - grey) / max(white - grey, 1e-3), -3.0, 3.0)
    inside = scan.anatomy.mask.astype(np.float32)
    yield scaled
    yield _mean_inside(scaled, inside, 1.5, scan)
    yield _mean_inside(scaled, inside, 4.0, scan)
    yield np.ones(shape, np.float32)


def _of_tissues(scan: PreparedScan) -> Iterator[np.ndarray]:
    for tissue in (surrounding_white(scan), scan.anatomy.grey, scan.anatomy.fluid):
        yield tissue
        yield from (ndimage.gaussian_filter(tissue, _sigma(width, scan)) for width in _TISSUE_WIDTHS)


def _of_place(scan: PreparedScan) -> Iterator[np.ndarray]:
    yield from (scan.priors[part] for part in BrainPart)
    parts = scan.anatomy.parts
    for part in (BrainPart.LATERAL_VENTRICLE, BrainPart.CORTEX):
        yield _distance(parts == part, scan)
    yield _distance(~scan.anatomy.mask, scan)
    yield _distance(scan.anatomy.fluid > 0.5, scan)


def _distance(mask: np.ndarray, scan: PreparedScan) -> np.ndarray:
    if not mask.any():
        return np.full(mask.shape, _FARTHEST_MM, np.float32)
    return np.minimum(ndimage.distance_transform_edt(~mask, scan.spacing), _FARTHEST_MM).astype(np.float32)


def _sigma(width: float, scan: PreparedScan) -> list[float]:
    """The width (mm) in voxels; slices farther apart than that are left alone."""
    return [width / step if step < 2.0 * width else 0.0 for step in scan.spacing]


def _mean_inside(values: np.ndarray, inside: np.ndarray, width: float, scan: PreparedScan) -> np.ndarray:
    sigma = _sigma(width, scan)
    weight = np.maximum(ndimage.gaussian_filter(inside, sigma), 0.05)
    return ndimage.gaussian_filter(values * inside, sigma) / weight


def _curvatures(flair: np.ndarray, width: float, scan: PreparedScan) -> Iterator[np.ndarray]:
    """Second derivatives times the squared width: their sum, and across and along the slices' plane.

    A ball is curved in every direction, a sheet as the cortex in one only.
    """
    smooth = ndimage.gaussian_filter(flair, _sigma(width, scan))
    step = [width / each for each in scan.spacing]
    second = [_second(smooth, axis, max(step[axis], 1.0)) for axis in range(3)]
    mixed = _second_mixed(smooth, max(step[1], 1.0), max(step[2], 1.0))
    half, difference = 0.5 * (second[1] + second[2]), 0.5 * (second[1] - second[2])
    root = np.sqrt(difference**2 + mixed**2)
    yield second[0]
    yield half + root
    yield half - root


def _second(values: np.ndarray, axis: int, scale: float) -> np.ndarray:
    return ndimage.correlate1d(values, [1.0, -2.0, 1.0], axis=axis) * scale**2


def _second_mixed(values: np.ndarray, row: float, column: float) -> np.ndarray:
    across = ndimage.correlate1d(values, [-0.5, 0.0, 0.5], axis=1)
    return ndimage.correlate1d(across, [-0.5, 0.0, 0.5], axis=2) * row * column

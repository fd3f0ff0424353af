"""Affine alignment of brain images in RAS millimetres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from NeuroOrbitLib.imaging.geometry import grid_around, resample
from NeuroOrbitLib.imaging.image import Grid, Image

#: Voxel size (mm) at which brains are aligned; smaller voxels do not improve affine fits.
ALIGNMENT_SPACING = 3.0
_SAMPLED = 0.35
_SEED = 1
#: Nods of the head (degrees) that are tried as starts, and number of starts that are followed to their end.
NODS = (-24.0, -16.0, -8.0, 0.0, 8.0, 16.0, 24.0)
_FOLLOWED = 2


@dataclass(frozen=True)
class Alignment:
    """Affine map (4x4) from RAS mm of the fixed image to RAS mm of the moving one."""

    matrix: np.ndarray

    def points(self, ras: np.ndarray) -> np.ndarray:
        """Return the positions (..., 3), RAS mm, in the moving image of points (..., 3), RAS mm, of the fixed image."""
        return np.asarray(ras) @ self.matrix[:3, :3].T + self.matrix[:3, 3]

    def grid_in_moving(self, grid: Grid) -> Grid:
        """Return a grid of the fixed image in the moving image's space; sampling there gives voxels on ``grid``."""
        return Grid(grid.shape, self.matrix @ grid.affine)


def coarse_grid(image: Image, spacing: float = ALIGNMENT_SPACING) -> Grid:
    """Return an axis-aligned grid with voxels of ``spacing`` mm that covers the image."""
    shape = np.array(image.array.shape[::-1])
    corners = np.array(np.meshgrid(*[(-0.5, count - 0.5) for count in shape])).reshape(3, -1).T
    ras = image.grid.ras_from_ijk(corners)
    return grid_around((ras.min(axis=0) + ras.max(axis=0)) / 2, tuple(np.ptp(ras, axis=0)), spacing)


def start_from_boxes(fixed: np.ndarray, moving: np.ndarray) -> np.ndarray:
    """Return the affine (4x4) that maps the box of ``fixed`` points to the box of ``moving`` points, both (N, 3) mm.

    The upper ends are matched, as necks are cut at any height, and the height is scaled by the mean of the other axes.
    """
    boxes = [np.percentile(points, (1, 99), axis=0) for points in (fixed, moving)]
    sizes = [np.ptp(box, axis=0) for box in boxes]
    scale = np.sqrt(np.prod(sizes[1][:2] / sizes[0][:2])) * np.ones(3)
    scale[:2] = sizes[1][:2] / sizes[0][:2]
    anchors = [np.array([*box[:, :2].mean(axis=0), box[1, 2]]) for box in boxes]
    matrix = np.diag([*scale, 1.0])
    matrix[:3, 3] = anchors[1] - scale * anchors[0]
    return matrix


def start_from_nodded_boxes(fixed: np.ndarray, moving: np.ndarray, nod: float) -> np.ndarray:
    """Return the affine (4x4) of :func:`start_from_boxes` for a head that is first nodded back by ``nod`` degrees."""
    angle = np.deg2rad(nod)
    turn = np.eye(4)
    turn[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return start_from_boxes(fixed @ turn[:3, :3].T, moving) @ turn


def align_from_best(fixed: Image, moving: Image, starts: Sequence[np.ndarray], mask: np.ndarray) -> Alignment:
    """Return the best alignment of two images from several starts.

    A brain in another position than a start assumes may fit nearly as well with its fluid on the other's white matter.
    The starts are therefore compared, and the best of them followed.

    :param fixed: image on an axis-aligned grid.
    :param moving: other image, also on an axis-aligned grid.
    :param starts: affines (4x4) from RAS mm of the fixed to RAS mm of the moving image.
    :param mask: voxels of ``fixed`` to compare, bool (K, J, I).
    """
    by_fit = sorted(range(len(starts)), key=lambda index: _fit(fixed, moving, starts[index], mask))
    found = [_aligned(fixed, moving, _affine(fixed, starts[index]), mask) for index in by_fit[:_FOLLOWED]]
    return min(found, key=lambda pair: pair[0])[1]


def _fit(fixed: Image, moving: Image, start: np.ndarray, mask: np.ndarray) -> float:
    """Return the metric of the images at a start, before any step of the alignment; lower is better."""
    method = _method(mask, fixed, same_contrast=False)
    method.SetInitialTransform(_affine(fixed, start))
    return method.MetricEvaluate(_itk(fixed), _itk(moving))


def align(fixed: Image, moving: Image, start: np.ndarray, rigid: bool = False,
          same_contrast: bool = False) -> Alignment:
    """Return the alignment of two images by mutual information (Mattes 2003), or by correlation for one contrast.

    :param fixed: image on an axis-aligned grid.
    :param moving: other image, also on an axis-aligned grid.
    :param start: affine (4x4) from RAS mm of the fixed to RAS mm of the moving image.
    :param rigid: whether to allow only rotation and translation, starting from the translation of ``start``.
    :param same_contrast: whether both images have the same contrast.
    """
    transform = _rigid(fixed, start) if rigid else _affine(fixed, start)
    return _aligned(fixed, moving, transform, None, same_contrast)[1]


def _aligned(fixed: Image, moving: Image, transform: sitk.Transform, mask: np.ndarray | None,
             same_contrast: bool = False) -> tuple[float, Alignment]:
    """Return the metric at the end (lower is better), and the alignment."""
    method = _method(mask, fixed, same_contrast)
    method.SetOptimizerAsRegularStepGradientDescent(1.0, 1e-3, 120, relaxationFactor=0.6)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetShrinkFactorsPerLevel([2, 1])
    method.SetSmoothingSigmasPerLevel([1, 0])
    method.SetInitialTransform(transform, inPlace=True)
    method.Execute(_itk(fixed), _itk(moving))
    return method.GetMetricValue(), Alignment(_matrix_of(transform))


def _method(mask: np.ndarray | None, fixed: Image, same_contrast: bool) -> sitk.ImageRegistrationMethod:
    method = sitk.ImageRegistrationMethod()
    if same_contrast:
        method.SetMetricAsCorrelation()
    else:
        method.SetMetricAsMattesMutualInformation(32)
    if mask is not None:
        method.SetMetricFixedMask(_itk(Image(mask.astype(np.uint8), fixed.affine)))
    method.SetMetricSamplingStrategy(method.RANDOM)
    method.SetMetricSamplingPercentage(_SAMPLED, _SEED)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetNumberOfThreads(1)
    return method


def align_rigidly(fixed: Image, moving: Image, apart: np.ndarray) -> Image:
    """Return ``moving`` (another sequence of the same visit) on the grid of ``fixed``, registered rigidly.

    :param fixed: image whose grid is used.
    :param moving: other image.
    :param apart: translation (3,), RAS mm, from ``fixed`` to ``moving`` from which the search starts.
    :raises RuntimeError: if the images do not overlap there.
    """
    low, start = [resample(image, coarse_grid(image), antialias=True) for image in (fixed, moving)], np.eye(4)
    start[:3, 3] = apart
    found = align(low[0], low[1], start, rigid=True)
    on_fixed = resample(moving, found.grid_in_moving(fixed.grid), antialias=True)
    return Image(on_fixed.array, fixed.affine)


def _itk(image: Image) -> sitk.Image:
    result = sitk.GetImageFromArray(np.ascontiguousarray(image.array, dtype=np.float32)
                                    if image.array.dtype != np.uint8 else image.array)
    result.SetSpacing(image.spacing)
    result.SetOrigin(image.affine[:3, 3].tolist())
    return result


def _affine(fixed: Image, start: np.ndarray) -> sitk.AffineTransform:
    transform = sitk.AffineTransform(3)
    center = fixed.grid.center
    transform.SetCenter(center.tolist())
    transform.SetMatrix(start[:3, :3].ravel().tolist())
    transform.SetTranslation((start[:3, 3] + start[:3, :3] @ center - center).tolist())
    return transform


def _rigid(fixed: Image, start: np.ndarray) -> sitk.Euler3DTransform:
    transform = sitk.Euler3DTransform()
    transform.SetCenter(fixed.grid.center.tolist())
    transform.SetTranslation(start[:3, 3].tolist())
    return transform


def _matrix_of(transform: sitk.Transform) -> np.ndarray:
    matrix = np.eye(4)
    origin = np.array(transform.TransformPoint((0.0, 0.0, 0.0)))
    for axis in range(3):
        matrix[:3, axis] = np.array(transform.TransformPoint(np.eye(3)[axis].tolist())) - origin
    matrix[:3, 3] = origin
    return matrix

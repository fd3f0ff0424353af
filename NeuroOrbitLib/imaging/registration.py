"""Rigid registration of two scans of the same head."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from NeuroOrbitLib.imaging.files import itk_from_image
from NeuroOrbitLib.imaging.image import Image

_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
_SAMPLES, _BINS = 0.08, 40
_SHRINK, _SIGMAS = (4, 2), (2.0, 1.0)
_SEED = 20


def register_rigidly(fixed: Image, moving: Image, start: np.ndarray | None = None,
                     mask: np.ndarray | None = None) -> np.ndarray:
    """Return the 4x4 matrix from RAS mm of ``fixed`` to RAS mm of ``moving`` that aligns the two scans.

    Mutual information (Mattes 2003) is maximised, so that scans of different contrast can be aligned.

    :param fixed: scan that stays in place.
    :param moving: scan to align with it, on any grid.
    :param start: initial alignment, a matrix like the result; by default the centres of the scans are aligned.
    :param mask: mask (K, J, I) of the voxels of ``fixed`` to compare, e.g. of tissue that does not change between the
        scans; all by default.
    :raises RuntimeError: if the scans do not overlap.
    """
    first, second = (itk_from_image(image.with_array(image.array.astype(np.float32))) for image in (fixed, moving))
    transform = sitk.Euler3DTransform()
    if start is None:
        transform = sitk.Euler3DTransform(sitk.CenteredTransformInitializer(
            first, second, transform, sitk.CenteredTransformInitializerFilter.GEOMETRY))
    else:
        _set(transform, start, fixed.grid.center)
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsMattesMutualInformation(_BINS)
    method.SetMetricSamplingStrategy(method.RANDOM)
    method.SetMetricSamplingPercentage(_SAMPLES, _SEED)
    if mask is not None:
        method.SetMetricFixedMask(itk_from_image(fixed.with_array(mask.astype(np.uint8))))
    method.SetInterpolator(sitk.sitkLinear)
    method.SetOptimizerAsRegularStepGradientDescent(1.0, 1e-3, 120)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetShrinkFactorsPerLevel(_SHRINK)
    method.SetSmoothingSigmasPerLevel(_SIGMAS)
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOn()
    method.SetInitialTransform(transform, inPlace=True)
    method.Execute(first, second)
    return _matrix(transform)


def _set(transform: sitk.Euler3DTransform, matrix: np.ndarray, center_ras: np.ndarray) -> None:
    """Set an ITK transform to the rigid motion of a RAS matrix, with its centre of rotation (3,) in RAS mm."""
    lps = _LPS @ matrix @ _LPS
    center = _LPS[:3, :3] @ center_ras
    transform.SetCenter(center.tolist())
    transform.SetMatrix(lps[:3, :3].ravel().tolist(), 1e-6)
    transform.SetTranslation((lps[:3, :3] @ center + lps[:3, 3] - center).tolist())


def _matrix(transform: sitk.Euler3DTransform) -> np.ndarray:
    """Return the rigid motion of an ITK transform as a 4x4 matrix in RAS mm."""
    rotation = np.array(transform.GetMatrix()).reshape(3, 3)
    center = np.array(transform.GetCenter())
    lps = np.eye(4)
    lps[:3, :3] = rotation
    lps[:3, 3] = center + np.array(transform.GetTranslation()) - rotation @ center
    return _LPS @ lps @ _LPS

"""Deformable registration of two heads that show the same tissues with the same values."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk
from scipy.spatial.transform import Rotation

from NeuroOrbitLib.imaging.files import itk_from_image
from NeuroOrbitLib.imaging.image import Image

#: Levels from coarse to fine: factor by which the images are shrunk, and SD (mm) of the smoothing of the displacements.
_LEVELS = ((4, 8.0), (2, 5.0), (1, 3.0))
_ROUNDS = 60
#: Number of times that the coarsest level looks for the turn.
_TURNS = 6
_RAS_FROM_LPS = np.array([-1.0, -1.0, 1.0])


def register_deformably(fixed: Image, moving: Image, pivot: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the turn, and the smooth displacements that remain after it, that carry one head onto another.

    The voxel of ``fixed`` at p shows the same place of the anatomy as ``moving`` at
    ``pivot + turn @ (p - pivot + displacement)``. The displacements are those of symmetric demons (Thirion 1998;
    Vercauteren 2009), coarse to fine; the turn takes out of them what a rotation explains.

    :param fixed, moving: isotropic images whose values stand for the same tissues in both.
    :param pivot: point (3,) in RAS mm that corresponds in both images, about which the head is turned.
    :return: rotation matrix (3, 3), and displacements (K, J, I, 3) in RAS mm at the voxels of ``fixed``.
    """
    turn = np.eye(3)
    for levels in (*[_LEVELS[:1]] * _TURNS, _LEVELS):
        displacements = _displacements(fixed, _turned(moving, fixed, turn, pivot), levels)
        places = fixed.grid.voxel_centers() - pivot
        rest = Rotation.align_vectors(places.reshape(-1, 3), (places + displacements).reshape(-1, 3))[0].as_matrix()
        turn = turn @ rest.T
    return turn, (places + displacements) @ rest.T - places


def _displacements(fixed: Image, moving: sitk.Image, levels: tuple[tuple[int, float], ...]) -> np.ndarray:
    """Return the displacements (K, J, I, 3; RAS mm) of the voxels of ``fixed`` to ``moving``."""
    reference, field = itk_from_image(fixed), None
    for shrink, smoothing in levels:
        field = _demons(*(_shrunk(image, shrink) for image in (reference, moving)), field,
                        smoothing / (shrink * fixed.spacing[0]))
    resampler = sitk.ResampleImageFilter()
    resampler.SetReferenceImage(reference)
    resampler.UseNearestNeighborExtrapolatorOn()
    return sitk.GetArrayFromImage(resampler.Execute(field)) * _RAS_FROM_LPS


def _turned(moving: Image, fixed: Image, turn: np.ndarray, pivot: np.ndarray) -> sitk.Image:
    """Return ``moving`` on the grid of ``fixed`` after the turn; edges are repeated."""
    transform = sitk.AffineTransform(3)
    transform.SetMatrix((turn * np.outer(_RAS_FROM_LPS, _RAS_FROM_LPS)).ravel().tolist())
    transform.SetCenter((pivot * _RAS_FROM_LPS).tolist())
    resampler = sitk.ResampleImageFilter()
    resampler.SetReferenceImage(itk_from_image(fixed))
    resampler.SetTransform(transform)
    resampler.UseNearestNeighborExtrapolatorOn()
    return resampler.Execute(itk_from_image(moving))


def _shrunk(image: sitk.Image, factor: int) -> sitk.Image:
    if factor == 1:
        return image
    smooth = sitk.SmoothingRecursiveGaussian(image, 0.5 * factor * image.GetSpacing()[0])
    return sitk.Shrink(smooth, [factor] * 3)


def _demons(fixed: sitk.Image, moving: sitk.Image, start: sitk.Image | None, smoothing: float) -> sitk.Image:
    """Return the displacement field (LPS mm) from ``fixed`` to ``moving``; ``smoothing`` in voxels."""
    demons = sitk.FastSymmetricForcesDemonsRegistrationFilter()
    demons.SetNumberOfIterations(_ROUNDS)
    demons.SmoothDisplacementFieldOn()
    demons.SetStandardDeviations(smoothing)
    if start is None:
        return demons.Execute(fixed, moving)
    resampler = sitk.ResampleImageFilter()
    resampler.SetReferenceImage(fixed)
    resampler.UseNearestNeighborExtrapolatorOn()
    return demons.Execute(fixed, moving, resampler.Execute(start))

"""Checks that two scans show one head, and that masks belong to a scan.

Tissue edges have the same positions in any contrast; in a FLAIR, lesions are bright and ventricles dark.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.lesions.masks import lesion_voxels
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.imaging.boxes import box_around
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.sentences import sentence as _

#: Width (mm) of the smoothing of edges, and distance of slices (mm) from which on edges across slices are ignored.
_WIDTH_MM, _FARTHEST_SLICES_MM = 1.5, 3.0
_RIM_VOXELS = 2
#: Smallest correlation of the edges of a FLAIR and a T1 of one head: .56 to .71 in six visits of real patients, .34 at
#: most between two patients (sixteen pairs).
LEAST_AGREEMENT = 0.45
#: Least share of a mask that is brighter than its surroundings, .99 to 1 in five patients, drawn and found, and .62 at
#: most on the FLAIR of another patient (eight pairs); and inner and outer distance (voxels) of the surroundings.
_LEAST_BRIGHT, _RING = 0.75, (2, 5)
#: Largest share of the inside of the ventricles that is as bright as tissue, .08 in two patients and .42 on the FLAIR
#: of the other one; and brightness, as a share of white matter's, from which on a voxel is as bright as tissue.
_MOST_BRIGHT, _AS_TISSUE = 0.25, 0.75
#: Smallest number of voxels that can be judged.
_FEWEST = 20


def edge_agreement(one: np.ndarray, other: np.ndarray, inside: np.ndarray, spacing: tuple[float, ...]) -> float:
    """Return the correlation (-1 to 1) of the steepness of two images on one grid, within the brain.

    :param one: first image, (K, J, I).
    :param other: second image on the same grid.
    :param inside: brain, bool (K, J, I).
    :param spacing: voxel size (mm) along K, J, I.
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


def fit_notices(flair: Image, lesions: Image | None, anatomy: Image) -> list[str]:
    """Return notices on masks that may not belong to a FLAIR, such as those of another patient in the same space.

    :param flair: FLAIR.
    :param lesions: lesion mask on the grid of the FLAIR, None to judge the anatomy alone.
    :param anatomy: :class:`BrainPart` values on the grid of the FLAIR.
    """
    said = [_anatomy_notice(flair, anatomy)]
    if lesions is not None:
        said.insert(0, lesions_notice(flair, lesion_voxels(lesions), anatomy.array != BrainPart.OUTSIDE))
    return [text for text in said if text]


def lesions_notice(flair: Image, lesions: np.ndarray, brain: np.ndarray) -> str:
    """Return a notice that lesions are hardly brighter than their surroundings, "" if they are brighter.

    :param flair: FLAIR.
    :param lesions: lesions on the grid of the FLAIR, bool (K, J, I).
    :param brain: brain on the same grid, bool (K, J, I).
    """
    if np.count_nonzero(lesions & brain) < _FEWEST:
        return ""
    box = box_around(lesions).grown((_RING[1],) * 3).inside(lesions.shape).slices
    scan, own, inside = flair.array[box], lesions[box] & brain[box], brain[box]
    near, far = (ndimage.binary_dilation(lesions[box], iterations=steps) for steps in _RING)
    ring = far & ~near & inside
    share = float((scan[own] > np.median(scan[ring])).mean()) if ring.any() else 1.0
    return "" if share >= _LEAST_BRIGHT else _(
        "Only {share:.0%} of the lesion mask is brighter than what surrounds it in this FLAIR, as lesions are. Check "
        "that the mask is of this patient and visit.").format(share=share)


def _anatomy_notice(flair: Image, anatomy: Image) -> str:
    ventricles = ndimage.binary_erosion(anatomy.array == BrainPart.LATERAL_VENTRICLE)
    white = anatomy.array == BrainPart.WHITE_MATTER
    if np.count_nonzero(ventricles) < _FEWEST or not white.any():
        return ""
    share = float((flair.array[ventricles] > _AS_TISSUE * np.median(flair.array[white])).mean())
    return "" if share <= _MOST_BRIGHT else _(
        "{share:.0%} of the ventricles of the anatomy is as bright as tissue in this FLAIR. Check that the anatomy is "
        "of this patient and visit.").format(share=share)

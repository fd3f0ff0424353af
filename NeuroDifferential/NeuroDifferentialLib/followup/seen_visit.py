"""One visit in the space between two visits, with the maps that the comparison uses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroDifferentialLib.anatomy.tissues import WHITE
from NeuroDifferentialLib.followup.alignment import HalfWay
from NeuroDifferentialLib.lesions.classical import LESION_PLACES, FoundLesions, usual_belief
from NeuroDifferentialLib.lesions.scan import PreparedScan
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.imaging.image import Image


@dataclass(frozen=True)
class SeenVisit:
    """One visit, all maps (K, J, I) in the space between the visits.

    :param flair: FLAIR in multiples of white matter's brightness, float32.
    :param mask: lesions that were found, bool.
    :param belief: brightness above the expected tissue, SD.
    :param white: probability of white matter.
    :param fluid: probability of fluid.
    :param lesion_tissue: share of white matter, brainstem and deep grey matter, in which lesions occur.
    :param ventricle: share of the lateral ventricles.
    :param seen: brain with neighbouring slices on both sides in the scan, bool.
    """

    flair: np.ndarray
    mask: np.ndarray
    belief: np.ndarray
    white: np.ndarray
    fluid: np.ndarray
    lesion_tissue: np.ndarray
    ventricle: np.ndarray
    seen: np.ndarray


def see_visit(space: HalfWay, scan: PreparedScan, found: FoundLesions, second: bool) -> SeenVisit:
    """Return a visit in the space between the visits.

    :param space: space between the visits.
    :param scan: prepared scan of the visit.
    :param found: lesions of the visit.
    :param second: whether this is the later visit.
    """
    to_space = space.of_second if second else space.of_first

    def moved(array: np.ndarray) -> np.ndarray:
        return to_space(scan.flair.with_array(array.astype(np.float32)))

    anatomy, level = scan.anatomy, float(scan.anatomy.tissues[WHITE].mean[0])
    return SeenVisit(
        moved(scan.flair.array) / level, _as_large(moved(found.mask)), moved(usual_belief(scan)), moved(anatomy.white),
        moved(anatomy.fluid), moved(np.isin(anatomy.parts, LESION_PLACES)),
        moved(anatomy.parts == BrainPart.LATERAL_VENTRICLE),
        (moved(anatomy.mask) > 0.5) & (to_space(_between_slices(scan)) > 0.5))


def _as_large(share: np.ndarray) -> np.ndarray:
    """Return the voxels (bool) with the largest shares of lesion, as many as all shares add up to.

    A limit of half a voxel would omit a tenth and more of small lesions in thick slices, as interpolation between
    voxels spreads them over many voxels with smaller shares.
    """
    count = round(float(share.sum()))
    if not count:
        return np.zeros(share.shape, bool)
    return (share > 0) & (share >= np.partition(share, share.size - count, axis=None)[share.size - count])


def _between_slices(scan: PreparedScan) -> Image:
    """Return an image that is 1 in the voxels of the scan with neighbours on all sides, else 0.

    Inflowing blood is bright in the first and the last slice, and nothing is known beyond them.
    """
    inner = np.zeros(scan.working.shape, np.float32)
    inner[1:-1, 1:-1, 1:-1] = 1.0
    return Image(inner, scan.working.affine)

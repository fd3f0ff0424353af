"""Lesions of a visit that a person drew or corrected, used instead of a model's."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.followup.patches import TOUCHING
from NeuroDifferentialLib.followup.seen_visit import SeenVisit
from NeuroDifferentialLib.lesions.classical import FoundLesions
from NeuroDifferentialLib.lesions.masks import check_numbered, check_share, faint_voxels, lesion_voxels, mask_on
from NeuroDifferentialLib.lesions.scan import PreparedScan
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.pieces import chosen_pieces
from NeuroOrbitLib.imaging.resampling import resample
from NeuroOrbitLib.sentences import sentence as _

#: Smallest share of a deleted voxel, and number of voxels around it that are the blurred edge of the same lesion.
_LEAST_SHARE, _AROUND = 0.25, 2


@dataclass(frozen=True)
class DrawnLesions:
    """Lesions of a visit that a person drew or corrected.

    :param mask: lesion mask on the grid of the FLAIR as loaded, not 0 in lesions.
    :param found: mask of the lesions that a model had found before, on the same grid; None if it is not known. Lesions
        in this mask but not in ``mask`` were deleted.
    """

    mask: Image
    found: Image | None = None


def in_order_of(flair: Image, drawn: DrawnLesions) -> DrawnLesions:
    """Return the lesions of a visit in the axis order of its FLAIR, or refuse masks that have other voxels.

    :param flair: FLAIR as loaded.
    :param drawn: lesions of the visit.
    :raises Problem: naming the mask.
    """
    found = drawn.found and mask_on(drawn.found, flair, _("mask of what had been found"))
    return DrawnLesions(mask_on(drawn.mask, flair, _("lesion mask")), found)


def drawn_on(drawn: Image, flair: Image, scan: PreparedScan) -> FoundLesions:
    """Return the lesions of a mask on the grid of a prepared scan.

    :param drawn: lesion mask on the grid of the FLAIR as loaded.
    :param flair: FLAIR as loaded.
    :param scan: prepared scan of this FLAIR.
    :raises Problem: if the mask does not fit the FLAIR, or is no lesion mask.
    """
    drawn = mask_on(drawn, flair, _("lesion mask"))
    found = _share_on(drawn, lesion_voxels(drawn), scan) >= 0.5
    check_share(_share_on(drawn, faint_voxels(drawn), scan) >= 0.5, scan.anatomy.mask)
    check_numbered(drawn)
    return FoundLesions(found, found.astype(np.float32))


def deleted_on(drawn: Image, found: Image, scan: PreparedScan) -> np.ndarray:
    """Return the voxels of a prepared scan in which lesions were found but are not drawn, bool (K, J, I).

    :param drawn: lesions as drawn.
    :param found: lesions as found, on the same grid.
    :param scan: prepared scan of the FLAIR.
    :raises Problem: if one of them is no lesion mask.
    """
    return _share_on(drawn, lesion_voxels(found) & ~lesion_voxels(drawn), scan) >= _LEAST_SHARE


def _share_on(image: Image, mask: np.ndarray, scan: PreparedScan) -> np.ndarray:
    return resample(image.with_array(mask.astype(np.float32)), scan.flair.grid, antialias=True).array


def without_deleted(visit: SeenVisit, deleted: np.ndarray) -> SeenVisit:
    """Return a visit in which deleted voxels are no lesion, however bright they are.

    :param visit: visit in the space between the visits.
    :param deleted: deleted voxels, bool (K, J, I) in the same space; drawn lesions right beside them remain.
    """
    around = ndimage.binary_dilation(deleted, TOUCHING, iterations=_AROUND) & ~visit.mask
    return replace(visit, belief=np.where(around, 0.0, visit.belief))


def agreed_mask(found: np.ndarray, drawn: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Return the lesions that a model found in one visit, in agreement with those drawn in the other.

    Where nothing has changed, both visits must have the same lesions: lesions deleted there are removed here, and
    lesions added there are added here.

    :param found: lesions found in one visit, bool (K, J, I) in the space between the visits.
    :param drawn: lesions drawn in the other visit, likewise.
    :param changed: voxels that are brighter in either visit, likewise.
    """
    unknown = _pieces_apart(found, drawn | changed)
    added = _pieces_apart(drawn, found | changed)
    return (found & ~unknown) | added


def _pieces_apart(mask: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the connected pieces of a mask that do not touch another mask."""
    pieces, count = ndimage.label(mask, structure=TOUCHING)
    met = np.unique(pieces[ndimage.binary_dilation(others, TOUCHING)])
    return chosen_pieces(pieces, ~np.isin(np.arange(1, count + 1), met))

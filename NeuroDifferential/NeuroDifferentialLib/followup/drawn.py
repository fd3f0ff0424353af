"""Lesions of a visit that a person drew or corrected, used instead of those that a model finds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.followup.patches import TOUCHING
from NeuroDifferentialLib.followup.seen_visit import SeenVisit
from NeuroDifferentialLib.lesions.classical import FoundLesions
from NeuroDifferentialLib.lesions.masks import check_numbered, check_on, check_share, faint_voxels, lesion_voxels
from NeuroDifferentialLib.lesions.scan import PreparedScan
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.pieces import chosen_pieces
from NeuroOrbitLib.imaging.resampling import resample
from NeuroOrbitLib.sentences import sentence as _

#: Share of a voxel that was deleted, at least, and how many voxels around are the blurred edge of the same thing.
_LEAST_SHARE, _AROUND = 0.25, 2


@dataclass(frozen=True)
class DrawnLesions:
    """Lesions of a visit that a person drew or corrected.

    :param mask: on the grid of the FLAIR as it was loaded, not 0 where there is a lesion.
    :param found: on the same grid, what a model had found before; None where that is not known. What it holds and the
        mask does not was deleted.
    """

    mask: Image
    found: Image | None = None


def check_fits(drawn: DrawnLesions, flair: Image) -> None:
    """Make sure that the masks of a visit lie on its FLAIR as it was loaded.

    :raises Problem: if one does not.
    """
    check_on(drawn.mask, flair, _("lesion mask"))
    if drawn.found is not None:
        check_on(drawn.found, flair, _("mask of what had been found"))


def drawn_on(drawn: Image, flair: Image, scan: PreparedScan) -> FoundLesions:
    """Return the lesions of a mask on the voxels of a prepared scan.

    :param drawn: on the grid of the FLAIR as it was loaded. :param flair: that FLAIR.
    :raises Problem: if the mask does not fit the FLAIR, or is none of lesions.
    """
    check_on(drawn, flair, _("lesion mask"))
    found = _share_on(drawn, lesion_voxels(drawn), scan) >= 0.5
    check_share(_share_on(drawn, faint_voxels(drawn), scan) >= 0.5, scan.anatomy.mask)
    check_numbered(drawn)
    return FoundLesions(found, found.astype(np.float32))


def deleted_on(drawn: Image, found: Image, scan: PreparedScan) -> np.ndarray:
    """Return where lesions were found and are not drawn, bool on the voxels of a prepared scan.

    :param drawn, found: masks on one grid.
    :raises Problem: if one is none of lesions.
    """
    return _share_on(drawn, lesion_voxels(found) & ~lesion_voxels(drawn), scan) >= _LEAST_SHARE


def _share_on(image: Image, mask: np.ndarray, scan: PreparedScan) -> np.ndarray:
    return resample(image.with_array(mask.astype(np.float32)), scan.flair.grid, antialias=True).array


def without_deleted(visit: SeenVisit, deleted: np.ndarray) -> SeenVisit:
    """Return a visit in which what was deleted is no lesion, however bright it is.

    :param deleted: bool, in the space of the visit; what is drawn right beside it stays.
    """
    around = ndimage.binary_dilation(deleted, TOUCHING, iterations=_AROUND) & ~visit.mask
    return replace(visit, belief=np.where(around, 0.0, visit.belief))


def agreed_mask(found: np.ndarray, drawn: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Return the lesions that a model found in one visit, in agreement with those drawn in the other.

    Where nothing has changed, a lesion of one visit is one of the other: what was deleted there is none here, what was
    added there is one here, too.

    :param found, drawn: lesions of both visits in one space, bool. :param changed: where either is brighter, bool.
    """
    unknown = _pieces_apart(found, drawn | changed)
    added = _pieces_apart(drawn, found | changed)
    return (found & ~unknown) | added


def _pieces_apart(mask: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The pieces of a mask that touch nothing of another one."""
    pieces, count = ndimage.label(mask, structure=TOUCHING)
    met = np.unique(pieces[ndimage.binary_dilation(others, TOUCHING)])
    return chosen_pieces(pieces, ~np.isin(np.arange(1, count + 1), met))

"""Lesions of a visit as somebody has drawn or corrected them, in the place of those that a model finds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.followup.seen_visit import SeenVisit
from NeuroDifferentialLib.lesions.classical import FoundLesions
from NeuroDifferentialLib.lesions.scan import PreparedScan
from NeuroDifferentialLib.pipeline import check_on, check_share
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.resampling import resample
from NeuroOrbitLib.sentences import sentence as _

_TOUCHING = np.ones((3, 3, 3), dtype=bool)


def drawn_lesions(mask: Image, flair: Image, scan: PreparedScan) -> FoundLesions:
    """Return the lesions of a mask on the voxels of a prepared scan.

    :param mask: on the grid of the FLAIR as it was loaded, not 0 where there is a lesion. :param flair: that FLAIR.
    :raises Problem: if the mask does not fit the FLAIR, or is none of lesions.
    """
    check_on(mask, flair, _("lesion mask"))
    share = resample(mask.with_array((np.rint(mask.array) != 0).astype(np.float32)), scan.flair.grid, antialias=True)
    found = share.array >= 0.5
    check_share(found, scan.anatomy.mask)
    return FoundLesions(found, found.astype(np.float32))


def without_belief_outside(visit: SeenVisit) -> SeenVisit:
    """Return a visit whose lesions were drawn: what was left out or deleted there is none, however bright it is."""
    return replace(visit, belief=np.where(visit.mask, visit.belief, 0.0))


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
    pieces, count = ndimage.label(mask, structure=_TOUCHING)
    met = np.zeros(count + 1, bool)
    met[np.unique(pieces[ndimage.binary_dilation(others, _TOUCHING)])] = True
    met[0] = True
    return ~met[pieces]

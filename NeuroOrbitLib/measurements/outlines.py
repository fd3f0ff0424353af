"""Chooses the voxels of a label that are measured: one structure without holes, with notes about other voxels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.imaging.boxes import Box, box_around
from NeuroOrbitLib.measurements.definitions import LEAST_TOLD_MM3, PIECES_APART_MM, SMALL_PIECES
from NeuroOrbitLib.sentences import joined
from NeuroOrbitLib.sentences import sentence as _

#: Percentiles of a structure's voxels along its axis between which its middle part lies.
_ENDS = (10.0, 90.0)
#: Voxels that share a corner belong together.
_CORNERS = np.ones((3, 3, 3), dtype=bool)


@dataclass(frozen=True)
class Outline:
    """The voxels that stand for a structure.

    :param mask: bool (K, J, I) within ``box``.
    :param box: place of the mask in the label map.
    :param note: sentence about voxels that were left out or filled; empty if there were none.
    :param reason: why the structure cannot be measured, as the end of "Not measurable because"; empty if it can.
    """

    mask: np.ndarray
    box: Box
    note: str = ""
    reason: str = ""


def outline_of(mask: np.ndarray, box: Box, spacing: tuple[float, ...], is_long: bool = False,
               is_double: bool = False) -> Outline:
    """Return the outline of a structure from the voxels of its label.

    The largest piece is the structure. Pieces of a long structure (a muscle, a nerve) belong to it if they continue it
    closely behind its ends, since thin parts and thick slices leave such gaps. Other pieces are left out if they are
    small; if they are not, the structure is not measured, because it is not clear which piece is meant.

    :param mask: bool (K, J, I) within ``box``, not empty.
    :param box: place of the mask in the label map.
    :param spacing: voxel size along K, J, I (mm).
    :param is_long: whether the structure is a muscle or a nerve.
    :param is_double: whether the label holds two muscles, one above the other, so that pieces beside the largest belong
        to it.
    """
    volume = float(np.prod(spacing))
    pieces, count = ndimage.label(mask, _CORNERS)
    kept = mask if count == 1 else _largest(pieces)
    if is_long and count > 1:
        kept = _with_followers(pieces, kept, np.array(spacing), is_double)
    elsewhere = float(np.count_nonzero(mask & ~kept)) * volume
    reason = ""
    if elsewhere > SMALL_PIECES * np.count_nonzero(kept) * volume:
        reason = _("its outline is in pieces: {elsewhere:.0f} mm³ lie apart from the largest one. Erase what does not "
                   "belong to it, or close the gap.").format(elsewhere=elsewhere)
    inner = box_around(kept)
    kept = kept[inner.slices]
    filled = ndimage.binary_fill_holes(kept)
    holes = float(np.count_nonzero(filled) - np.count_nonzero(kept)) * volume
    return Outline(filled, inner.moved(box.start), _note(elsewhere, holes), reason)


def _largest(pieces: np.ndarray) -> np.ndarray:
    return pieces == np.bincount(pieces.ravel())[1:].argmax() + 1


def _with_followers(pieces: np.ndarray, kept: np.ndarray, spacing: np.ndarray, beside: bool) -> np.ndarray:
    """Return the first piece with all pieces near it, and those near these in turn.

    :param pieces: numbers (K, J, I) of the pieces, 0 outside.
    :param kept: mask of the first piece.
    :param spacing: voxel size along K, J, I (mm).
    :param beside: whether pieces may lie beside the first piece as well as behind its ends.
    """
    reach = max(PIECES_APART_MM, 1.5 * float(spacing.max()))
    margin = tuple(np.ceil(reach / spacing).astype(int))
    while True:
        around = box_around(kept).grown(margin).inside(kept.shape)
        near = ndimage.distance_transform_edt(~kept[around.slices], spacing) <= reach
        numbers = np.unique(pieces[around.slices][near & ~kept[around.slices]])
        following = [number for number in numbers[numbers > 0]
                     if beside or _goes_on(np.argwhere(pieces == number) * spacing, np.argwhere(kept) * spacing)]
        if not following:
            return kept
        kept = kept | np.isin(pieces, following)


def _goes_on(piece: np.ndarray, whole: np.ndarray) -> bool:
    """Return whether a piece (N, 3) lies at or behind an end of the whole (M, 3), not beside its middle."""
    middle = whole.mean(axis=0)
    axis = np.linalg.svd(whole - middle, full_matrices=False)[2][0]
    first, last = np.percentile((whole - middle) @ axis, _ENDS)
    return not first < np.median((piece - middle) @ axis) < last


def left_out(elsewhere: float) -> str:
    """Return a note that part of a label (mm³) was not measured; empty if it is too small to matter."""
    if elsewhere < LEAST_TOLD_MM3:
        return ""
    return _("Measured in the largest piece of its outline; {elsewhere:.0f} mm³ elsewhere were left out.").format(
        elsewhere=elsewhere)


def _note(elsewhere: float, holes: float) -> str:
    filled = _("Holes of {holes:.0f} mm³ in its outline were filled.").format(holes=holes)
    return joined_notes(left_out(elsewhere), filled if holes >= LEAST_TOLD_MM3 else "")


def joined_notes(*notes: str) -> str:
    """Return the sentences that are not empty, joined into one text."""
    told = [note for note in notes if note]
    return joined(told) if len(told) > 1 else next(iter(told), "")

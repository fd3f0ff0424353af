"""A structure that a model or another person outlined: where its border may be on slices that were not drawn."""

from __future__ import annotations

import numpy as np

from OrbitSegmentationLib.refinement.expected_shape import moved, signed_depth, with_area

_SPREAD = 1.2  # mm, standard deviation of a proposed border
_MOST = 3.0  # standard deviations that count
_FADE = 10.0  # mm beyond the last drawn slice where what was learned from it no longer counts


def proposed_deviations(proposal: np.ndarray, drawn: np.ndarray, known: np.ndarray,
                        spacing: tuple[float, float, float]) -> np.ndarray:
    """How many standard deviations inside the proposed structure each voxel lies.

    Where the drawn slices show that the proposal lies elsewhere, or is larger or smaller than the structure, it is
    moved and resized on the slices between them in the same way, and beyond them the less the further away.

    :param proposal: the outline that is not trusted (slices, rows, columns), bool.
    :param drawn, known: what was drawn, and on which slices.
    :param spacing: mm from slice to slice, row to row, column to column.
    :return: float32, shape of ``proposal``, at most 3 and at least -3.
    """
    keys = [key for key in np.flatnonzero(known) if proposal[key].any() and drawn[key].any()]
    shifts = np.array([_middle(drawn[key]) - _middle(proposal[key]) for key in keys]).reshape(-1, 2)
    growth = np.array([np.log(drawn[key].sum() / proposal[key].sum()) for key in keys])
    result = np.full(proposal.shape, -_MOST, np.float32)
    for number in np.flatnonzero(proposal.any(axis=(1, 2))):
        depth = signed_depth(proposal[number], spacing[1:])
        share = _share_learned(number, keys, spacing[0])
        if share > 0:
            depth = moved(depth, share * np.array([np.interp(number, keys, shift) for shift in shifts.T]))
            area = np.exp(share * np.interp(number, keys, growth)) * proposal[number].sum()
            depth = with_area(depth, round(area))
        result[number] = np.clip(depth / _SPREAD, -_MOST, _MOST)
    return result


def _share_learned(number: int, keys: list[int], spacing: float) -> float:
    """How much of what drawn slices tell counts on a slice: all between them, nothing far beyond."""
    if not keys:
        return 0.0
    return max(0.0, 1.0 - max(keys[0] - number, number - keys[-1], 0) * spacing / _FADE)


def _middle(plane: np.ndarray) -> np.ndarray:
    """Row and column of the middle of a section."""
    return np.argwhere(plane).mean(axis=0)

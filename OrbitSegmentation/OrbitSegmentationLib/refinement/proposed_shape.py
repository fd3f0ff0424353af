"""The expected border, on slices that were not drawn, of a structure that a model or another person outlined."""

from __future__ import annotations

import numpy as np

from OrbitSegmentationLib.refinement.expected_shape import moved, signed_depth, with_area

_SPREAD = 1.2  # mm, standard deviation of a proposed border
_MOST = 3.0  # largest number of standard deviations, to which others are clipped
_FADE = 10.0  # mm beyond the last drawn slice over which the corrections learned from it fade out


def proposed_deviations(proposal: np.ndarray, drawn: np.ndarray, known: np.ndarray,
                        spacing: tuple[float, float, float]) -> np.ndarray:
    """Return how many standard deviations inside the proposed structure each voxel lies.

    If the drawn slices show that the proposal is displaced, or larger or smaller than the structure, it is moved and
    resized accordingly on the slices between them, and less and less on slices further beyond them.

    :param proposal: uncertain outline (slices, rows, columns), bool.
    :param drawn: structure on the drawn slices, bool, same shape.
    :param known: which slices were drawn, bool (slices,).
    :param spacing: distance (mm) of slices, rows and columns.
    :return: number of standard deviations, -3 to 3 and negative outside; float32, shape of ``proposal``.
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
    """Return the weight (0 to 1) of the drawn slices' corrections on a slice: 1 between them, 0 far beyond."""
    if not keys:
        return 0.0
    return max(0.0, 1.0 - max(keys[0] - number, number - keys[-1], 0) * spacing / _FADE)


def _middle(plane: np.ndarray) -> np.ndarray:
    """Return the row and column of the middle of a section."""
    return np.argwhere(plane).mean(axis=0)

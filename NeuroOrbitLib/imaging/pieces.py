"""Connected pieces of a mask, and values within numbered pieces."""

from __future__ import annotations

import numpy as np
from scipy import ndimage


def largest_piece(mask: np.ndarray, by_corners: bool = False) -> np.ndarray:
    """Return the largest connected piece of a mask (bool, any axes); an empty mask stays empty.

    :param by_corners: whether voxels that share an edge or a corner are connected, too, and not only those that share a
        face.
    """
    pieces, count = ndimage.label(mask, np.ones((3,) * mask.ndim) if by_corners else None)
    return mask if count < 2 else pieces == np.bincount(pieces.ravel())[1:].argmax() + 1


def chosen_pieces(pieces: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return where the wanted pieces are, as a mask (bool) of the shape of ``pieces``.

    :param pieces: numbers of connected pieces from 1 on, 0 for none; see :func:`scipy.ndimage.label`.
    :param wanted: one bool for each piece, (count,).
    """
    return np.concatenate([[False], wanted])[pieces]


def maximum_by_label(values: np.ndarray, labels: np.ndarray, count: int) -> np.ndarray:
    """Return the largest value (count,) within each label from 1 on, minus infinity where a label is absent.

    As :func:`scipy.ndimage.maximum`, which sorts the whole array, but only labelled voxels are looked at.

    :param values: any shape. :param labels: integers of the same shape, 0 for none.
    """
    inside = np.flatnonzero(labels)
    result = np.full(count + 1, -np.inf, dtype=np.result_type(values.dtype, np.float16))
    np.maximum.at(result, labels.ravel()[inside], values.ravel()[inside])
    return result[1:]


def minimum_by_label(values: np.ndarray, labels: np.ndarray, count: int) -> np.ndarray:
    """Return the smallest value (count,) within each label from 1 on, infinity where a label is absent."""
    return -maximum_by_label(-values, labels, count)


def mean_by_label(values: np.ndarray, labels: np.ndarray, where: np.ndarray, count: int) -> np.ndarray:
    """Return the mean (count,) of values over the voxels of each label from 1 on, 0 where there are none.

    :param values: any shape. :param labels: integers of the same shape. :param where: voxels that count, bool.
    """
    total = np.bincount(labels[where], minlength=count + 1)[1:]
    return np.bincount(labels[where], weights=values[where], minlength=count + 1)[1:] / np.maximum(total, 1)

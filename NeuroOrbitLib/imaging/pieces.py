"""Connected pieces of a mask, and values within numbered pieces."""

from __future__ import annotations

import numpy as np
from scipy import ndimage


def largest_piece(mask: np.ndarray, by_corners: bool = False) -> np.ndarray:
    """Return the largest connected piece of a mask (bool, any number of axes); an empty mask stays empty.

    :param mask: the mask, bool.
    :param by_corners: whether voxels that share only an edge or a corner are connected, too; by default only those that
        share a face.
    """
    pieces, count = ndimage.label(mask, np.ones((3,) * mask.ndim) if by_corners else None)
    return mask if count < 2 else pieces == np.bincount(pieces.ravel())[1:].argmax() + 1


def chosen_pieces(pieces: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the mask (bool, of the shape of ``pieces``) of the wanted pieces.

    :param pieces: number of the connected piece of each voxel from 1 on, 0 for none; see :func:`scipy.ndimage.label`.
    :param wanted: bool for each piece, (count,).
    """
    return np.concatenate([[False], wanted])[pieces]


def maximum_by_label(values: np.ndarray, labels: np.ndarray, count: int) -> np.ndarray:
    """Return the largest value within each label 1 to ``count``, shape (count,); minus infinity for absent labels.

    Unlike :func:`scipy.ndimage.maximum`, which sorts the whole array, this reads only labelled voxels.

    :param values: values of any shape.
    :param labels: labels, integers of the same shape, 0 for none.
    :param count: largest label.
    """
    inside = np.flatnonzero(labels)
    result = np.full(count + 1, -np.inf, dtype=np.result_type(values.dtype, np.float16))
    np.maximum.at(result, labels.ravel()[inside], values.ravel()[inside])
    return result[1:]


def minimum_by_label(values: np.ndarray, labels: np.ndarray, count: int) -> np.ndarray:
    """Return the smallest value within each label, infinity for absent labels; see :func:`maximum_by_label`."""
    return -maximum_by_label(-values, labels, count)


def mean_by_label(values: np.ndarray, labels: np.ndarray, where: np.ndarray, count: int) -> np.ndarray:
    """Return the mean of the values within each label 1 to ``count``, shape (count,); 0 for absent labels.

    :param values: values of any shape.
    :param labels: labels, integers of the same shape, 0 for none.
    :param where: mask (bool) of the voxels that are averaged, of the same shape.
    :param count: largest label.
    """
    total = np.bincount(labels[where], minlength=count + 1)[1:]
    return np.bincount(labels[where], weights=values[where], minlength=count + 1)[1:] / np.maximum(total, 1)

"""Regions cut along the borders of existing segments, without the splinters that cutting leaves."""

from __future__ import annotations

import numpy as np

_SPLINTER = 1 / 8  # of a mean region: too small to be worth a click


def connected_regions(labels: np.ndarray, borders: np.ndarray) -> np.ndarray:
    """Cut regions where ``borders`` changes, and give splinters to their largest neighbour on the same side.

    :param labels: region numbers, any shape; :param borders: label map of the same shape.
    :return: int32 numbers from 0 without gaps, of connected regions that never reach across a border.
    :raises ValueError: if the shapes differ.
    """
    from skimage.measure import label  # not when the application starts

    if labels.shape != borders.shape:
        raise ValueError(f"Borders of shape {borders.shape} do not fit regions of shape {labels.shape}.")
    sides = np.unique(borders, return_inverse=True)[1].reshape(labels.shape)
    pieces = label(labels * (int(sides.max()) + 1) + sides, background=-1, connectivity=1) - 1
    smallest = _SPLINTER * labels.size / (int(labels.max()) + 1)
    merged = _neighbour_of_splinters(pieces, sides, smallest)[pieces]
    return np.unique(merged, return_inverse=True)[1].reshape(labels.shape).astype(np.int32)


def _neighbour_of_splinters(pieces: np.ndarray, sides: np.ndarray, smallest: float) -> np.ndarray:
    """For every piece its new number: its own or, of splinters, that of the largest neighbour on the same side."""
    sizes = np.bincount(pieces.ravel())
    target = np.arange(sizes.size)
    pairs = _touching(pieces, sides)
    pairs = pairs[sizes[pairs[:, 0]] < smallest]
    pairs = pairs[sizes[pairs[:, 1]] >= smallest]  # a splinter that took another's place would be cut off again
    pairs = pairs[np.argsort(sizes[pairs[:, 1]], kind="stable")]
    target[pairs[:, 0]] = pairs[:, 1]  # the last one, which is the largest, stays
    return target


def _touching(pieces: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Pairs of touching pieces on the same side, both ways round; shape (n, 2)."""
    found = []
    for axis in range(pieces.ndim):
        piece, side = np.moveaxis(pieces, axis, 0), np.moveaxis(sides, axis, 0)
        touching = (piece[:-1] != piece[1:]) & (side[:-1] == side[1:])
        found.append(np.stack([piece[:-1][touching], piece[1:][touching]], axis=1))
    pairs = np.concatenate(found)
    return np.concatenate([pairs, pairs[:, ::-1]])

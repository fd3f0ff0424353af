"""Regions cut along the borders of existing segments, without the splinters that this leaves."""

from __future__ import annotations

import numpy as np

_SPLINTER = 1 / 8  # fraction of the mean region below which a region is too small to be worth a click


def connected_regions(labels: np.ndarray, borders: np.ndarray) -> np.ndarray:
    """Cut regions where ``borders`` changes, and merge splinters with their largest neighbour on the same side.

    :param labels: region numbers, array of any shape.
    :param borders: label map of the same shape.
    :return: numbers, int32 from 0 without gaps, of connected regions that never reach across a border.
    :raises ValueError: if the shapes differ.
    """
    from skimage.measure import label  # imported here, so that Slicer starts without it

    if labels.shape != borders.shape:
        raise ValueError(f"Borders of shape {borders.shape} do not fit regions of shape {labels.shape}.")
    sides = np.unique(borders, return_inverse=True)[1].reshape(labels.shape)
    pieces = label(labels * (int(sides.max()) + 1) + sides, background=-1, connectivity=1) - 1
    smallest = _SPLINTER * labels.size / (int(labels.max()) + 1)
    merged = _neighbour_of_splinters(pieces, sides, smallest)[pieces]
    return np.unique(merged, return_inverse=True)[1].reshape(labels.shape).astype(np.int32)


def _neighbour_of_splinters(pieces: np.ndarray, sides: np.ndarray, smallest: float) -> np.ndarray:
    """Return every piece's new number: a splinter gets that of its largest neighbour on the same side."""
    sizes = np.bincount(pieces.ravel())
    target = np.arange(sizes.size)
    pairs = _touching(pieces, sides)
    pairs = pairs[sizes[pairs[:, 0]] < smallest]
    pairs = pairs[sizes[pairs[:, 1]] >= smallest]  # merged with another splinter, which is renumbered, it would be left
    pairs = pairs[np.argsort(sizes[pairs[:, 1]], kind="stable")]
    target[pairs[:, 0]] = pairs[:, 1]  # of several neighbours the last, which is the largest, is kept
    return target


def _touching(pieces: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Return the pairs of touching pieces on the same side, in both orders; shape (n, 2)."""
    found = []
    for axis in range(pieces.ndim):
        piece, side = np.moveaxis(pieces, axis, 0), np.moveaxis(sides, axis, 0)
        touching = (piece[:-1] != piece[1:]) & (side[:-1] == side[1:])
        found.append(np.stack([piece[:-1][touching], piece[1:][touching]], axis=1))
    pairs = np.concatenate(found)
    return np.concatenate([pairs, pairs[:, ::-1]])

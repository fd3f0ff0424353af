"""Keeps and joins the pieces of a muscle or nerve that continue each other along its path.

In thick slices, or where a muscle is thin, its outline breaks. A piece belongs to it if it lies where the larger one
leads to, and leads back to it, however small it is; what lies elsewhere does not. A muscle that crosses thick slices
obliquely breaks into pieces that lead nowhere: of such scans one must say which voxels hang together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from NeuroOrbitLib.anatomy.structures import STRUCTURES, Side, label_value
from NeuroOrbitLib.imaging import Image

#: The structures that run along a path.
_GROUPS = ("rectus", "nerve", "oblique")
PATHS = tuple(value for structure in STRUCTURES
              if structure.group in _GROUPS and structure.left is not None for value in structure.values)
#: What may be taken for a bridge: what no structure has, and fat.
_FREE = (0, *(label_value("orbital_fat", side) for side in Side))
#: The largest gap (mm); muscles of the orbit are 25 to 40 mm long.
LARGEST_GAP = 8.0
#: Specks of less than this (ml) are no piece.
LEAST_PIECE = 0.01
#: The end of a piece (mm from its tip), and what the end leads away from.
_END, _BEFORE_END = 4.0, 10.0
#: What faces another piece is further from it by so much at most (mm); before an end there must be so many times its
#: voxels for it to lead anywhere.
_FACING, _LEAST_BEFORE = 1.5, 0.5
#: An end lies this far (mm) from the middle of what is before it; the side of a piece does not.
_LEAST_LEAD = 2.0
#: The largest angle (degrees) between where an end leads to and where the other end is: muscles bend that much over
#: the length of a gap and of an end.
LARGEST_BEND = 40.0
_FACES = ndimage.generate_binary_structure(3, 1)


@dataclass(frozen=True)
class _Piece:
    """A face-connected piece of a label.

    :param mask: (K, J, I). :param places: RAS mm of its voxels.
    """

    mask: np.ndarray
    places: np.ndarray


@dataclass(frozen=True)
class _Gap:
    """From the end of one piece to that of another (RAS mm)."""

    start: np.ndarray
    stop: np.ndarray


def join_pieces(labels: Image, impossible: np.ndarray | None = None,
                connected: np.ndarray | None = None) -> tuple[Image, dict[int, int]]:
    """Return a label map in which muscles and nerves consist of pieces that continue each other, and are joined.

    :param labels: label values of the vocabulary, (K, J, I); not changed.
    :param impossible: where (K, J, I) nothing may be added.
    :param connected: label value (K, J, I) of the voxels that are known to hang together with the rest of their
        structure between the slices; pieces that reach into them are kept wherever they lie.
    :return: the label map, and how many voxels of each label value were added between pieces.
    """
    array, added, grid = labels.array.copy(), {}, labels.grid
    boxes = ndimage.find_objects(array)
    for value in PATHS:
        box = boxes[value - 1] if value <= len(boxes) else None
        if box is not None:
            free = np.isin(array[box], _FREE)
            if impossible is not None:
                free &= ~impossible[box]
            kept = np.zeros(free.shape, bool) if connected is None else _reached(array[box], connected[box], value)
            count = _join(array[box], free, value, grid.affine[:3, :3], grid.voxel_volume / 1000)
            array[box][kept & (array[box] == 0)] = value
            added |= {value: count} if count else {}
    return labels.with_array(array), added


def _reached(view: np.ndarray, connected: np.ndarray, value: int) -> np.ndarray:
    """The pieces (K, J, I) of one label in its box that overlap voxels known to be connected."""
    numbers, _count = ndimage.label(view == value, _FACES)
    return np.isin(numbers, np.setdiff1d(numbers[connected == value], 0))


def _join(view: np.ndarray, free: np.ndarray, value: int, axes: np.ndarray, voxel_ml: float) -> int:
    """Join the pieces of one label in its box and leave out the others, in place; the number of voxels added.

    :param free: what may be added. :param axes: 3x3 from voxel indices (I, J, K) to mm.
    """
    whole, *rest = _pieces(view == value, axes, voxel_ml)
    added = 0
    while rest:
        gaps = [(piece, gap) for piece in rest if (gap := _gap_between(whole, piece)) is not None]
        if not gaps:
            break
        piece, gap = min(gaps, key=lambda pair: np.linalg.norm(pair[1].stop - pair[1].start))
        bridge = _bridge(whole, piece, gap, axes) & free
        view[bridge] = value
        added += int(bridge.sum())
        mask = whole.mask | piece.mask | bridge
        whole = _Piece(mask, _places(mask, axes))
        rest = [other for other in rest if other is not piece]
    view[(view == value) & ~whole.mask] = 0
    return added


def _pieces(mask: np.ndarray, axes: np.ndarray, voxel_ml: float) -> Iterator[_Piece]:
    """The pieces of a mask, largest first: the first one, and others that are more than specks."""
    numbers, count = ndimage.label(mask, _FACES)
    sizes = np.bincount(numbers.ravel(), minlength=count + 1)
    for place, number in enumerate(1 + np.argsort(-sizes[1:], kind="stable")):
        if place == 0 or sizes[number] * voxel_ml >= LEAST_PIECE:
            piece = numbers == number
            yield _Piece(piece, _places(piece, axes))


def _places(mask: np.ndarray, axes: np.ndarray) -> np.ndarray:
    return np.argwhere(mask)[:, ::-1] @ axes.T


def _gap_between(first: _Piece, second: _Piece) -> _Gap | None:
    """The gap between two pieces if each continues the other; else None."""
    to_second = cKDTree(second.places).query(first.places)[0]
    nearest = to_second.min()
    if nearest > LARGEST_GAP:
        return None
    to_first = cKDTree(first.places).query(second.places)[0]
    start, ahead = _end(first.places, to_second <= nearest + _FACING)
    stop, back = _end(second.places, to_first <= nearest + _FACING)
    straight = _continues(start, ahead, stop) and _continues(stop, back, start)
    return _Gap(start, stop) if straight else None


def _end(places: np.ndarray, facing: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """The middle of the end of a piece, and where it leads to (not normalised); None for a piece that is all end.

    :param facing: which of its places face the other piece.
    """
    distances = np.linalg.norm(places - places[facing].mean(axis=0), axis=1)
    end, before = distances <= _END, (distances > _END) & (distances <= _BEFORE_END)
    middle = places[end].mean(axis=0) if end.any() else places[facing].mean(axis=0)
    # The rim of a short, broad piece lies beside its end and not before it.
    return middle, middle - places[before].mean(axis=0) if before.sum() > _LEAST_BEFORE * end.sum() else None


def _continues(end: np.ndarray, ahead: np.ndarray | None, other: np.ndarray) -> bool:
    """Whether the other end lies where this one leads to; always for what is all end, never for the side of a piece."""
    step = other - end
    if ahead is None or not step.any():
        return True
    length = np.linalg.norm(ahead)
    cosine = step @ ahead / (np.linalg.norm(step) * max(length, 1e-6))
    return bool(length >= _LEAST_LEAD and cosine >= np.cos(np.deg2rad(LARGEST_BEND)))


def _bridge(first: _Piece, second: _Piece, gap: _Gap, axes: np.ndarray) -> np.ndarray:
    """The voxels (K, J, I) between two ends: their sections, each moved along the gap, changing into one another."""
    shape, step = first.mask.shape, gap.stop - gap.start
    places = np.moveaxis(np.indices(shape), 0, -1)[..., ::-1] @ axes.T
    share = (places - gap.start) @ step / (step @ step)
    between = (share >= 0) & (share <= 1)
    # Distances in mm, negative inside.
    depth = np.zeros(shape)
    for piece, offset, weight in ((first, share, 1 - share), (second, share - 1, share)):
        moved = (places - offset[..., None] * step) @ np.linalg.inv(axes).T
        depth += weight * ndimage.map_coordinates(_signed_distance(piece.mask, axes), np.moveaxis(
            moved[..., ::-1], -1, 0), order=1, mode="nearest")
    return between & (depth < 0)


def _signed_distance(mask: np.ndarray, axes: np.ndarray) -> np.ndarray:
    spacing = np.linalg.norm(axes, axis=0)[::-1]
    outside = ndimage.distance_transform_edt(~mask, spacing)
    return outside - ndimage.distance_transform_edt(mask, spacing)

"""Joining of the pieces of a muscle or nerve that continue each other along its path.

In thick slices, or where a muscle is thin, its outline breaks. A piece belongs to the muscle, however small it is, if
the larger piece points to it and it points back; other pieces do not. A muscle that crosses thick slices obliquely
breaks into pieces without a direction: for such scans the caller must specify which voxels are connected.
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
#: Label values that a bridge may replace: background and fat.
_FREE = (0, *(label_value("orbital_fat", side) for side in Side))
#: Largest gap (mm); muscles of the orbit are 25 to 40 mm long.
LARGEST_GAP = 8.0
#: Smallest volume (ml) of a piece.
LEAST_PIECE = 0.01
#: Length of the end of a piece (mm from its tip), and of the part before the end, which gives its direction.
_END, _BEFORE_END = 4.0, 10.0
#: Largest additional distance (mm) of the voxels that face another piece, and smallest ratio of the number of voxels
#: before an end to that of the end for it to have a direction.
_FACING, _LEAST_BEFORE = 1.5, 0.5
#: Smallest distance (mm) of an end from the middle of the part before it; the side of a piece is nearer.
_LEAST_LEAD = 2.0
#: Largest angle (degrees) between the direction of an end and the direction to the other end, by which muscles may bend
#: over the length of a gap and an end.
LARGEST_BEND = 40.0
_FACES = ndimage.generate_binary_structure(3, 1)


@dataclass(frozen=True)
class _Piece:
    """A face-connected piece of a label.

    :param mask: mask of the piece, bool (K, J, I).
    :param places: positions (N, 3) of its voxels (mm).
    """

    mask: np.ndarray
    places: np.ndarray


@dataclass(frozen=True)
class _Gap:
    """The gap from the end of one piece to that of another (mm)."""

    start: np.ndarray
    stop: np.ndarray


def join_pieces(labels: Image, impossible: np.ndarray | None = None,
                connected: np.ndarray | None = None) -> tuple[Image, dict[int, int]]:
    """Return a label map in which the pieces of muscles and nerves that continue each other are joined.

    :param labels: label values of the vocabulary, (K, J, I); not changed.
    Other pieces of these structures are removed.

    :param impossible: mask (K, J, I) of the voxels where nothing may be added.
    :param connected: label value (K, J, I) of the voxels that are known to be connected with the rest of their
        structure between the slices; pieces that overlap them are kept wherever they lie.
    :return: label map, and the number of voxels of each label value that were added between pieces.
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
    """Return the pieces (K, J, I) of one label in its box that overlap voxels known to be connected."""
    numbers, _count = ndimage.label(view == value, _FACES)
    return np.isin(numbers, np.setdiff1d(numbers[connected == value], 0))


def _join(view: np.ndarray, free: np.ndarray, value: int, axes: np.ndarray, voxel_ml: float) -> int:
    """Join the pieces of one label in its box and remove the others, in place; return the number of voxels added.

    :param view: label map in the label's box, changed in place.
    :param free: mask of the voxels that may be added, same shape.
    :param value: the label value.
    :param axes: matrix (3, 3) from voxel indices (I, J, K) to mm.
    :param voxel_ml: volume of a voxel (ml).
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
    """Yield the pieces of a mask, the largest first: this one in any case, and others that are more than specks."""
    numbers, count = ndimage.label(mask, _FACES)
    sizes = np.bincount(numbers.ravel(), minlength=count + 1)
    for place, number in enumerate(1 + np.argsort(-sizes[1:], kind="stable")):
        if place == 0 or sizes[number] * voxel_ml >= LEAST_PIECE:
            piece = numbers == number
            yield _Piece(piece, _places(piece, axes))


def _places(mask: np.ndarray, axes: np.ndarray) -> np.ndarray:
    return np.argwhere(mask)[:, ::-1] @ axes.T


def _gap_between(first: _Piece, second: _Piece) -> _Gap | None:
    """Return the gap between two pieces if each continues the other, otherwise ``None``."""
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
    """Return the middle of the end of a piece, and its direction (not normalised), ``None`` if the piece is all end.

    :param places: positions (N, 3) of the piece's voxels (mm).
    :param facing: which of the places face the other piece, bool (N,).
    """
    distances = np.linalg.norm(places - places[facing].mean(axis=0), axis=1)
    end, before = distances <= _END, (distances > _END) & (distances <= _BEFORE_END)
    middle = places[end].mean(axis=0) if end.any() else places[facing].mean(axis=0)
    # The rim of a short, broad piece lies beside its end and not before it.
    return middle, middle - places[before].mean(axis=0) if before.sum() > _LEAST_BEFORE * end.sum() else None


def _continues(end: np.ndarray, ahead: np.ndarray | None, other: np.ndarray) -> bool:
    """Return whether an end points to the other one; a piece that is all end always does, the side of a piece never."""
    step = other - end
    if ahead is None or not step.any():
        return True
    length = np.linalg.norm(ahead)
    cosine = step @ ahead / (np.linalg.norm(step) * max(length, 1e-6))
    return bool(length >= _LEAST_LEAD and cosine >= np.cos(np.deg2rad(LARGEST_BEND)))


def _bridge(first: _Piece, second: _Piece, gap: _Gap, axes: np.ndarray) -> np.ndarray:
    """Return the voxels (K, J, I) between two ends: their sections, moved along the gap and blended."""
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

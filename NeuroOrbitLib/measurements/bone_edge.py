"""Finds where a muscle on thick bone ends: at the edge of the bone in a CT, which outlines do not quite reach.

Near the edge every voxel holds muscle and bone, so that none of them is as dense as muscle. The edge itself is visible:
the muscle ends where the density has risen half-way, or in front of that place if there is thin fat on the bone.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from scipy.special import ndtr

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.definitions import BONE_HU

#: Distances (mm) beyond the outline at which densities are read along each line.
_STEP_MM = 0.1
_READ_MM = np.arange(-3.0, 4.0 + _STEP_MM / 2, _STEP_MM)
#: Largest distance (mm) of the bone's edge beyond the outline, and least thickness (mm) of the bone: thinner bone shows
#: less than its density.
_FARTHEST_MM, _THICK_MM = 2.0, 1.5
#: Least density (HU) of the bone; a voxel that holds half of it counts as bone.
_DENSE_HU = 2 * BONE_HU
#: Part of a line around the edge to which the model of densities is fitted (mm).
_AROUND_MM = np.arange(-2.0, 0.8 + _STEP_MM / 2, _STEP_MM)
#: Blur of an edge (standard deviation), place of the bone and thickness of the fat before it: least and most (mm).
_BLUR_MM, _BONE_MM, _FAT_MM = (0.15, 1.5), (-0.6, 0.6), (0.0, 1.8)
#: Where the search begins: blur, and thickness of the fat, of which thin and thick layers are tried (mm).
_FIRST_BLUR_MM, _FIRST_FAT_MM = 0.6, (0.05, 0.6)


def beyond_outline(ct: Image, ends: np.ndarray, outward: np.ndarray, muscle: float, fat: float,
                   groups: np.ndarray) -> float:
    """Return how far (mm) a muscle extends beyond its outline, as the mean over parallel lines across it.

    The mean densities of each group of lines, aligned at the bone's edge, are fitted by a model of muscle, a layer of
    fat of any thickness (or none) and bone, with the same blur in all groups.

    :param ct: Hounsfield units.
    :param ends: points where the lines leave the outline, RAS mm (N, 3).
    :param outward: unit vector (3,) along the lines to the bone.
    :param muscle: density of the muscle (HU).
    :param fat: density of the orbit's fat (HU).
    :param groups: group number (N,) of each line; lines of a group lie behind each other, so that their fat is about
        equally thick.
    :return: 0 if fewer than half of the lines meet thick bone, or the muscle does not extend beyond the outline.
    """
    density = _along(ct, ends, outward)
    edges = [_bone_edge(line, muscle) for line in density]
    known = np.array([edge is not None for edge in edges])
    if not known.any() or known.mean() < 0.5:
        return 0.0
    edges = np.array([edge for edge in edges if edge is not None])
    aligned = np.array([np.interp(edge + _AROUND_MM, _READ_MM, line)
                        for edge, line in zip(edges, density[known], strict=True)])
    groups = groups[known]
    members = [groups == number for number in np.unique(groups)]
    muscle_ends = _muscle_ends(np.array([aligned[each].mean(axis=0) for each in members]), fat)
    reached = sum(each.sum() * end for each, end in zip(members, muscle_ends, strict=True)) / len(edges)
    return float(max(edges.mean() + reached, 0.0) * known.mean())


def _along(ct: Image, ends: np.ndarray, outward: np.ndarray) -> np.ndarray:
    points = ends[:, None] + _READ_MM[:, None] * outward
    indices = ct.grid.ijk_from_ras(points.reshape(-1, 3))[:, ::-1].T
    values = ndimage.map_coordinates(ct.array, indices, output=np.float32, order=1, mode="nearest")
    return values.reshape(points.shape[:-1])


def _bone_edge(density: np.ndarray, muscle: float) -> float | None:
    """Return the position (mm) where a line's density has risen half-way to that of thick bone; ``None`` without it."""
    start = int(np.abs(_READ_MM).argmin())
    dense = float(density[start:].max())
    half = (muscle + dense) / 2
    is_bone = density[start:] > half
    edge = int(is_bone.argmax())
    thick = is_bone[edge:edge + round(_THICK_MM / _STEP_MM)].all()
    if dense < _DENSE_HU or edge == 0 or edge * _STEP_MM > _FARTHEST_MM or not thick:
        return None
    before, after = density[start + edge - 1:start + edge + 1]
    return float(_READ_MM[start + edge] - (after - half) / (after - before) * _STEP_MM)


def _muscle_ends(density: np.ndarray, fat: float) -> np.ndarray:
    """Return the end of the muscle in each group of lines (G,), in mm beyond the middle of the rise.

    :param density: mean densities (G, P) in HU at :data:`_AROUND_MM`.
    :param fat: density of the orbit's fat (HU).
    """
    from scipy.optimize import least_squares

    def unexplained(values: np.ndarray) -> np.ndarray:
        blur, bone_at, layer = values[0], values[1::2, None], values[2::2, None]
        bone, filled = ndtr((_AROUND_MM - bone_at) / blur), ndtr((_AROUND_MM - bone_at + layer) / blur)
        muscle, rest = 1.0 - filled, density - fat * (filled - bone)
        # The best-fitting densities of muscle and bone: least squares for two unknowns.
        products = [(one * other).sum(axis=1)[:, None] for one, other in (
            (muscle, muscle), (bone, bone), (muscle, bone), (muscle, rest), (bone, rest))]
        scale = products[0] * products[1] - products[2]**2
        of_muscle = (products[1] * products[3] - products[2] * products[4]) / scale
        of_bone = (products[0] * products[4] - products[2] * products[3]) / scale
        return (rest - of_muscle * muscle - of_bone * bone).ravel()

    count = len(density)
    low, high = (np.array([_BLUR_MM[end], *[_BONE_MM[end], _FAT_MM[end]] * count]) for end in (0, 1))
    found = min((least_squares(unexplained, [_FIRST_BLUR_MM, *[0.0, first] * count], bounds=(low, high))
                 for first in _FIRST_FAT_MM), key=lambda each: each.cost)
    return found.x[1::2] - found.x[2::2]

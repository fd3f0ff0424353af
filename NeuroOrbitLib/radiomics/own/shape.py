"""Shape features of a region, from its marching cubes mesh and its voxels."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from scipy.spatial import ConvexHull, QhullError
from scipy.spatial.distance import pdist

from NeuroOrbitLib.radiomics.own.marching_cubes import CORNERS, triangles

#: Number of points above which only those of the convex hull are compared, which include the farthest two.
_FEW = 64


def shape(mask: np.ndarray, spacing: np.ndarray, ibsi: bool = False) -> dict[str, float]:
    """Return the 14 features of a region.

    :param mask: the region, bool (K, J, I).
    :param spacing: voxel size in mm along K, J, I.
    :param ibsi: whether the axes are those of the sample covariance, as in IBSI, or of the population's.
    """
    mask, spacing = np.pad(mask, 1), np.asarray(spacing, dtype=np.float64)
    area, volume = _surface(mask, spacing)
    least, minor, major = _axes(mask, spacing, ibsi)
    with np.errstate(invalid="ignore", divide="ignore"):  # a single voxel has no axes
        return {
            "MeshVolume": volume,
            "VoxelVolume": float(mask.sum() * np.prod(spacing)),
            "SurfaceArea": area,
            "SurfaceVolumeRatio": area / volume,
            "Sphericity": float((36 * np.pi * volume**2) ** (1 / 3) / area),
            **_diameters(mask, spacing),
            "MajorAxisLength": 4 * float(np.sqrt(major)),
            "MinorAxisLength": 4 * float(np.sqrt(minor)),
            "LeastAxisLength": 4 * float(np.sqrt(least)),
            "Elongation": float(np.sqrt(minor / major)),
            "Flatness": float(np.sqrt(least / major)),
        }


def _surface(mask: np.ndarray, spacing: np.ndarray) -> tuple[float, float]:
    """Return area (mm2) and volume (mm3) of the mesh between the voxels' centres."""
    shape = np.array(mask.shape) - 1
    numbers = np.zeros(shape, dtype=np.int64)
    for bit, (k, j, i) in enumerate(CORNERS):
        numbers += mask[k : k + shape[0], j : j + shape[1], i : i + shape[2]].astype(np.int64) << bit
    places = np.argwhere((numbers > 0) & (numbers < 255))
    kinds = numbers[tuple(places.T)]
    cubes, corners = triangles()
    corners = corners * spacing
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) / 2
    area = np.bincount(cubes, np.linalg.norm(normals, axis=1), 256)
    # A triangle adds the pyramid below it, seen from the origin: here from the cube's own corner, then moved.
    volume = np.bincount(cubes, np.einsum("tx,tx->t", corners[:, 0], normals) / 3, 256)
    directed = np.stack([np.bincount(cubes, normals[:, axis], 256) for axis in range(3)], axis=1)
    moved = np.einsum("nx,nx->n", places * spacing, directed[kinds]) / 3
    return float(area[kinds].sum()), float((volume[kinds] + moved).sum())


def _axes(mask: np.ndarray, spacing: np.ndarray, sample: bool) -> np.ndarray:
    """Return the variances (3,) in mm2 along the region's principal axes, ascending."""
    points = np.argwhere(mask) * spacing
    points = (points - points.mean(axis=0)) / np.sqrt(len(points) - sample)
    return np.clip(np.sort(np.real(np.linalg.eigvals(points.T @ points))), 0, None)


def _diameters(mask: np.ndarray, spacing: np.ndarray) -> dict[str, float]:
    """Return the largest distances in mm between two points of the mesh: in space, and in planes across each axis."""
    vertices = _vertices(mask)
    found = {"Maximum3DDiameter": _largest_distance(vertices * spacing)}
    for axis, name in enumerate(("Slice", "Column", "Row")):
        order = np.argsort(vertices[:, axis], kind="stable")
        starts = np.flatnonzero(np.diff(vertices[order, axis])) + 1
        planes = np.split(np.delete(vertices[order] * spacing, axis, axis=1), starts)
        found[f"Maximum2DDiameter{name}"] = max(_largest_distance(plane) for plane in planes)
    return found


def _vertices(mask: np.ndarray) -> np.ndarray:
    """Return the points (V, 3) of the mesh, in voxels: the middles between a voxel of the region and one outside."""
    found = []
    for axis in range(3):
        step = np.eye(3)[axis] / 2
        found.append(np.argwhere(np.diff(mask, axis=axis)) + step)
    return np.concatenate(found)


def _largest_distance(points: np.ndarray) -> float:
    if len(points) > _FEW:
        with suppress(QhullError):  # all of them lie on a line or in a plane
            points = points[ConvexHull(points).vertices]
    return float(pdist(points).max()) if len(points) > 1 else 0.0

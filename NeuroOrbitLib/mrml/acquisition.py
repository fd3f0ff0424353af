"""Volumes under the transform that Slicer adds to tilted and unevenly spaced DICOM series.

Slicer's volumes have evenly spaced slices at right angles to the line through their centres. Its DICOM reader
(DICOMScalarVolumePlugin) puts other series under a grid transform ("acquisition transform") that moves each slice, as a
whole, to the place where it was acquired. Such a volume needs no warping: its slices stay flat, and only the steps
between them are oblique or uneven.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer
import vtk

from NeuroOrbitLib.dicom.regular import nearest_slices, on_grid, regular_places
from NeuroOrbitLib.imaging.image import Grid

#: Largest distance (in voxels) of the corners of a slice from where a shift of the whole slice puts them.
_FLAT = 0.1


@dataclass(frozen=True)
class Acquisition:
    """Position of the slices of a volume in the patient.

    :param grid: regular grid in patient RAS mm that holds all slices.
    :param places: index K on ``grid`` of each slice of the volume.
    :param notices: sentences for the user about what is interpolated.
    """

    grid: Grid
    places: np.ndarray
    notices: tuple[str, ...]

    @property
    def is_regular(self) -> bool:
        """Whether the slices of the volume are those of the grid."""
        return np.array_equal(self.places, np.arange(self.grid.shape[0]))

    def voxels(self, own: np.ndarray) -> np.ndarray:
        """Return voxels of the volume (K, J, I) interpolated on the grid; themselves if they already lie on it."""
        return own if self.is_regular else on_grid(own, self.places, self.grid.shape[0])

    def labels(self, own: np.ndarray) -> np.ndarray:
        """Return labels of the volume (K, J, I) on the grid, each slice from the nearest one of the volume."""
        return own if self.is_regular else own[nearest_slices(self.places, self.grid.shape[0])]

    def own_slices(self, labels: np.ndarray) -> np.ndarray:
        """Return labels on the grid (K, J, I) for the slices of the volume, each from the nearest one of the grid."""
        return labels if self.is_regular else labels[np.rint(self.places).astype(int)]


def acquisition_of(node: slicer.vtkMRMLScalarVolumeNode, local: np.ndarray) -> Acquisition | None:
    """Return the position of the slices of a volume under a non-linear transform; None if that bends them, or could.

    :param node: the volume.
    :param local: 4x4 matrix from the volume's voxel index (I, J, K, 1) to its own RAS mm.
    :raises ImageProblem: if a gap between the slices is too large to be interpolated.
    """
    columns, rows, count = node.GetImageData().GetDimensions()
    if min(columns, rows, count) < 2 or not _moves_slices(node.GetParentTransformNode(), count):
        return None
    corners = _world_corners(node, local, (columns - 1, rows - 1, count))
    first, across, down = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    steps = np.stack([across.mean(axis=0) / (columns - 1), down.mean(axis=0) / (rows - 1)])
    normal = np.cross(*steps)
    length = np.linalg.norm(normal)
    tolerance = _FLAT * np.linalg.norm(steps, axis=1).min()
    shifted = max(np.abs(across - across.mean(axis=0)).max(), np.abs(down - down.mean(axis=0)).max(),
                  np.abs(corners[:, 3] - first - across - down).max())
    if length < 1e-9 or not np.isfinite(corners).all() or shifted > tolerance:
        return None
    distances = (first - first[0]) @ (normal / length)
    upward = 1.0 if distances[-1] > 0 else -1.0
    if (np.diff(distances) * upward <= 0).any():
        return None
    places, slices, notices = regular_places(distances * upward)
    step = (first[-1] - first[0]) / (slices - 1)
    off = first - first[0] - places[:, None] * step
    beside = off - (off @ normal)[:, None] * normal / length**2
    if np.abs(beside).max() > 10 * tolerance:  # one voxel
        return None
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = np.stack([*steps, step], axis=1), first[0]
    return Acquisition(Grid((slices, rows, columns), affine), places, tuple(notices))


def _moves_slices(transform: slicer.vtkMRMLTransformNode, count: int) -> bool:
    """Return whether a transform only moves the corners of ``count`` slices; any other could bend them."""
    above = transform.GetParentTransformNode()
    if above is not None and not above.IsTransformToWorldLinear():
        return False
    for get in (transform.GetTransformToParentAs, transform.GetTransformFromParentAs):
        grid = get("vtkOrientedGridTransform", False)
        if grid is not None and grid.GetDisplacementGrid() is not None:
            return tuple(grid.GetDisplacementGrid().GetDimensions()) == (2, 2, count)
    return False


def _world_corners(node: slicer.vtkMRMLScalarVolumeNode, local: np.ndarray, last: tuple[int, int, int]) -> np.ndarray:
    """Return the corner voxels of each slice in patient RAS mm: first, along I, along J, both; shape (K, 4, 3)."""
    to_world = vtk.vtkGeneralTransform()
    node.GetParentTransformNode().GetTransformToWorld(to_world)
    indices = [[i, j, k, 1] for k in range(last[2]) for j in (0, last[1]) for i in (0, last[0])]
    points = np.array(indices) @ local.T
    return np.array([to_world.TransformPoint(point[:3]) for point in points]).reshape(last[2], 4, 3)

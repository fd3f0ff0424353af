"""A box over the scan that shows the input of a classifier, and that the user can move."""

from __future__ import annotations

import numpy as np
import slicer

from NeuroOrbitLib.imaging.image import Grid

_COLOR, _FILL = (1.0, 0.78, 0.15), 0.0
_HANDLES = 1.2


def add_crop_box(name: str, grid: Grid) -> slicer.vtkMRMLMarkupsROINode:
    """Add a box around ``grid`` that can be moved, but not turned or resized, since a classifier's input is fixed."""
    box = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsROINode", slicer.mrmlScene.GenerateUniqueName(name))
    box.CreateDefaultDisplayNodes()
    display = box.GetDisplayNode()
    display.SetSelectedColor(*_COLOR)
    display.SetColor(*_COLOR)
    display.SetFillOpacity(_FILL)
    display.SetPropertiesLabelVisibility(False)
    display.SetHandlesInteractive(True)
    display.SetTranslationHandleVisibility(True)
    display.SetRotationHandleVisibility(False)
    display.SetScaleHandleVisibility(False)
    display.SetInteractionHandleScale(_HANDLES)
    put_box_around(box, grid)
    return box


def put_box_around(box: slicer.vtkMRMLMarkupsROINode, grid: Grid) -> None:
    """Set the position, size and orientation of a box to those of ``grid`` (RAS mm, up to the edges of its voxels)."""
    matrix = np.eye(4)
    matrix[:3, :3] = grid.affine[:3, :3] / np.array(grid.spacing)
    if np.linalg.det(matrix[:3, :3]) < 0:  # reversing an axis gives the same box with a right-handed matrix
        matrix[:3, 0] *= -1
    matrix[:3, 3] = grid.center
    was_modifying = box.StartModify()
    box.SetSize(*(np.array(grid.shape[::-1]) * grid.spacing))
    box.SetAndObserveObjectToNodeMatrix(slicer.util.vtkMatrixFromArray(matrix))
    box.EndModify(was_modifying)


def displacement(box: slicer.vtkMRMLMarkupsROINode, grid: Grid) -> np.ndarray:
    """Return the displacement of the box's centre from that of ``grid``, in RAS mm, shape (3,)."""
    return np.array(box.GetCenterWorld()) - grid.center

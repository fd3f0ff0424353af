"""A box over the scan that shows where a classifier looks, and that the user can drag."""

from __future__ import annotations

import numpy as np
import slicer

from NeuroOrbitLib.imaging.image import Grid

_COLOR, _FILL = (1.0, 0.78, 0.15), 0.0
_HANDLES = 1.2


def add_crop_box(name: str, grid: Grid) -> slicer.vtkMRMLMarkupsROINode:
    """A new box around ``grid`` that can be moved, but neither turned nor resized: what a classifier sees is fixed."""
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
    """Give the box the place, size and direction of ``grid`` (RAS mm, voxel edges included)."""
    matrix = np.eye(4)
    matrix[:3, :3] = grid.affine[:3, :3] / np.array(grid.spacing)
    if np.linalg.det(matrix[:3, :3]) < 0:  # columns that run the other way: the same box
        matrix[:3, 0] *= -1
    matrix[:3, 3] = grid.center
    was_modifying = box.StartModify()
    box.SetSize(*(np.array(grid.shape[::-1]) * grid.spacing))
    box.SetAndObserveObjectToNodeMatrix(slicer.util.vtkMatrixFromArray(matrix))
    box.EndModify(was_modifying)


def displacement(box: slicer.vtkMRMLMarkupsROINode, grid: Grid) -> np.ndarray:
    """How far the box's middle lies from that of ``grid``, in RAS mm, shape (3,)."""
    return np.array(box.GetCenterWorld()) - grid.center

"""Showing results to the user: slices at the right place, surfaces, the table in the layout."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import slicer
import vtk

#: Side of the field of view of a slice, as a multiple of the largest extent of what it shows.
_SLICE_MARGIN = 1.25
#: Cosine of the angle up to which two directions count as the same.
_SAME_DIRECTION = 0.8


def show_volume(volume: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Show ``volume`` in the slice views unless one of them shows it already."""
    shown = [getattr(composite, f"Get{layer}VolumeID")() for layer in ("Background", "Foreground")
             for composite in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode")]
    if volume.GetID() not in shown:
        slicer.util.setSliceViewerLayers(background=volume, fit=True)


def frame_in_slices(segmentation: slicer.vtkMRMLSegmentationNode, preferred: Sequence[str]) -> None:
    """Let the slice views show all segments large and in the middle.

    :param preferred: segments through whose middle the slices cut: the first that has voxels, else any that has.
    """
    present = segmentation.GetSegmentation().GetSegmentIDs()
    middles = (segmentation.GetSegmentCenterRAS(name) for name in (*preferred, *present) if name in present)
    middle = next((place for place in middles if place is not None), None)
    if middle is None:
        return
    bounds = [0.0] * 6
    segmentation.GetRASBounds(bounds)
    for slice_node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        _zoom_slice(slice_node, np.array(bounds).reshape(3, 2))
        slice_node.JumpSliceByOffsetting(*middle)


def jump_to(position: Sequence[float]) -> None:
    """Show a place (RAS mm) in the middle of all slice views."""
    for slice_node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        slice_node.JumpSliceByCentering(*position)


def offset_to(position: Sequence[float], along: Sequence[float] | None = None) -> None:
    """Let all slice views cut through a place (RAS mm) without moving sideways.

    :param along: only the views that look along this direction (RAS) move.
    """
    for slice_node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        matrix = slice_node.GetSliceToRAS()
        normal = np.array([matrix.GetElement(row, 2) for row in range(3)])
        if along is None or abs(normal @ np.array(along)) > _SAME_DIRECTION:
            slice_node.JumpSliceByOffsetting(*position)


def align_with(volume: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Turn the slice views to the slices of ``volume``, so that they show what was acquired."""
    for slice_node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        slice_node.RotateToVolumePlane(volume)


def frame_box(center: Sequence[float], size: Sequence[float]) -> None:
    """Let the slice views show a box (RAS mm) in the middle, so large that it fills them."""
    middle, half = np.array(center), np.array(size) / 2
    for slice_node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        _zoom_slice(slice_node, np.stack([middle - half, middle + half], axis=1))


def _zoom_slice(slice_node: slicer.vtkMRMLSliceNode, box: np.ndarray) -> None:
    """Centre the slice on the box (RAS mm, shape (3, 2)) and zoom in until the box fills the view; never out."""
    slice_node.JumpSliceByCentering(*box.mean(axis=1))
    width, height, depth = slice_node.GetFieldOfView()
    zoom = min(1.0, _SLICE_MARGIN * float(np.ptp(box, axis=1).max()) / min(width, height))
    slice_node.SetFieldOfView(width * zoom, height * zoom, depth)


def frame_in_3d(segmentation: slicer.vtkMRMLSegmentationNode) -> None:
    """Let all 3D views look at ``segmentation`` from where they look now, so near that it fills them.

    The application's own reset of 3D views centres them but keeps a distance that suits a whole body.
    """
    bounds = [0.0] * 6
    segmentation.GetRASBounds(bounds)
    if not vtk.vtkMath.AreBoundsInitialized(bounds):
        return
    low, high = np.array(bounds).reshape(3, 2).T
    for view in slicer.util.getNodesByClass("vtkMRMLViewNode"):
        camera = slicer.modules.cameras.logic().GetViewActiveCameraNode(view)
        if camera is not None:
            _look_at(camera, (low + high) / 2, float(np.linalg.norm(high - low)) / 2)


def _look_at(camera: slicer.vtkMRMLCameraNode, center: np.ndarray, radius: float) -> None:
    """Put a sphere (RAS mm) into the middle of a view, touching its edges."""
    direction = np.array(camera.GetPosition()) - np.array(camera.GetFocalPoint())
    distance = radius / math.sin(math.radians(camera.GetViewAngle()) / 2)
    camera.SetFocalPoint(*center)
    camera.SetPosition(*(center + distance * direction / np.linalg.norm(direction)))
    camera.ResetClippingRange()


def show_table(table: slicer.vtkMRMLTableNode) -> None:
    """Show ``table`` in the layout; the layout changes to one with slices, 3D and a table if it has no table."""
    layout = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLLayoutNode")
    if layout is not None and layout.GetViewArrangement() not in _layouts_with_table():
        layout.SetViewArrangement(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpTableView)
    application = slicer.app.applicationLogic()
    application.GetSelectionNode().SetActiveTableID(table.GetID())
    application.PropagateTableSelection()


def _layouts_with_table() -> tuple[int, ...]:
    node = slicer.vtkMRMLLayoutNode
    return (node.SlicerLayoutFourUpTableView, node.SlicerLayout3DTableView, node.SlicerLayoutFourUpPlotTableView)

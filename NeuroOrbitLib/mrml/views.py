"""Showing results to the user: slices at the right place, surfaces, the table in the layout."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import slicer
import vtk


def show_volume(volume: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Show ``volume`` in the slice views unless one of them shows it already."""
    shown = [getattr(composite, f"Get{layer}VolumeID")() for layer in ("Background", "Foreground")
             for composite in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode")]
    if volume.GetID() not in shown:
        slicer.util.setSliceViewerLayers(background=volume, fit=True)


def jump_to_segment(segmentation: slicer.vtkMRMLSegmentationNode, preferred: Sequence[str]) -> None:
    """Let all slice views cut through the middle of the first of the ``preferred`` segments that exists."""
    present = segmentation.GetSegmentation().GetSegmentIDs()
    segment_id = next((name for name in (*preferred, *present) if name in present), None)
    if segment_id is not None:
        center = segmentation.GetSegmentCenterRAS(segment_id)
        slicer.vtkMRMLSliceNode.JumpAllSlices(slicer.mrmlScene, *center, slicer.vtkMRMLSliceNode.OffsetJumpSlice)


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

"""Showing results to the user: slices at the right place, surfaces, the table in the layout."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import MappingProxyType

import numpy as np
import slicer
import vtk

from NeuroOrbitLib.mrml.windows import set_useful_window

#: Side of the field of view of a slice, as a multiple of the largest extent of what it shows.
_SLICE_MARGIN = 1.25
#: Cosine of the angle up to which two directions count as the same.
_SAME_DIRECTION = 0.8
#: The view that shows each of the patient's planes by default.
PLANES = MappingProxyType({"Axial": "Red", "Coronal": "Green", "Sagittal": "Yellow"})


def show_volume(volume: slicer.vtkMRMLScalarVolumeNode) -> bool:
    """Show ``volume``, and nothing over it, in a useful window in all slice views.

    Views that show it already, alone or blended with another volume, stay as they are.

    :return: whether the views showed something else before.
    """
    set_useful_window(volume)
    composites = slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode")
    if all(volume.GetID() in (node.GetBackgroundVolumeID(), node.GetForegroundVolumeID()) for node in composites):
        return False
    slicer.util.setSliceViewerLayers(background=volume, foreground=None, label=None, foregroundOpacity=0.0, fit=True)
    return True


def is_shown(volume: slicer.vtkMRMLScalarVolumeNode) -> bool:
    """Return whether any slice view shows ``volume``, alone or blended with another one."""
    return any(volume.GetID() in (node.GetBackgroundVolumeID(), node.GetForegroundVolumeID())
               for node in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode"))


def redraw_slices() -> None:
    """Let all slice views draw what lies over the scan anew.

    After a scene was read over another one, outlines of segmentations are missing until a slice moves.
    """
    for slice_node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        slice_node.Modified()


def jump_to(position: Sequence[float]) -> None:
    """Show a place (RAS mm) in the middle of all slice views."""
    for slice_node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        slice_node.JumpSliceByCentering(*position)


def cut_through(position: Sequence[float]) -> None:
    """Let all slice views cut through a place (RAS mm); a view moves sideways only if the place lies outside of it."""
    for slice_node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        slice_node.JumpSliceByOffsetting(*position)
        if not _shows(slice_node, position):
            slice_node.JumpSliceByCentering(*position)


def _shows(slice_node: slicer.vtkMRMLSliceNode, position: Sequence[float]) -> bool:
    """Whether a place (RAS mm) lies in the field of view of a slice."""
    to_slice = np.linalg.inv(slicer.util.arrayFromVTKMatrix(slice_node.GetSliceToRAS()))
    sideways = np.abs((to_slice @ [*position, 1.0])[:2])
    return bool((sideways <= np.array(slice_node.GetFieldOfView()[:2]) / 2).all())


def jump_to_segment(segmentation: slicer.vtkMRMLSegmentationNode, segment_id: str) -> None:
    """Show the middle of a segment in all slice views; nothing happens if it was removed or is empty."""
    if segmentation.GetSegmentation().GetSegment(segment_id) is None:
        return
    middle = segmentation.GetSegmentCenterRAS(segment_id)
    if middle is not None:
        jump_to(middle)


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


def fill_slice(slice_node: slicer.vtkMRMLSliceNode, center: Sequence[float], width: float, height: float) -> None:
    """Let a slice view cut through ``center`` (RAS mm), and show at least ``width`` x ``height`` mm around it."""
    slice_node.JumpSliceByCentering(*center)
    wide, high, _ = slice_node.GetDimensions()
    scale = max(width / wide, height / high)  # the same along both
    slice_node.SetFieldOfView(scale * wide, scale * high, slice_node.GetFieldOfView()[2])
    slice_node.UpdateMatrices()


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
            _look_at(camera, (low + high) / 2, float(np.linalg.norm(high - low)) / 2, _width_over_height(view))


def _width_over_height(view: slicer.vtkMRMLViewNode) -> float:
    """Width of a 3-D view over its height; 1 where the layout does not show it."""
    manager = slicer.app.layoutManager()
    widgets = [manager.threeDWidget(number) for number in range(manager.threeDViewCount)]
    sizes = [widget.threeDView().renderWindow().GetSize() for widget in widgets if widget.mrmlViewNode() is view]
    return sizes[0][0] / sizes[0][1] if sizes and all(sizes[0]) else 1.0


def _look_at(camera: slicer.vtkMRMLCameraNode, center: np.ndarray, radius: float, width_over_height: float) -> None:
    """Put a sphere (RAS mm) into the middle of a view, touching its nearer edges."""
    direction = np.array(camera.GetPosition()) - np.array(camera.GetFocalPoint())
    half_angle = math.radians(camera.GetViewAngle()) / 2  # along the height
    distance = radius / math.sin(math.atan(math.tan(half_angle) * min(width_over_height, 1.0)))
    camera.SetFocalPoint(*center)
    camera.SetPosition(*(center + distance * direction / np.linalg.norm(direction)))
    camera.ResetClippingRange()


def show_slices_only() -> None:
    """Change from one of the application's usual layouts, half of which is 3-D, to one of two slice views.

    A layout that the user has chosen beyond these stays.
    """
    names = slicer.vtkMRMLLayoutNode
    _change_layout((*_half_3d(), names.SlicerLayoutFourUpView), names.SlicerLayoutSideBySideView)


def show_large_slices() -> None:
    """Change from the application's first layout, in which 3-D takes half of the window, to four equal views."""
    _change_layout(_half_3d(), slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)


def _half_3d() -> tuple[int, ...]:
    names = slicer.vtkMRMLLayoutNode
    return (names.SlicerLayoutInitialView, names.SlicerLayoutConventionalView,
            names.SlicerLayoutConventionalWidescreenView)


def _change_layout(before: Sequence[int], after: int) -> None:
    layout = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLLayoutNode")
    if layout is not None and layout.GetViewArrangement() in before:
        layout.SetViewArrangement(after)
        slicer.app.processEvents()  # the views take their new size, which the zoom depends on


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

"""Views of the application: volumes, position and zoom of slices, 3D cameras, layout."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import MappingProxyType

import numpy as np
import slicer
import vtk

from NeuroOrbitLib.mrml.windows import set_useful_window

#: Edge of a slice's field of view as a multiple of the largest extent of the box that it shows.
_SLICE_MARGIN = 1.25
#: Cosine of the angle up to which two directions count as the same.
_SAME_DIRECTION = 0.8
#: The view that shows each of the patient's planes by default.
PLANES = MappingProxyType({"Axial": "Red", "Coronal": "Green", "Sagittal": "Yellow"})
#: The same views by the RAS axis along which they look.
_VIEW_ALONG = ("Yellow", "Green", "Red")


def show_volume(volume: slicer.vtkMRMLScalarVolumeNode) -> bool:
    """Show only ``volume``, in a suitable window, in all slice views.

    If all views already show it, alone or blended with another volume, they stay as they are.

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
    """Redraw what all slice views show over the scan.

    After a scene is added to another one, outlines of segmentations are missing until a slice moves.
    """
    for slice_node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        slice_node.Modified()


def jump_to(position: Sequence[float]) -> None:
    """Centre all slice views on a place (RAS mm)."""
    for slice_node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        slice_node.JumpSliceByCentering(*position)


def cut_through(position: Sequence[float]) -> None:
    """Move all slice views through a place (RAS mm); a view moves sideways only if the place lies outside of it."""
    for slice_node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        slice_node.JumpSliceByOffsetting(*position)
        if not _shows(slice_node, position):
            slice_node.JumpSliceByCentering(*position)


def plane_of(slice_node: slicer.vtkMRMLSliceNode) -> str | None:
    """Return the view of :data:`PLANES` whose plane a slice view shows; ``None`` if it shows another plane.

    Slices of a scan are seldom exactly axial, coronal or sagittal, and the application turns its views to those of
    each scan that is loaded. Up to 37 degrees a view therefore still counts as one of the patient's planes.
    """
    along = np.abs(slicer.util.arrayFromVTKMatrix(slice_node.GetSliceToRAS())[:3, 2])
    axis = int(along.argmax())
    return _VIEW_ALONG[axis] if along[axis] > _SAME_DIRECTION else None


def _shows(slice_node: slicer.vtkMRMLSliceNode, position: Sequence[float]) -> bool:
    """Return whether a place (RAS mm) lies in the field of view of a slice, at any depth."""
    to_slice = np.linalg.inv(slicer.util.arrayFromVTKMatrix(slice_node.GetSliceToRAS()))
    sideways = np.abs((to_slice @ [*position, 1.0])[:2])
    return bool((sideways <= np.array(slice_node.GetFieldOfView()[:2]) / 2).all())


def jump_to_segment(segmentation: slicer.vtkMRMLSegmentationNode, segment_id: str) -> None:
    """Centre all slice views on a segment; nothing happens if it was removed or is empty."""
    if segmentation.GetSegmentation().GetSegment(segment_id) is None:
        return
    middle = segmentation.GetSegmentCenterRAS(segment_id)
    if middle is not None:
        jump_to(middle)


def offset_to(position: Sequence[float], along: Sequence[float] | None = None) -> None:
    """Move all slice views through a place (RAS mm) along their normals, without moving sideways.

    :param position: the place.
    :param along: direction (RAS, unit length) along which a view must look to be moved; by default all are moved.
    """
    for slice_node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        matrix = slice_node.GetSliceToRAS()
        normal = np.array([matrix.GetElement(row, 2) for row in range(3)])
        if along is None or abs(normal @ np.array(along)) > _SAME_DIRECTION:
            slice_node.JumpSliceByOffsetting(*position)


def align_with(volume: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Turn the slice views to the slices of ``volume``, so that they show acquired voxels."""
    for slice_node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        slice_node.RotateToVolumePlane(volume)


def frame_box(center: Sequence[float], size: Sequence[float]) -> None:
    """Centre the slice views on a box (centre and size in RAS mm) and zoom in until it fills them."""
    middle, half = np.array(center), np.array(size) / 2
    for slice_node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        _zoom_slice(slice_node, np.stack([middle - half, middle + half], axis=1))


def _zoom_slice(slice_node: slicer.vtkMRMLSliceNode, box: np.ndarray) -> None:
    """Centre a slice on a box (RAS mm, shape (3, 2)) and zoom in, never out, until the box fills the view."""
    slice_node.JumpSliceByCentering(*box.mean(axis=1))
    width, height, depth = slice_node.GetFieldOfView()
    zoom = min(1.0, _SLICE_MARGIN * float(np.ptp(box, axis=1).max()) / min(width, height))
    slice_node.SetFieldOfView(width * zoom, height * zoom, depth)


def fill_slice(slice_node: slicer.vtkMRMLSliceNode, center: Sequence[float], width: float, height: float) -> None:
    """Centre a slice view on ``center`` (RAS mm) and show at least ``width`` x ``height`` mm around it."""
    slice_node.JumpSliceByCentering(*center)
    wide, high, _ = slice_node.GetDimensions()
    scale = max(width / wide, height / high)  # the same along both
    slice_node.SetFieldOfView(scale * wide, scale * high, slice_node.GetFieldOfView()[2])
    slice_node.UpdateMatrices()


def frame_in_3d(segmentation: slicer.vtkMRMLSegmentationNode) -> None:
    """Move the cameras of all 3D views so that ``segmentation`` fills them, without turning them.

    The application's own reset centres 3D views, but at a distance that suits a whole body.
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
    """Return the ratio of the width of a 3D view to its height; 1 if the layout does not show it."""
    manager = slicer.app.layoutManager()
    widgets = [manager.threeDWidget(number) for number in range(manager.threeDViewCount)]
    sizes = [widget.threeDView().renderWindow().GetSize() for widget in widgets if widget.mrmlViewNode() is view]
    return sizes[0][0] / sizes[0][1] if sizes and all(sizes[0]) else 1.0


def _look_at(camera: slicer.vtkMRMLCameraNode, center: np.ndarray, radius: float, width_over_height: float) -> None:
    """Move a camera so that a sphere (RAS mm) is in the middle of its view and touches the nearer edges."""
    direction = np.array(camera.GetPosition()) - np.array(camera.GetFocalPoint())
    half_angle = math.radians(camera.GetViewAngle()) / 2  # vertical
    distance = radius / math.sin(math.atan(math.tan(half_angle) * min(width_over_height, 1.0)))
    camera.SetFocalPoint(*center)
    camera.SetPosition(*(center + distance * direction / np.linalg.norm(direction)))
    camera.ResetClippingRange()


def show_slices_only() -> None:
    """Change from one of the application's usual layouts with a 3D view to one of two slice views.

    Any other layout that the user has chosen stays.
    """
    names = slicer.vtkMRMLLayoutNode
    _change_layout((*_half_3d(), names.SlicerLayoutFourUpView), names.SlicerLayoutSideBySideView)


def show_large_slices() -> None:
    """Change from a layout in which 3D takes half of the window, such as the initial one, to four equal views."""
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

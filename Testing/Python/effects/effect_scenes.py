"""Scenes and mouse events for tests of Segment Editor effects: places in RAS mm, results in mm."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
import qt
import slicer
import vtk
from PySide6.QtTest import QTest
from vtk.util.numpy_support import vtk_to_numpy


def rotation(axis: Sequence[float], degrees: float) -> np.ndarray:
    """3x3 rotation matrix."""
    transform = vtk.vtkTransform()
    transform.RotateWXYZ(degrees, *axis)
    return slicer.util.arrayFromVTKMatrix(transform.GetMatrix())[:3, :3]


def add_volume(array: np.ndarray, spacing: Sequence[float] = (1.0, 1.0, 1.0), axes: np.ndarray | None = None,
               name: str = "CT") -> slicer.vtkMRMLScalarVolumeNode:
    """A volume (K, J, I) whose middle lies at the origin; axes: 3x3, columns I, J, K, default left, posterior, up."""
    affine = np.eye(4)
    affine[:3, :3] = (np.diag([-1.0, -1.0, 1.0]) if axes is None else axes) * np.asarray(spacing)
    affine[:3, 3] = -affine[:3, :3] @ (np.array(array.shape[::-1]) - 1) / 2
    node = slicer.util.addVolumeFromArray(array, ijkToRAS=slicer.util.vtkMatrixFromArray(affine), name=name)
    slicer.util.setSliceViewerLayers(background=node, fit=True)
    return node


def ball_volume(spacing: Sequence[float] = (1.0, 1.0, 1.0), shape: Sequence[int] = (40, 48, 56), radius: float = 10.0,
                axes: np.ndarray | None = None, center: Sequence[float] = (0.0, 0.0, 0.0), inside: int = 100,
                outside: int = 0) -> slicer.vtkMRMLScalarVolumeNode:
    """A volume with a bright ball around a point in RAS mm."""
    node = add_volume(np.zeros(shape, dtype=np.int16), spacing, axes)
    distance = np.linalg.norm(voxel_places(node) - np.asarray(center), axis=-1)
    slicer.util.updateVolumeFromArray(node, np.where(distance <= radius, inside, outside).astype(np.int16))
    node.GetDisplayNode().AutoWindowLevelOff()
    node.GetDisplayNode().SetWindowLevel(inside - outside, (inside + outside) / 2)
    return node


def noisy_ball(noise: float, **options) -> slicer.vtkMRMLScalarVolumeNode:
    """A :func:`ball_volume` in noise of this standard deviation: muscle in fat."""
    node = ball_volume(**options)
    array = slicer.util.arrayFromVolume(node)
    array += np.random.default_rng(0).normal(0, noise, array.shape).astype(array.dtype)
    slicer.util.arrayFromVolumeModified(node)
    return node


def ball(node: slicer.vtkMRMLVolumeNode, radius: float, center: Sequence[float] = (0.0, 0.0, 0.0)) -> np.ndarray:
    """The voxels of a ball: boolean (K, J, I)."""
    return np.linalg.norm(voxel_places(node) - np.asarray(center), axis=-1) <= radius


def dice(found: np.ndarray, truth: np.ndarray) -> float:
    """Overlap of two masks, 0 to 1."""
    return 2 * (found & truth).sum() / (found.sum() + truth.sum())


def voxel_places(node: slicer.vtkMRMLVolumeNode) -> np.ndarray:
    """RAS mm of all voxels of a volume without parent transform: shape (K, J, I, 3)."""
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    affine = slicer.util.arrayFromVTKMatrix(matrix)
    indices = np.moveaxis(np.indices(slicer.util.arrayFromVolume(node).shape)[::-1], 0, -1)
    return indices @ affine[:3, :3].T + affine[:3, 3]


def make_editor(volume: slicer.vtkMRMLScalarVolumeNode,
                segments: Sequence[str] = ("one", "two")) -> slicer.qMRMLSegmentEditorWidget:
    """A Segment Editor on a new segmentation with empty segments; the first is selected."""
    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Orbit")
    segmentation.CreateDefaultDisplayNodes()
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    for name in segments:
        segmentation.GetSegmentation().AddEmptySegment(name, name)
    editor = slicer.qMRMLSegmentEditorWidget()
    editor.setMRMLScene(slicer.mrmlScene)
    editor.setMRMLSegmentEditorNode(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentEditorNode"))
    editor.setSegmentationNode(segmentation)
    editor.setSourceVolumeNode(volume)
    editor.setCurrentSegmentID(segments[0])
    slicer.app.processEvents()
    return editor


def draw(editor: slicer.qMRMLSegmentEditorWidget, mask: np.ndarray, segment: str = "one") -> None:
    """Put voxels of the source volume's grid into a segment, without any effect."""
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask.astype(np.uint8), editor.segmentationNode(), segment,
                                                     editor.sourceVolumeNode())
    slicer.app.processEvents()


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 120.0) -> None:
    """Let the application work until something is so; ``what`` says what went wrong if it never is."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        slicer.app.processEvents()
        time.sleep(0.005)


def close_editor(editor: slicer.qMRMLSegmentEditorWidget) -> None:
    """End the editor as a module does that is left."""
    editor.setActiveEffect(None)
    editor.removeViewObservations()
    editor.deleteLater()
    slicer.app.processEvents()


def slice_widget(name: str = "Red") -> slicer.qMRMLSliceWidget:
    """A slice view with its controller."""
    return slicer.app.layoutManager().sliceWidget(name)


def slice_view(name: str = "Red") -> slicer.qMRMLSliceView:
    """The image area of a slice view."""
    return slice_widget(name).sliceView()


def slice_axes(name: str) -> np.ndarray:
    """The directions in RAS to the right, upward and through the slices of a view, as columns."""
    return slicer.util.arrayFromVTKMatrix(slice_view(name).mrmlSliceNode().GetSliceToRAS())[:3, :3]


def turn_slice(name: str, axes: np.ndarray, center: Sequence[float] = (0.0, 0.0, 0.0)) -> None:
    """Let a slice view cut through a point along axes: 3x3, columns right, up and normal, RAS."""
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = axes, center
    node = slice_view(name).mrmlSliceNode()
    node.GetSliceToRAS().DeepCopy(slicer.util.vtkMatrixFromArray(matrix))
    node.UpdateMatrices()
    slicer.app.processEvents()


def pixel(ras: Sequence[float], name: str = "Red") -> qt.QPoint:
    """The point of a slice view, from its upper left, where a point in RAS mm is seen."""
    view = slice_view(name)
    x, y, _ = view.convertRASToXYZ(list(ras))
    return qt.QPoint(round(x), round(view.height - 1 - y))


def hover(ras: Sequence[float], name: str = "Red") -> None:
    """Move the mouse to a point; unlike QTest's move this also counts where the mouse was before."""
    _move(slice_view(name), pixel(ras, name))
    slicer.app.processEvents()


def _move(view: slicer.qMRMLSliceView, position: qt.QPoint, button: int = qt.Qt.NoButton,
          modifier: int = qt.Qt.NoModifier) -> None:
    event = qt.QMouseEvent(qt.QEvent.MouseMove, qt.QPointF(position), qt.QPointF(view.mapToGlobal(position)),
                           qt.Qt.NoButton, button, modifier)
    qt.QApplication.sendEvent(view, event)


def click(ras: Sequence[float], name: str = "Red", modifier: int = qt.Qt.NoModifier) -> None:
    """Click with the left button at a point."""
    drag([ras], name, modifier)


def drag(points: Sequence[Sequence[float]], name: str = "Red", modifier: int = qt.Qt.NoModifier) -> None:
    """Draw with the left button through points."""
    press(points[0], name, modifier)
    for point in points[1:]:
        _move(slice_view(name), pixel(point, name), qt.Qt.LeftButton, modifier)
    release(points[-1], name, modifier)


def press(ras: Sequence[float], name: str = "Red", modifier: int = qt.Qt.NoModifier) -> None:
    """Move the mouse to a point and put the left button down."""
    hover(ras, name)
    _button_down(ras, name, modifier)


def click_here(ras: Sequence[float], name: str = "Red") -> None:
    """Click where the mouse is already."""
    _button_down(ras, name, qt.Qt.NoModifier)
    release(ras, name)


def _button_down(ras: Sequence[float], name: str, modifier: int) -> None:
    QTest.mousePress(slice_view(name), qt.Qt.LeftButton, modifier, pixel(ras, name))


def release(ras: Sequence[float], name: str = "Red", modifier: int = qt.Qt.NoModifier) -> None:
    """Let the left button go at a point."""
    QTest.mouseRelease(slice_view(name), qt.Qt.LeftButton, modifier, pixel(ras, name))
    slicer.app.processEvents()


def double_click(ras: Sequence[float], name: str = "Red") -> None:
    """The second click of a double click, as Qt sends it: a double-click event in the place of a press."""
    position, view = pixel(ras, name), slice_view(name)
    event = qt.QMouseEvent(qt.QEvent.MouseButtonDblClick, qt.QPointF(position), qt.QPointF(view.mapToGlobal(position)),
                           qt.Qt.LeftButton, qt.Qt.LeftButton, qt.Qt.NoModifier)
    qt.QApplication.sendEvent(view, event)
    release(ras, name)


def voxels(editor: slicer.qMRMLSegmentEditorWidget, segment: str = "one") -> np.ndarray:
    """A segment on the source volume's grid: boolean (K, J, I), as slicer.util.arrayFromSegmentBinaryLabelmap, but
    without a node for it in the scene, which all that follow the scene would look at.
    """
    logic, volume = slicer.vtkSlicerSegmentationsModuleLogic, editor.sourceVolumeNode()
    drawn, placed = slicer.vtkOrientedImageData(), slicer.vtkOrientedImageData()
    logic.GetSegmentBinaryLabelmapRepresentation(editor.segmentationNode(), segment, drawn, True)
    if drawn.IsEmpty():
        return np.zeros(slicer.util.arrayFromVolume(volume).shape, dtype=bool)
    grid = logic.CreateOrientedImageDataFromVolumeNode(volume)
    grid.UnRegister(None)
    slicer.vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(drawn, grid, placed)
    return vtk_to_numpy(placed.GetPointData().GetScalars()).reshape(placed.GetDimensions()[::-1]) != 0


def places(editor: slicer.qMRMLSegmentEditorWidget, segment: str = "one") -> np.ndarray:
    """RAS mm in the patient of a segment's voxels, shape (n, 3): the segmentation's linear transform included."""
    node, image = editor.segmentationNode(), slicer.vtkOrientedImageData()
    node.GetBinaryLabelmapRepresentation(segment, image)
    if image.IsEmpty():
        return np.empty((0, 3))
    matrix, to_world = vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4()
    image.GetImageToWorldMatrix(matrix)
    slicer.vtkMRMLTransformNode.GetMatrixTransformBetweenNodes(node.GetParentTransformNode(), None, to_world)
    affine = slicer.util.arrayFromVTKMatrix(to_world) @ slicer.util.arrayFromVTKMatrix(matrix)
    filled = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(image.GetDimensions()[::-1])
    indices = np.argwhere(filled)[:, ::-1] + np.array(image.GetExtent()[::2])
    return indices @ affine[:3, :3].T + affine[:3, 3]

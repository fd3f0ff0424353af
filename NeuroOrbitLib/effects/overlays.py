"""Overlays on a slice view: the outline and tint of a mask, and the lines between regions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray

from NeuroOrbitLib.effects.slice_images import world_from_view
from NeuroOrbitLib.imaging.slices import SliceGrid

Color = tuple[float, float, float]
#: Widths of the outline of a mask, and of the lines between regions, in pixels of the screen.
_OUTLINE_WIDTH, _BORDER_WIDTH = 2.0, 1.0


class SliceOverlay:
    """Lines and tinted areas on the pixels of a slice, which follow the view when it is panned or zoomed.

    :param scripted_effect: scripted effect, which adds actors to the view.
    :param view_widget: slice widget.
    """

    def __init__(self, scripted_effect: object, view_widget: object) -> None:
        self._effect = scripted_effect
        self._view_widget = view_widget
        self._grid: SliceGrid | None = None
        self._to_view = vtk.vtkMatrixToLinearTransform()
        self._to_view.SetInput(vtk.vtkMatrix4x4())
        self._tint, self._tint_actor = self._layer()
        self._lines, self._line_actor = self._layer()

    def _layer(self) -> tuple[vtk.vtkPolyData, vtk.vtkActor2D]:
        shape, actor = vtk.vtkPolyData(), vtk.vtkActor2D()
        moved = vtk.vtkTransformPolyDataFilter()
        moved.SetInputData(shape)
        moved.SetTransform(self._to_view)
        mapper = vtk.vtkPolyDataMapper2D()
        mapper.SetInputConnection(moved.GetOutputPort())
        actor.SetMapper(mapper)
        actor.VisibilityOff()
        self._effect.addActor2D(self._view_widget, actor)
        return shape, actor

    @property
    def visible(self) -> bool:
        """Whether anything is shown."""
        return self._grid is not None

    def show_mask(self, grid: SliceGrid, mask: np.ndarray, color: Color, opacity: float = 0.35) -> None:
        """Show a mask of the slice: tinted, with an outline along the edges of its pixels.

        :param grid: pixels of the slice.
        :param mask: bool (rows, columns).
        :param color: red, green and blue, each from 0 to 1.
        :param opacity: opacity of the tint, from 0 to 1.
        """
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if not rows.size:
            self.hide()
            return
        part = mask[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
        corner = np.array([columns[0], rows[0]], dtype=np.float32)
        self._show(grid, color, opacity, _OUTLINE_WIDTH, areas_of(part) + corner, edges_of(part, rim=True) + corner)

    def show_borders(self, grid: SliceGrid, labels: np.ndarray, color: Color, opacity: float = 0.5) -> None:
        """Show the lines between regions of a slice.

        :param grid: pixels of the slice.
        :param labels: number of the region of each pixel, integers (rows, columns).
        :param color: red, green and blue, each from 0 to 1.
        :param opacity: opacity of the lines, from 0 to 1.
        """
        self._show(grid, color, opacity, _BORDER_WIDTH, np.empty((0, 4, 2)), edges_of(labels))

    def hide(self) -> None:
        """Show nothing."""
        if self.visible:
            self._grid = None
            self._tint_actor.VisibilityOff()
            self._line_actor.VisibilityOff()
            self._effect.scheduleRender(self._view_widget)

    def follow_view(self) -> None:
        """Move everything to the present position of its pixels; to be called when the slice node has changed."""
        if self.visible:
            to_world = self._grid.affine
            matrix = np.linalg.inv(world_from_view(self._view_widget.mrmlSliceNode())) @ to_world
            self._to_view.GetInput().DeepCopy(matrix.ravel().tolist())
            self._to_view.Modified()

    def remove(self) -> None:
        """Remove the overlay from the view for good."""
        for actor in (self._tint_actor, self._line_actor):
            self._effect.removeActor2D(self._view_widget, actor)
        self._grid = None

    def _show(self, grid: SliceGrid, color: Color, opacity: float, line_width: float, areas: np.ndarray,
              edges: np.ndarray) -> None:
        self._grid = grid
        self.follow_view()
        _set_cells(self._tint, areas, vtk.vtkPolyData.SetPolys)
        _set_cells(self._lines, edges, vtk.vtkPolyData.SetLines)
        is_tint = len(areas) > 0
        self._tint_actor.GetProperty().SetOpacity(opacity)
        self._line_actor.GetProperty().SetOpacity(1.0 if is_tint else opacity)
        self._line_actor.GetProperty().SetLineWidth(line_width)
        for actor, shown in ((self._tint_actor, is_tint), (self._line_actor, len(edges) > 0)):
            actor.GetProperty().SetColor(*color)
            actor.SetVisibility(shown)
        self._effect.scheduleRender(self._view_widget)


def edges_of(labels: np.ndarray, rim: bool = False) -> np.ndarray:
    """Return the edges of pixels between different labels; collinear adjacent edges are joined.

    :param labels: labels, integers or bool (rows, columns).
    :param rim: whether labels other than 0 also have an edge at the rim of the picture.
    :return: ends of lines (n, 2, 2): two points (x, y) in pixels, with pixel centres at integers.
    """
    framed = np.pad(labels, 1, mode="constant" if rim else "edge")
    columns, bottom, top = _runs((framed[:, 1:] != framed[:, :-1]).T)
    rows, left, right = _runs(framed[1:, :] != framed[:-1, :])
    upright = _points((columns, bottom - 1), (columns, top - 1))
    level = _points((left - 1, rows), (right - 1, rows))
    return np.concatenate([upright, level]) - 0.5


def areas_of(mask: np.ndarray) -> np.ndarray:
    """Return rectangles that cover the pixels of a mask (rows, columns): corners (n, 4, 2), each (x, y) in pixels."""
    rows, left, right = _runs(mask)
    return _points((left, rows), (right, rows), (right, rows + 1), (left, rows + 1)) - 0.5


def _points(*corners: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return cells (n, points, 2) from the coordinates x (n,) and y (n,) of each of their points."""
    return np.stack([np.stack(corner, axis=1) for corner in corners], axis=1).astype(np.float32)


def _runs(lines: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the runs of true values in each line: number of the line, first position, position after the last."""
    framed = np.pad(lines, ((0, 0), (1, 1))).astype(np.int8)
    change = np.diff(framed, axis=1)
    number, first = np.nonzero(change == 1)
    return number, first, np.nonzero(change == -1)[1]


def _set_cells(shape: vtk.vtkPolyData, cells: np.ndarray,
               setter: Callable[[vtk.vtkPolyData, vtk.vtkCellArray], None]) -> None:
    """Replace the cells of poly data by an array (n, points per cell, 2)."""
    count = cells.shape[1]
    points = vtk.vtkPoints()
    flat = np.zeros((cells.shape[0] * count, 3), dtype=np.float32)
    flat[:, :2] = cells.reshape(-1, 2)
    points.SetData(numpy_to_vtk(flat, deep=True))
    array = vtk.vtkCellArray()
    array.SetData(count, numpy_to_vtkIdTypeArray(np.arange(len(flat), dtype=np.int64), deep=True))
    shape.SetPoints(points)
    setter(shape, array)
    shape.Modified()


def segment_color(scripted_effect: object) -> Color:
    """Return the colour of the selected segment; yellow while none is selected."""
    node = scripted_effect.parameterSetNode()
    segmentation = node.GetSegmentationNode() if node is not None else None
    segment = (segmentation.GetSegmentation().GetSegment(node.GetSelectedSegmentID() or "")
               if segmentation is not None else None)
    return tuple(segment.GetColor()) if segment is not None else (1.0, 1.0, 0.0)


def slice_widgets() -> list[object]:
    """Return the slice widgets of the layout."""
    manager = slicer.app.layoutManager()
    return [manager.sliceWidget(name) for name in manager.sliceViewNames()] if manager is not None else []

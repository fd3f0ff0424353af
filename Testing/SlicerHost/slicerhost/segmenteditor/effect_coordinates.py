"""Conversions between the coordinates of a slice view, RAS and voxels."""
from __future__ import annotations

from typing import Any

import slicer
import vtk
from PySide6 import QtCore, QtGui

_LOGIC = slicer.vtkSlicerSegmentEditorLogic


class EffectCoordinates:
    """Mixin of effects. XY is pixels from the lower left; vectors are QVector3D and points QPoint, as in Slicer."""

    @staticmethod
    def rasToXy(ras: QtGui.QVector3D, slice_widget: Any) -> QtCore.QPoint:
        """Return the pixel of a point in RAS."""
        from_ras = vtk.vtkMatrix4x4()
        vtk.vtkMatrix4x4.Invert(slice_widget.mrmlSliceNode().GetXYToRAS(), from_ras)
        x, y, _, _ = from_ras.MultiplyPoint([*_components(ras), 1.0])
        return QtCore.QPoint(int(x), int(y))

    @staticmethod
    def xyzToRas(xyz: QtGui.QVector3D, slice_widget: Any) -> QtGui.QVector3D:
        """Return the RAS coordinates (mm) of slice coordinates."""
        ras = [0.0, 0.0, 0.0]
        _LOGIC.XyzToRas(_components(xyz), ras, slice_widget.mrmlSliceNode())
        return QtGui.QVector3D(*ras)

    @staticmethod
    def xyToRas(xy: QtCore.QPoint, slice_widget: Any) -> QtGui.QVector3D:
        """Return the RAS coordinates (mm) of a pixel."""
        return EffectCoordinates.xyzToRas(QtGui.QVector3D(xy.x(), xy.y(), 0.0), slice_widget)

    @staticmethod
    def xyzToIjk(xyz: QtGui.QVector3D, slice_widget: Any, image: Any, parent_transform: Any = None) -> QtGui.QVector3D:
        """Return the voxel of slice coordinates in an oriented image."""
        ijk = [0, 0, 0]
        _LOGIC.XyzToIjk(_components(xyz), ijk, slice_widget.mrmlSliceNode(), image, parent_transform)
        return QtGui.QVector3D(*ijk)

    @staticmethod
    def xyToIjk(xy: QtCore.QPoint, slice_widget: Any, image: Any, parent_transform: Any = None) -> QtGui.QVector3D:
        """Return the voxel under a pixel in an oriented image."""
        position = QtGui.QVector3D(xy.x(), xy.y(), 0.0)
        return EffectCoordinates.xyzToIjk(position, slice_widget, image, parent_transform)

    @staticmethod
    def sliceSpacing(slice_widget: Any) -> float:
        """Return the distance of neighbouring slices in mm; without a view Slicer would crash."""
        if slice_widget is None:
            raise ValueError("sliceSpacing needs a slice widget: Slicer crashes without one.")
        return _LOGIC.GetSliceSpacing(slice_widget.mrmlSliceNode(), slice_widget.sliceLogic())


def _components(vector: QtGui.QVector3D) -> list[float]:
    return [vector.x(), vector.y(), vector.z()]

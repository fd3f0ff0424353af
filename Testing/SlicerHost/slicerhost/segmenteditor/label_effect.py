"""The base class of effects that draw labels (qSlicerSegmentEditorAbstractLabelEffect)."""
from __future__ import annotations

from typing import Any

import slicer

from slicerhost.registry import register
from slicerhost.segmenteditor.effect import qSlicerSegmentEditorAbstractEffect

_LOGIC = slicer.vtkSlicerSegmentEditorLogic


@register
class qSlicerSegmentEditorAbstractLabelEffect(qSlicerSegmentEditorAbstractEffect):
    """Adds drawing of polygons into label maps."""

    @staticmethod
    def appendPolyMask(labelmap: Any, polygon: Any, slice_widget: Any, segmentation_node: Any = None) -> None:
        """Fill a polygon (vtkPolyData in XY of the slice) into an oriented image."""
        _LOGIC.AppendPolyMask(labelmap, polygon, slice_widget.mrmlSliceNode(), segmentation_node)

    @staticmethod
    def createMaskImageFromPolyData(polygon: Any, mask: Any, slice_widget: Any) -> None:
        """Rasterise a polygon of the slice into a new oriented image."""
        _LOGIC.CreateMaskImageFromPolyData(polygon, mask, slice_widget.mrmlSliceNode())

    @staticmethod
    def appendImage(image: Any, appended: Any) -> None:
        """Add the voxels of an image to another."""
        _LOGIC.AppendImage(image, appended)

    @staticmethod
    def imageToWorldMatrix(*arguments: Any) -> None:
        """Compute IJK to RAS of a volume node, or of an oriented image of a segmentation node, into a matrix."""
        _LOGIC.ImageToWorldMatrix(*arguments)

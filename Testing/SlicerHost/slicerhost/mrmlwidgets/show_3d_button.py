"""The button that shows a segmentation in 3D views."""
from __future__ import annotations

from typing import Any

import slicer
import vtk
from PySide6 import QtGui, QtWidgets

from slicerhost.pythonqt.declare import parent_of, qt_property
from slicerhost.registry import register
from slicerhost.vtk_observation import VtkObservation

_SURFACE = slicer.vtkSegmentationConverter.GetSegmentationClosedSurfaceRepresentationName()
_LABELMAP = slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName()
_SMOOTHING = slicer.vtkBinaryLabelmapToClosedSurfaceConversionRule.GetSmoothingFactorParameterName()


@register
class qMRMLSegmentationShow3DButton(QtWidgets.QPushButton, VtkObservation):
    """Creates and removes the closed surface representation of a segmentation."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self._node: Any = None
        self.setText("Show 3D")
        self.setCheckable(True)
        menu = QtWidgets.QMenu("Show 3D", self)
        self._smoothing_action = QtGui.QAction("Surface smoothing", menu)
        self._smoothing_action.setCheckable(True)
        self._smoothing_action.toggled.connect(self._smoothing_toggled)
        menu.addAction(self._smoothing_action)
        self.setMenu(menu)
        self.toggled.connect(self._toggled)
        self.setEnabled(False)

    locked = qt_property(bool, "_locked", False, changed=lambda self, on: self._update())

    def segmentationNode(self) -> Any:
        """Return the segmentation node, or None."""
        return self._node

    def setSegmentationNode(self, node: Any) -> None:
        """Set the segmentation."""
        if node is self._node:
            return
        self._stop_observing()
        self._node = node
        if node is not None:
            segmentation = slicer.vtkSegmentation
            for event in (vtk.vtkCommand.ModifiedEvent, segmentation.SegmentAdded, segmentation.SegmentRemoved,
                          segmentation.ContainedRepresentationNamesModified):
                self._observe(node, event, self._node_modified)
        self._update()

    def _node_modified(self, *_event: Any) -> None:
        self._update()

    def _update(self) -> None:
        segmentation = self._node.GetSegmentation() if self._node is not None else None
        if segmentation is None:
            self.setEnabled(False)
            return
        self.setEnabled(not self.locked and segmentation.GetNumberOfSegments() > 0
                        and segmentation.GetSourceRepresentationName() != _SURFACE)
        blocked = self.blockSignals(True)
        self.setChecked(bool(segmentation.ContainsRepresentation(_SURFACE)))
        self.blockSignals(blocked)
        blocked = self._smoothing_action.blockSignals(True)
        self._smoothing_action.setChecked(float(segmentation.GetConversionParameter(_SMOOTHING) or 0.5) >= 0)
        self._smoothing_action.blockSignals(blocked)

    def _toggled(self, shown: bool) -> None:
        if self._node is None or self._node.GetSegmentation() is None:
            return
        segmentation, display = self._node.GetSegmentation(), self._node.GetDisplayNode()
        modified = self._node.StartModify()
        if shown and segmentation.CreateRepresentation(_SURFACE) and display is not None:
            display.SetPreferredDisplayRepresentationName3D(_SURFACE)
            if segmentation.ContainsRepresentation(_LABELMAP):
                display.SetPreferredDisplayRepresentationName2D(_LABELMAP)
        elif not shown and segmentation.GetSourceRepresentationName() != _SURFACE:
            segmentation.RemoveRepresentation(_SURFACE)
        self._node.EndModify(modified)

    def _smoothing_toggled(self, smooth: bool) -> None:
        segmentation = self._node.GetSegmentation()
        factor = abs(float(segmentation.GetConversionParameter(_SMOOTHING) or 0.5)) or 0.5
        segmentation.SetConversionParameter(_SMOOTHING, str(factor if smooth else -factor))
        if segmentation.ContainsRepresentation(_SURFACE):
            segmentation.CreateRepresentation(_SURFACE, True)
        self._update()

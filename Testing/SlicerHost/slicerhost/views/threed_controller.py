"""The bar above a 3D view."""
from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtGui, QtWidgets

from slicerhost.registry import register
from slicerhost.views.controller_bar import qMRMLViewControllerBar


@register
class qMRMLThreeDViewControllerWidget(qMRMLViewControllerBar):
    """Changes a 3D view through its view node."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._threed_view: Any = None
        self._center_button = self._tool_button("CenterButton_Header", "\N{BULLSEYE}")
        self._center_button.clicked.connect(self.resetFocalPoint)
        self._bar_layout.addStretch(1)

    def setThreeDView(self, view: Any) -> None:
        """Control that view."""
        self._threed_view = view

    def mrmlThreeDViewNode(self) -> Any:
        """Return the view node."""
        return self._view_node

    def resetFocalPoint(self, *_checked: Any) -> None:
        """Look at the centre of the scene."""
        self._threed_view.resetFocalPoint()

    def lookFromAxis(self, axis: int) -> None:
        """Look along a patient axis."""
        self._threed_view.lookFromAxis(axis)

    def zoomIn(self) -> None:
        """Move closer."""
        self._threed_view.zoomIn()

    def zoomOut(self) -> None:
        """Move away."""
        self._threed_view.zoomOut()

    def pitchView(self) -> None:
        """Tilt the camera up."""
        self._threed_view.pitch()

    def rollView(self) -> None:
        """Roll the camera."""
        self._threed_view.roll()

    def yawView(self) -> None:
        """Turn the camera sideways."""
        self._threed_view.yaw()

    def setOrthographicModeEnabled(self, enabled: bool) -> None:
        """Switch between orthographic and perspective projection."""
        node = slicer.vtkMRMLViewNode
        self._view_node.SetRenderMode(node.Orthographic if enabled else node.Perspective)

    def set3DAxisVisible(self, visible: bool) -> None:
        """Show the box around the scene."""
        self._view_node.SetBoxVisible(bool(visible))

    def set3DAxisLabelVisible(self, visible: bool) -> None:
        """Show the labels of the box."""
        self._view_node.SetAxisLabelsVisible(bool(visible))

    def setUseDepthPeeling(self, use: bool) -> None:
        """Draw transparent surfaces in the right order."""
        self._view_node.SetUseDepthPeeling(bool(use))

    def setFPSVisible(self, visible: bool) -> None:
        """Show the frame rate."""
        self._view_node.SetFPSVisible(bool(visible))

    def setBackgroundColor(self, color: QtGui.QColor, color2: QtGui.QColor | None = None) -> None:
        """Set the background, a vertical gradient when two colours are given."""
        lower = color if color2 is None or not color2.isValid() else color2
        modified = self._view_node.StartModify()
        self._view_node.SetBackgroundColor(color.redF(), color.greenF(), color.blueF())
        self._view_node.SetBackgroundColor2(lower.redF(), lower.greenF(), lower.blueF())
        self._view_node.EndModify(modified)

    def setBlackBackground(self) -> None:
        """Black background."""
        self.setBackgroundColor(QtGui.QColor(0, 0, 0))

    def setWhiteBackground(self) -> None:
        """White background."""
        self.setBackgroundColor(QtGui.QColor(255, 255, 255))

    def setLightBlueBackground(self) -> None:
        """Slicer's blue gradient."""
        self.setBackgroundColor(QtGui.QColor(193, 195, 232), QtGui.QColor(116, 120, 190))

    def setBoxColor(self, color: QtGui.QColor) -> None:
        """Set the colour of the box."""
        self._view_node.SetBoxColor(color.redF(), color.greenF(), color.blueF())

    def setOrientationMarkerType(self, marker: int) -> None:
        """Set the orientation marker (vtkMRMLAbstractViewNode.OrientationMarkerType...)."""
        self._view_node.SetOrientationMarkerType(marker)

    def setRulerType(self, ruler: int) -> None:
        """Set the ruler (vtkMRMLAbstractViewNode.RulerType...)."""
        self._view_node.SetRulerType(ruler)

    def setViewLink(self, linked: bool) -> None:
        """Link the camera to the other 3D views."""
        self._view_node.SetLinkedControl(int(bool(linked)))

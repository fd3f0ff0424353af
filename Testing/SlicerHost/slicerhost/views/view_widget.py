"""What all views of the layout have in common (qMRMLAbstractViewWidget in Slicer)."""
from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.mrmlwidgets.widget import qMRMLWidget
from slicerhost.registry import register


@register
class qMRMLAbstractViewWidget(qMRMLWidget):
    """A view with its controller bar on top; subclasses create both and call `_assemble`."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller: Any = None
        self._view_area: Any = None

    def controllerWidget(self) -> Any:
        """Return the controller bar."""
        return self._controller

    def viewWidget(self) -> Any:
        """Return the widget in which the view is drawn."""
        return self._view_area

    def mrmlAbstractViewNode(self) -> Any:
        """Return the view node."""
        raise NotImplementedError

    def logic(self) -> Any:
        """Return the view's logic, or None."""
        return None

    def setRenderPaused(self, paused: bool) -> None:
        """Pause or resume drawing."""
        if hasattr(self._view_area, "setRenderPaused"):
            self._view_area.setRenderPaused(paused)

    def pauseRender(self) -> None:
        """Stop drawing until resumed."""
        self.setRenderPaused(True)

    def resumeRender(self) -> None:
        """Undo one pause."""
        self.setRenderPaused(False)

    def _get_label(self) -> str:
        node = self.mrmlAbstractViewNode()
        return node.GetLayoutLabel() or "" if node is not None else ""

    def _set_label(self, label: str) -> None:
        if self.mrmlAbstractViewNode() is not None:
            self.mrmlAbstractViewNode().SetLayoutLabel(label)

    def _get_color(self) -> QtGui.QColor:
        node = self.mrmlAbstractViewNode()
        return QtGui.QColor.fromRgbF(*node.GetLayoutColor()) if node is not None else QtGui.QColor()

    def _set_color(self, color: QtGui.QColor) -> None:
        if self.mrmlAbstractViewNode() is not None:
            self.mrmlAbstractViewNode().SetLayoutColor(color.redF(), color.greenF(), color.blueF())

    viewLabel = QtCore.Property(str, _get_label, _set_label)
    viewColor = QtCore.Property(QtGui.QColor, _get_color, _set_color)

    def _assemble(self, controller: QtWidgets.QWidget, view_area: QtWidgets.QWidget) -> None:
        self._controller = controller
        self._view_area = view_area
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(controller)
        layout.addWidget(view_area, 1)

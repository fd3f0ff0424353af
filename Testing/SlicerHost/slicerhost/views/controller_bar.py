"""The thin bar above a view: its name in its colour and a few controls."""
from __future__ import annotations

from typing import Any

import vtk
from PySide6 import QtCore, QtWidgets

from slicerhost.mrmlwidgets.widget import qMRMLWidget
from slicerhost.pythonqt.declare import qt_property
from slicerhost.registry import register

BAR_HEIGHT = 24


@register
class qMRMLViewControllerBar(qMRMLWidget):
    """Base of all view controllers."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._view_node: Any = None
        outer = QtWidgets.QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._bar = QtWidgets.QWidget(self)
        self._bar.setObjectName("BarWidget")
        self._bar.setAutoFillBackground(True)
        self._bar_layout = QtWidgets.QHBoxLayout(self._bar)
        self._bar_layout.setContentsMargins(2, 0, 2, 0)
        self._pin_button = self._tool_button("PinButton", "\N{BLACK DOWN-POINTING SMALL TRIANGLE}")
        self._pin_button.setCheckable(True)
        self._label = QtWidgets.QLabel(self._bar)
        self._label.setObjectName("ViewLabel")
        self._bar_layout.addWidget(self._label)
        self._maximize_button = self._tool_button("MaximizeViewButton", "\N{WHITE SQUARE}")
        self._maximize_button.clicked.connect(self.maximizeView)
        outer.addWidget(self._bar)
        self.setFixedHeight(BAR_HEIGHT)

    showMaximizeViewButton = qt_property(
        bool, "_show_maximize", True, changed=lambda self, shown: self._maximize_button.setVisible(shown))

    def barLayout(self) -> QtWidgets.QLayout:
        """Return the layout to which modules add their own controls."""
        return self._bar_layout

    def barWidget(self) -> QtWidgets.QWidget:
        """Return the widget that holds the bar's controls."""
        return self._bar

    def pinButton(self) -> QtWidgets.QToolButton:
        """Return the button that opens the bar's popup."""
        return self._pin_button

    def viewLabel(self) -> QtWidgets.QLabel:
        """Return the label with the view's short name."""
        return self._label

    def maximizeView(self, *_checked: Any) -> None:
        """Give the view all the space, or restore the layout."""
        if self._view_node is None:
            return
        maximized, possible = vtk.reference(0), vtk.reference(0)
        layout_node = self._view_node.GetMaximizedState(maximized, possible)
        if layout_node is None or not possible:
            return
        if maximized:
            layout_node.RemoveMaximizedViewNode(self._view_node)
        else:
            layout_node.AddMaximizedViewNode(self._view_node)

    def _set_view_node(self, node: Any) -> None:
        """Follow a view node."""
        if node is self._view_node:
            return
        if self._view_node is not None:
            self._stop_observing(self._view_node)
        self._view_node = node
        if node is not None:
            self._observe(node, vtk.vtkCommand.ModifiedEvent, self._view_node_modified)
        self._update_from_view_node()

    def _update_from_view_node(self) -> None:
        """Show the view node's label and colour."""
        if self._view_node is None:
            return
        self._label.setText(self._view_node.GetLayoutLabel() or self._view_node.GetName() or "")
        red, green, blue = (round(255 * value) for value in self._view_node.GetLayoutColor())
        style = f"#BarWidget {{ background-color: rgb({red}, {green}, {blue}); }} #ViewLabel {{ color: black; }}"
        if style != self._bar.styleSheet:  # Qt polishes the whole bar again for an equal one, too
            self._bar.setStyleSheet(style)

    def _view_node_modified(self, *_event: Any) -> None:
        self._update_from_view_node()

    def _tool_button(self, name: str, text: str) -> QtWidgets.QToolButton:
        button = QtWidgets.QToolButton(self._bar)
        button.setObjectName(name)
        button.setText(text)
        button.setAutoRaise(True)
        button.setFocusPolicy(QtCore.Qt.FocusPolicy.NoFocus)
        self._bar_layout.addWidget(button)
        return button

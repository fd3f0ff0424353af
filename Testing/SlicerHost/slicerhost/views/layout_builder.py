"""A layout description of MRML (XML) as nested Qt layouts (ctkLayoutManager in Slicer)."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from PySide6 import QtCore, QtWidgets


def child_elements(element: Any) -> Iterator[Any]:
    """Yield the child elements of a vtkXMLDataElement."""
    for index in range(element.GetNumberOfNestedElements()):
        yield element.GetNestedElement(index)


class LayoutBuilder:
    """Builds the widget of a `<layout>` element.

    view_of: returns the widget of a `<view>` or other leaf element, or None when there is none.
    views_of: returns the widgets of all views that a `<view>` in an item with multiple="true" stands for.
    """

    def __init__(self, view_of: Callable[[Any], QtWidgets.QWidget | None],
                 views_of: Callable[[Any], list[QtWidgets.QWidget]], spacing: int = 1) -> None:
        self._view_of = view_of
        self._views_of = views_of
        self._spacing = spacing

    def build(self, element: Any) -> QtWidgets.QWidget | None:
        """Return the widget of a layout element or of a leaf."""
        if element.GetName() != "layout":
            return self._view_of(element)
        kind = element.GetAttribute("type") or "horizontal"
        if kind == "tab":
            return self._fill_tabs(element)
        if kind == "grid":
            return self._fill_grid(element)
        orientation = (QtCore.Qt.Orientation.Vertical if kind == "vertical" else QtCore.Qt.Orientation.Horizontal)
        if element.GetAttribute("split") == "true":
            return self._fill_splitter(element, orientation)
        return self._fill_box(element, orientation)

    def _items(self, layout_element: Any) -> Iterator[tuple[Any, QtWidgets.QWidget]]:
        for item in child_elements(layout_element):
            for content in child_elements(item):
                if item.GetAttribute("multiple") == "true":
                    yield from ((item, widget) for widget in self._views_of(content))
                    continue
                widget = self.build(content)
                if widget is not None:
                    yield item, widget

    def _fill_box(self, element: Any, orientation: QtCore.Qt.Orientation) -> QtWidgets.QWidget:
        container = QtWidgets.QWidget()
        vertical = orientation == QtCore.Qt.Orientation.Vertical
        box = QtWidgets.QVBoxLayout(container) if vertical else QtWidgets.QHBoxLayout(container)
        self._tighten(box)
        for _, widget in self._items(element):
            box.addWidget(widget, 1)
            widget.show()
        return container

    def _fill_grid(self, element: Any) -> QtWidgets.QWidget:
        container = QtWidgets.QWidget()
        grid = QtWidgets.QGridLayout(container)
        self._tighten(grid)
        for item, widget in self._items(element):
            grid.addWidget(widget, _number(item, "row", 0), _number(item, "column", 0),
                           _number(item, "rowspan", 1), _number(item, "colspan", 1))
            widget.show()
        return container

    def _fill_splitter(self, element: Any, orientation: QtCore.Qt.Orientation) -> QtWidgets.QWidget:
        splitter = QtWidgets.QSplitter(orientation)
        sizes = []
        for item, widget in self._items(element):
            splitter.addWidget(widget)
            widget.show()
            sizes.append(_number(item, "splitSize", 0))
        if any(sizes):
            splitter.setSizes(sizes)
        return splitter

    def _fill_tabs(self, element: Any) -> QtWidgets.QWidget:
        tabs = QtWidgets.QTabWidget()
        for item, widget in self._items(element):
            tabs.addTab(widget, item.GetAttribute("name") or widget.windowTitle)
        return tabs

    def _tighten(self, layout: QtWidgets.QLayout) -> None:
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self._spacing)


def _number(element: Any, attribute: str, default: int) -> int:
    return int(element.GetAttribute(attribute) or default)

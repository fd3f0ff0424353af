"""CTK's charts of transfer functions: histograms and gradients in a graphics view."""
from __future__ import annotations

import math
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.pythonqt.declare import qt_property
from slicerhost.registry import register


@register
class ctkTransferFunctionView(QtWidgets.QGraphicsView):
    """Shows items over the unit square, x to the right and y up."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setScene(ctkTransferFunctionScene(self))
        self.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameStyle(0)

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fitInView(self.sceneRect, QtCore.Qt.AspectRatioMode.IgnoreAspectRatio)


@register
class ctkTransferFunctionScene(QtWidgets.QGraphicsScene):
    """The unit square."""

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self.setSceneRect(QtCore.QRectF(0.0, 0.0, 1.0, 1.0))


class _FunctionContainer(QtCore.QObject):
    """Holds a VTK function."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(next((each for each in arguments if isinstance(each, QtCore.QObject)), None))
        self._function = next((each for each in arguments if hasattr(each, "GetRange")), None)


@register
class ctkVTKPiecewiseFunction(_FunctionContainer):
    """A vtkPiecewiseFunction for items."""

    def setPiecewiseFunction(self, function: Any) -> None:
        """Set the function."""
        self._function = function

    def piecewiseFunction(self) -> Any:
        """Return the function."""
        return self._function


@register
class ctkVTKColorTransferFunction(_FunctionContainer):
    """A vtkColorTransferFunction for items."""

    def setColorTransferFunction(self, function: Any) -> None:
        """Set the function."""
        self._function = function

    def colorTransferFunction(self) -> Any:
        """Return the function."""
        return self._function


class _FunctionItem(QtWidgets.QGraphicsObject):
    """Draws a function over the unit square."""

    def __init__(self, container: _FunctionContainer | None = None, parent: Any = None) -> None:
        super().__init__(parent)
        self._container = container
        self._range: tuple[float, float] | None = None

    def _get_rect(self) -> QtCore.QRectF:
        return self.__dict__.get("_rect", QtCore.QRectF(0.0, 0.0, 1.0, 1.0))

    def _set_rect(self, rect: QtCore.QRectF) -> None:
        self.prepareGeometryChange()
        self._rect = rect

    rect = QtCore.Property(QtCore.QRectF, _get_rect, _set_rect)

    def setRange(self, low: float, high: float) -> None:
        """Set the values at the left and right edge."""
        self._range = (low, high)
        self.update()

    def boundingRect(self) -> QtCore.QRectF:
        return self.rect

    def _limits(self) -> tuple[float, float]:
        low, high = self._range if self._range is not None else self._container._function.GetRange()
        return low, high if high > low else low + 1.0


@register
class ctkTransferFunctionBarsItem(_FunctionItem):
    """Draws a histogram."""

    NoLog, UseLog, AutoLog = range(3)

    barWidth = qt_property(float, "_bar_width", 0.6180)
    barColor = qt_property(QtGui.QColor, "_bar_color", QtGui.QColor(191, 191, 191, 127),
                           changed=lambda self, color: self.update())
    logMode = qt_property(int, "_log_mode", 2)

    def paint(self, painter: QtGui.QPainter, option: Any, widget: QtWidgets.QWidget | None = None) -> None:
        function = self._container._function
        if function is None or function.GetSize() == 0:
            return
        heights = self._heights(function)
        highest = max((height for _, height in heights), default=0.0) or 1.0
        low, high = self._limits()
        rect, width = self.rect, self.rect.width() * self.barWidth / max(len(heights), 1)
        for position, height in heights:
            x = rect.x() + (position - low) / (high - low) * rect.width()
            size = height / highest * rect.height()
            painter.fillRect(QtCore.QRectF(x - width / 2, rect.bottom() - size, width, size), self.barColor)

    def _heights(self, function: Any) -> list[tuple[float, float]]:
        node = [0.0] * 4
        heights = []
        for index in range(function.GetSize()):
            function.GetNodeValue(index, node)
            heights.append((node[0], math.log(1 + node[1]) if self.logMode == self.UseLog else node[1]))
        return heights


@register
class ctkTransferFunctionGradientItem(_FunctionItem):
    """Draws a colour function as a gradient."""

    mask = qt_property(bool, "_mask", True)

    def paint(self, painter: QtGui.QPainter, option: Any, widget: QtWidgets.QWidget | None = None) -> None:
        function = self._container._function
        if function is None or function.GetSize() == 0:
            return
        low, high = self._limits()
        gradient = QtGui.QLinearGradient(self.rect.topLeft(), self.rect.topRight())
        node = [0.0] * 6
        for index in range(function.GetSize()):
            function.GetNodeValue(index, node)
            position = min(max((node[0] - low) / (high - low), 0.0), 1.0)
            gradient.setColorAt(position, QtGui.QColor.fromRgbF(*node[1:4]))
        painter.fillRect(self.rect, QtGui.QBrush(gradient))

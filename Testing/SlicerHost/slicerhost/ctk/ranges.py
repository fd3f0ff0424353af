"""CTK's range selectors (ctkRangeSlider.cpp, ctkDoubleRangeSlider.cpp, ctkRangeWidget.cpp)."""
from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.ctk.spin_boxes import ctkDoubleSpinBox
from slicerhost.pythonqt.declare import Signal, parent_of, qt_property
from slicerhost.registry import register


@register
class ctkDoubleRangeSlider(QtWidgets.QWidget):
    """A groove with two handles: minimumValue <= maximumValue within [minimum, maximum]."""

    minimumValueChanged = Signal(float)
    maximumValueChanged = Signal(float)
    minimumPositionChanged = Signal(float)
    maximumPositionChanged = Signal(float)
    positionsChanged = Signal(float, float)
    valuesChanged = Signal(float, float)
    rangeChanged = Signal(float, float)
    sliderPressed = Signal()
    sliderReleased = Signal()
    _HANDLE = 5  # half the width of a handle in pixels

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self._minimum, self._maximum, self._low, self._high = 0.0, 99.0, 0.0, 99.0
        self._dragged: str | None = None
        self.setMinimumHeight(18)

    def _set_values(self, low: float, high: float) -> None:
        low, high = sorted((float(low), float(high)))
        low = min(max(low, self._minimum), self._maximum)
        high = min(max(high, self._minimum), self._maximum)
        before = self._low, self._high
        self._low, self._high = low, high
        if before == (low, high):
            return
        self.update()
        self.valuesChanged.emit(low, high)
        self.positionsChanged.emit(low, high)
        if before[0] != low:
            self.minimumValueChanged.emit(low)
            self.minimumPositionChanged.emit(low)
        if before[1] != high:
            self.maximumValueChanged.emit(high)
            self.maximumPositionChanged.emit(high)

    def _set_range(self, minimum: float, maximum: float) -> None:
        minimum, maximum = sorted((float(minimum), float(maximum)))
        changed = (minimum, maximum) != (self._minimum, self._maximum)
        self._minimum, self._maximum = minimum, maximum
        if changed:
            self.rangeChanged.emit(minimum, maximum)
        self._set_values(self._low, self._high)

    def setValues(self, low: float, high: float) -> None:
        self._set_values(low, high)

    def setRange(self, minimum: float, maximum: float) -> None:
        self._set_range(minimum, maximum)

    minimum = QtCore.Property(float, lambda self: self._minimum,
                              lambda self, value: self._set_range(value, max(value, self._maximum)))
    maximum = QtCore.Property(float, lambda self: self._maximum,
                              lambda self, value: self._set_range(min(value, self._minimum), value))
    minimumValue = QtCore.Property(float, lambda self: self._low,
                                   lambda self, value: self._set_values(value, max(value, self._high)))
    maximumValue = QtCore.Property(float, lambda self: self._high,
                                   lambda self, value: self._set_values(min(value, self._low), value))
    minimumPosition = QtCore.Property(float, lambda self: self._low,
                                      lambda self, value: self._set_values(value, max(value, self._high)))
    maximumPosition = QtCore.Property(float, lambda self: self._high,
                                      lambda self, value: self._set_values(min(value, self._low), value))
    singleStep = qt_property(float, "_single_step", 1.0)
    tickInterval = qt_property(float, "_tick_interval", 0.0)
    tickPosition = qt_property(int, "_tick_position", 0)
    tracking = qt_property(bool, "_tracking", True)
    orientation = qt_property(int, "_orientation", 1)
    symmetricMoves = qt_property(bool, "_symmetric_moves", False)

    def _pixel_of(self, value: float) -> float:
        span = (self._maximum - self._minimum) or 1.0
        return self._HANDLE + (self.width - 2 * self._HANDLE) * (value - self._minimum) / span

    def _value_at(self, pixel: float) -> float:
        fraction = (pixel - self._HANDLE) / max(self.width - 2 * self._HANDLE, 1)
        return self._minimum + fraction * (self._maximum - self._minimum)

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        at = event.position().x()
        self._dragged = "low" if abs(at - self._pixel_of(self._low)) <= abs(at - self._pixel_of(self._high)) else "high"
        self.sliderPressed.emit()

    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        value = self._value_at(event.position().x())
        if self._dragged == "low":
            self._set_values(min(value, self._high), self._high)
        elif self._dragged == "high":
            self._set_values(self._low, max(value, self._low))

    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        self._dragged = None
        self.sliderReleased.emit()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter = QtGui.QPainter(self)
        middle = self.height // 2
        painter.fillRect(0, middle - 2, self.width, 4, self.palette.mid())
        left, right = round(self._pixel_of(self._low)), round(self._pixel_of(self._high))
        painter.fillRect(left, middle - 2, right - left, 4, self.palette.highlight())
        for centre in (left, right):
            painter.fillRect(centre - self._HANDLE, middle - 8, 2 * self._HANDLE, 16, self.palette.button())
            painter.drawRect(centre - self._HANDLE, middle - 8, 2 * self._HANDLE - 1, 15)
        painter.end()


@register
class ctkRangeWidget(QtWidgets.QWidget):
    """A range slider between two spin boxes."""

    valuesChanged = Signal(float, float)
    minimumValueChanged = Signal(float)
    maximumValueChanged = Signal(float)
    minimumValueIsChanging = Signal(float)
    maximumValueIsChanging = Signal(float)
    rangeChanged = Signal(float, float)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self._tracking, self._changing, self._block_slider = True, False, False
        self._before = (0.0, 0.0)
        self._slider = ctkDoubleRangeSlider(self)
        self._low_box, self._high_box = ctkDoubleSpinBox(self), ctkDoubleSpinBox(self)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._low_box)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._high_box)
        for box, value in ((self._low_box, 0.0), (self._high_box, 99.0)):
            box._set_range(0.0, 99.0)
            box.value = value
        self._connect_parts()

    def _connect_parts(self) -> None:
        self._slider.valuesChanged.connect(self._change_values)
        self._slider.minimumValueChanged.connect(lambda value: self._announce("minimum", value))
        self._slider.maximumValueChanged.connect(lambda value: self._announce("maximum", value))
        self._slider.sliderPressed.connect(self._start_changing)
        self._slider.sliderReleased.connect(self._stop_changing)
        for box in (self._low_box, self._high_box):
            box.valueChanged.connect(self._set_slider_values)
        self._low_box.valueChanged.connect(lambda low: self._high_box._set_range(low, self._slider.maximum))
        self._high_box.valueChanged.connect(lambda high: self._low_box._set_range(self._slider.minimum, high))

    def _start_changing(self) -> None:
        if not self._tracking:
            self._before = self._values()
            self._changing = True

    def _stop_changing(self) -> None:
        if self._tracking:
            return
        self._changing = False
        low, high = self._values()
        if (low, high) != self._before:
            self.valuesChanged.emit(low, high)
        if low != self._before[0]:
            self.minimumValueChanged.emit(low)
        if high != self._before[1]:
            self.maximumValueChanged.emit(high)

    def _values(self) -> tuple[float, float]:
        return self._before if self._changing else (self._slider.minimumValue, self._slider.maximumValue)

    def _announce(self, end: str, value: float) -> None:
        getattr(self, end + "ValueIsChanging").emit(value)
        if not self._changing:
            getattr(self, end + "ValueChanged").emit(value)

    def _set_slider_values(self, value: float) -> None:
        if not self._block_slider:
            self._slider.setValues(self._low_box.value, self._high_box.value)

    def _change_values(self, low: float, high: float) -> None:
        was_blocked, self._block_slider = self._block_slider, True
        self._low_box.value, self._high_box.value = low, high
        self._block_slider = was_blocked
        if not self._changing:
            self.valuesChanged.emit(low, high)

    def setValues(self, low: float, high: float) -> None:
        low, high = sorted((low, high))
        was_changing, self._changing = self._changing, False
        was_blocked, self._block_slider = self._block_slider, True
        boxes = [(self._low_box, low), (self._high_box, high)]
        if low > self.maximumValue:  # the upper box must make room first
            boxes.reverse()
        for box, value in boxes:
            box.value = value
        self._block_slider = was_blocked
        self._set_slider_values(low)
        self._changing = was_changing

    def setRange(self, minimum: float, maximum: float) -> None:
        minimum, maximum = sorted((float(minimum), float(maximum)))
        before = self._slider.minimum, self._slider.maximum
        for box in (self._low_box, self._high_box):
            blocked = box.blockSignals(True)
            box._set_range(minimum, maximum)
            box.blockSignals(blocked)
        self._slider._set_range(self._high_box.minimum, self._low_box.maximum)
        if before != (minimum, maximum):
            self.rangeChanged.emit(self._slider.minimum, self._slider.maximum)

    def reset(self) -> None:
        """Select the whole range."""
        self.setValues(self.minimum, self.maximum)

    def _set_minimum(self, minimum: float) -> None:
        self._set_limits("minimum", minimum)
        self._slider.minimum = self._high_box.minimum

    def _set_maximum(self, maximum: float) -> None:
        self._set_limits("maximum", maximum)
        self._slider.maximum = self._low_box.maximum

    def _set_limits(self, name: str, value: float) -> None:
        for box in (self._low_box, self._high_box):
            blocked = box.blockSignals(True)
            setattr(box, name, value)
            box.blockSignals(blocked)

    def _set_both(self, name: str, value: Any) -> None:
        setattr(self._low_box, name, value)
        setattr(self._high_box, name, value)

    def _set_single_step(self, step: float) -> None:
        self._set_both("singleStep", step)
        self._slider.singleStep = step

    minimum = QtCore.Property(float, lambda self: self._slider.minimum, _set_minimum)
    maximum = QtCore.Property(float, lambda self: self._slider.maximum, _set_maximum)
    minimumValue = QtCore.Property(float, lambda self: self._values()[0],
                                   lambda self, value: setattr(self._low_box, "value", value))
    maximumValue = QtCore.Property(float, lambda self: self._values()[1],
                                   lambda self, value: setattr(self._high_box, "value", value))
    singleStep = QtCore.Property(float, lambda self: self._slider.singleStep, _set_single_step)
    decimals = QtCore.Property(int, lambda self: self._low_box.decimals,
                               lambda self, value: self._set_both("decimals", value))
    prefix = QtCore.Property(str, lambda self: self._low_box.prefix,
                             lambda self, value: self._set_both("prefix", value))
    suffix = QtCore.Property(str, lambda self: self._low_box.suffix,
                             lambda self, value: self._set_both("suffix", value))
    tracking = qt_property(bool, "_tracking", True)
    tickInterval = qt_property(float, "_tick_interval", 0.0)
    autoSpinBoxWidth = qt_property(bool, "_auto_spin_box_width", True)
    spinBoxAlignment = qt_property(int, "_spin_box_alignment", 0x80)
    spinBoxTextAlignment = qt_property(int, "_spin_box_text_alignment", 0x80)
    symmetricMoves = qt_property(bool, "_symmetric_moves", False)

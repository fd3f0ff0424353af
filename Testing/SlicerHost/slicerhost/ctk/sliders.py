"""CTK's sliders for real numbers (ctkDoubleSlider.cpp, ctkSliderWidget.cpp)."""
from __future__ import annotations

import math
from typing import Any

from PySide6 import QtCore, QtWidgets

from slicerhost.ctk.spin_boxes import ctkDoubleSpinBox
from slicerhost.pythonqt.declare import Signal, parent_of, qt_property
from slicerhost.registry import register

_INT_LIMIT = 2**31 - 1


def _forward(attribute: str, name: str, value_type: type | str) -> QtCore.Property:
    """Return a property that is one of a child widget."""
    return QtCore.Property(value_type, lambda self: getattr(getattr(self, attribute), name),
                           lambda self, value: setattr(getattr(self, attribute), name, value))


@register
class ctkDoubleSlider(QtWidgets.QWidget):
    """A slider for real numbers; one integer step of the inner slider is one singleStep."""

    valueChanged = Signal(float)
    sliderMoved = Signal(float)
    rangeChanged = Signal(float, float)
    sliderPressed = Signal()
    sliderReleased = Signal()

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self._minimum, self._maximum, self._value, self._step, self._offset = 0.0, 99.0, 0.0, 1.0, 0.0
        self._slider = QtWidgets.QSlider(self)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._slider)
        self._slider.valueChanged.connect(self._on_slider_value)
        self._slider.sliderMoved.connect(lambda position: self.sliderMoved.emit(self._from_int(position)))
        self._slider.sliderPressed.connect(self.sliderPressed)
        self._slider.sliderReleased.connect(self.sliderReleased)
        if arguments and isinstance(arguments[0], (int, QtCore.Qt.Orientation)):
            self._slider.orientation = arguments[0]

    def _to_int(self, value: float) -> int:
        return math.floor(min(max(value / self._step, -_INT_LIMIT), _INT_LIMIT - 0.5) + 0.5)

    def _from_int(self, position: int) -> float:
        return min(max(self._step * (self._offset + position), self._minimum), self._maximum)

    def _update_offset(self, value: float) -> None:
        self._offset = value / self._step - self._to_int(value)

    def _on_slider_value(self, position: int) -> None:
        value = self._from_int(position)
        if value != self._value:
            self._value = value
            self.valueChanged.emit(value)

    def _set_value(self, value: float) -> None:
        value = min(max(float(value), self._minimum), self._maximum)
        self._update_offset(value)
        position = self._to_int(value)
        if position != self._slider.value:
            self._slider.setValue(position)
            return
        previous, self._value = self._value, value
        if abs(value - previous) > self._step * 1e-9:
            self.valueChanged.emit(value)

    def _set_range(self, minimum: float, maximum: float) -> None:
        minimum, maximum = sorted((float(minimum), float(maximum)))
        changed = (minimum, maximum) != (self._minimum, self._maximum)
        self._minimum, self._maximum = minimum, maximum
        if minimum >= self._value:
            self._update_offset(minimum)
        if maximum <= self._value:
            self._update_offset(maximum)
        self._update_integer_range()
        if changed:
            self.rangeChanged.emit(minimum, maximum)
        self._set_value(self._value)

    def _update_integer_range(self) -> None:
        low, high = self._to_int(self._minimum), self._to_int(self._maximum)
        low -= low > -_INT_LIMIT and self._step * (self._offset + low) > self._minimum
        high += high < _INT_LIMIT and self._step * (self._offset + high) < self._maximum
        self._slider.setRange(low, high)

    def _set_single_step(self, step: float) -> None:
        if not self._is_valid_step(step):
            QtCore.qWarning(f"ctkDoubleSlider::setSingleStep({step}) is outside of valid bounds.")
            return
        self._step = float(step)
        self._update_offset(self._value)
        blocked = self._slider.blockSignals(True)
        self._update_integer_range()
        self._slider.setValue(self._to_int(self._value))
        self._slider.blockSignals(blocked)

    def _is_valid_step(self, step: float) -> bool:
        return self._minimum == self._maximum or 2.2e-16 <= step <= min(self._maximum - self._minimum, _INT_LIMIT)

    value = QtCore.Property(float, lambda self: self._value, _set_value)
    minimum = QtCore.Property(float, lambda self: self._minimum,
                              lambda self, value: self._set_range(value, max(value, self._maximum)))
    maximum = QtCore.Property(float, lambda self: self._maximum,
                              lambda self, value: self._set_range(min(value, self._minimum), value))
    singleStep = QtCore.Property(float, lambda self: self._step, _set_single_step)
    pageStep = qt_property(float, "_page_step", 10.0)
    sliderPosition = QtCore.Property(float, lambda self: self._from_int(self._slider.sliderPosition),
                                     lambda self, value: setattr(self._slider, "sliderPosition", self._to_int(value)))
    tickInterval = qt_property(float, "_tick_interval", 0.0)
    tracking = _forward("_slider", "tracking", bool)
    orientation = _forward("_slider", "orientation", int)
    invertedAppearance = _forward("_slider", "invertedAppearance", bool)
    invertedControls = _forward("_slider", "invertedControls", bool)
    tickPosition = _forward("_slider", "tickPosition", int)
    handleToolTip = qt_property(str, "_handle_tool_tip", "")


@register
class ctkSliderWidget(QtWidgets.QWidget):
    """A slider with a spin box. Both keep the exact value; the spin box shows it rounded to its decimals."""

    valueChanged = Signal(float)
    valueIsChanging = Signal(float)
    decimalsChanged = Signal(int)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self._tracking, self._changing, self._block_slider, self._value_before = True, False, False, 0.0
        self._slider = ctkDoubleSlider(QtCore.Qt.Orientation.Horizontal, self)
        self._spin_box = ctkDoubleSpinBox(self)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._spin_box)
        self._slider._set_range(self._spin_box.minimum, self._spin_box.maximum)
        self._spin_box.valueChanged.connect(self._set_slider_value)
        self._slider.sliderPressed.connect(self._start_changing)
        self._slider.sliderReleased.connect(self._stop_changing)
        self._slider.valueChanged.connect(self._set_spin_box_value)

    def _start_changing(self) -> None:
        if not self._tracking:
            self._value_before = self.value
            self._changing = True

    def _stop_changing(self) -> None:
        if not self._tracking:
            self._changing = False
            if abs(self.value - self._value_before) > self.singleStep * 1e-9:
                self.valueChanged.emit(self.value)

    def _set_slider_value(self, value: float) -> None:
        if not self._block_slider:
            self._slider.value = value

    def _set_spin_box_value(self, value: float) -> None:
        was_blocked, self._block_slider = self._block_slider, True
        self._spin_box.value = value
        self._block_slider = was_blocked
        if not self._tracking:
            self.valueIsChanging.emit(value)
        if not self._changing:
            self.valueChanged.emit(value)

    def _set_value(self, value: float) -> None:
        was_changing, self._changing = self._changing, False
        self._spin_box.value = value
        self._changing = was_changing

    def _set_limit(self, name: str, value: float) -> None:
        was_blocked, self._block_slider = self._block_slider, True
        setattr(self._spin_box, name, value)
        self._block_slider = was_blocked
        setattr(self._slider, name, getattr(self._spin_box, name))

    def _set_single_step(self, step: float) -> None:
        if self._slider._is_valid_step(step):
            self._spin_box.singleStep = step
            self._slider.singleStep = self._spin_box.singleStep
        else:
            QtCore.qWarning(f"ctkSliderWidget::setSingleStep() {step} is out of bounds.")

    def _set_decimals(self, decimals: int) -> None:
        self._spin_box.decimals = decimals
        self._slider._set_range(self._spin_box.minimum, self._spin_box.maximum)
        self._set_spin_box_value(self._slider.value)
        self.decimalsChanged.emit(decimals)

    def _set_spin_box_visible(self, visible: bool) -> None:
        self._spin_box.setVisible(visible)

    def reset(self) -> None:
        """Set the value to zero (ctkSliderWidget::reset)."""
        self._set_value(0.0)

    value = QtCore.Property(float, lambda self: self._value_before if self._changing else self._slider.value,
                            _set_value)
    minimum = QtCore.Property(float, lambda self: self._slider.minimum,
                              lambda self, value: self._set_limit("minimum", value))
    maximum = QtCore.Property(float, lambda self: self._slider.maximum,
                              lambda self, value: self._set_limit("maximum", value))
    singleStep = QtCore.Property(float, lambda self: self._slider.singleStep, _set_single_step)
    pageStep = _forward("_slider", "pageStep", float)
    decimals = QtCore.Property(int, lambda self: self._spin_box.decimals, _set_decimals)
    prefix = _forward("_spin_box", "prefix", str)
    suffix = _forward("_spin_box", "suffix", str)
    tickInterval = _forward("_slider", "tickInterval", float)
    tickPosition = _forward("_slider", "tickPosition", int)
    synchronizeSiblings = qt_property(int, "_synchronize_siblings", 1)
    spinBoxAlignment = _forward("_spin_box", "alignment", int)
    tracking = qt_property(bool, "_tracking", True)
    spinBoxVisible = QtCore.Property(bool, lambda self: not self._spin_box.isHidden(), _set_spin_box_visible)
    popupSlider = qt_property(bool, "_popup_slider", False)
    invertedAppearance = _forward("_slider", "invertedAppearance", bool)
    invertedControls = _forward("_slider", "invertedControls", bool)

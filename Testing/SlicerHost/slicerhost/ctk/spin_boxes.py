"""CTK's spin boxes (ctkDoubleSpinBox.cpp, ctkCoordinatesWidget.cpp)."""
from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets

from slicerhost.pythonqt.declare import Signal, parent_of, qt_property
from slicerhost.registry import register


def _inner(name: str, value_type: type) -> QtCore.Property:
    return QtCore.Property(value_type, lambda self: getattr(self._spin_box, name),
                           lambda self, value: setattr(self._spin_box, name, value))


@register
class ctkDoubleSpinBox(QtWidgets.QWidget):
    """CTK's double spin box is a widget around a QDoubleSpinBox, not a subclass of it.

    It shows its value rounded to the decimals, but keeps the value and the limits as they were given.
    """

    valueChanged = Signal((float,), (str,))
    decimalsChanged = Signal(int)
    editingFinished = Signal()

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self._spin_box = QtWidgets.QDoubleSpinBox(self)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._spin_box)
        self.setSizePolicy(self._spin_box.sizePolicy)
        self.setFocusProxy(self._spin_box)
        self._input_value = self._spin_box.value
        self._input_range = (self._spin_box.minimum, self._spin_box.maximum)
        self._spin_box.valueChanged.connect(self._on_value_changed)
        self._spin_box.editingFinished.connect(self.editingFinished)

    def _rounded(self, value: float) -> float:
        """Return the value rounded to the decimals shown."""
        return float(f"{value:.{self._spin_box.decimals}f}")

    def _on_value_changed(self, value: float) -> None:
        """Take over what the user typed or stepped to; a limit that is shown rounded stands for its exact value."""
        if self._rounded(self._input_value) == self._rounded(value):
            return  # the difference is one of precision only
        exact = next((limit for limit in self._input_range if self._rounded(limit) == self._rounded(value)), value)
        self._input_value = exact
        self._announce()

    def _announce(self) -> None:
        self.valueChanged[float].emit(self._input_value)
        self.valueChanged[str].emit(f"{self._input_value:.{self._spin_box.decimals}f}")

    def _set_value(self, value: float) -> None:
        if value == self._input_value and self.setMode != self.SetAlways:
            return
        low, high = self._input_range
        value = max(low, min(value, high))
        changed, self._input_value = value != self._input_value, value
        self._spin_box.setValue(value)
        if changed and value == self._input_value:  # else the spin box announced it
            self._announce()

    def _set_decimals(self, decimals: int) -> None:
        if decimals == self._spin_box.decimals:
            return
        blocked = self._spin_box.blockSignals(True)
        self._spin_box.setDecimals(max(decimals, 0))
        self._spin_box.setRange(*self._input_range)  # Qt rounds the limits to the decimals it has
        self._spin_box.setValue(self._input_value)
        self._spin_box.blockSignals(blocked)
        self.decimalsChanged.emit(decimals)

    def _set_range(self, minimum: float, maximum: float) -> None:
        self._input_range = (min(minimum, maximum), max(minimum, maximum))
        self._spin_box.setRange(*self._input_range)

    def stepUp(self) -> None:
        self._spin_box.stepUp()

    def stepDown(self) -> None:
        self._spin_box.stepDown()

    value = QtCore.Property(float, lambda self: self._input_value, _set_value)
    minimum = QtCore.Property(float, lambda self: self._input_range[0],
                              lambda self, value: self._set_range(value, max(value, self.maximum)))
    maximum = QtCore.Property(float, lambda self: self._input_range[1],
                              lambda self, value: self._set_range(min(value, self.minimum), value))
    singleStep = _inner("singleStep", float)
    decimals = QtCore.Property(int, lambda self: self._spin_box.decimals, _set_decimals)
    prefix = _inner("prefix", str)
    suffix = _inner("suffix", str)
    cleanText = QtCore.Property(str, lambda self: self._spin_box.cleanText)
    alignment = _inner("alignment", int)
    frame = _inner("frame", bool)
    readOnly = _inner("readOnly", bool)
    setMode = qt_property(int, "_set_mode", 1)
    decimalsOption = qt_property(int, "_decimals_option", 0x020)
    invertedControls = qt_property(bool, "_inverted_controls", False)
    sizeHintPolicy = qt_property(int, "_size_hint_policy", 1)


@register
class ctkCoordinatesWidget(QtWidgets.QWidget):
    """A row of spin boxes for the coordinates of a point."""

    coordinatesChanged = Signal(object)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self._spin_boxes: list[ctkDoubleSpinBox] = []
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._set_dimension(3)

    def _set_dimension(self, dimension: int) -> None:
        while len(self._spin_boxes) > dimension:
            self._spin_boxes.pop().deleteLater()
        while len(self._spin_boxes) < dimension:
            spin_box = ctkDoubleSpinBox(self)
            spin_box.decimals = self.decimals
            spin_box._set_range(self.minimum, self.maximum)
            spin_box.valueChanged.connect(self._on_value_changed)
            self.layout().addWidget(spin_box)
            self._spin_boxes.append(spin_box)

    def _on_value_changed(self, value: float) -> None:
        self.coordinatesChanged.emit(self._values())

    def _values(self) -> list[float]:
        return [spin_box.value for spin_box in self._spin_boxes]

    def _set_text(self, text: str) -> None:
        self.setCoordinates(*(float(part) for part in text.split(",")))

    def setCoordinates(self, *values: Any) -> None:
        """Set x, y, z given one by one or as a sequence."""
        values = values[0] if len(values) == 1 and not isinstance(values[0], (int, float)) else values
        blocked = self.blockSignals(True)
        before = self._values()
        for spin_box, value in zip(self._spin_boxes, values, strict=False):
            spin_box.value = value
        self.blockSignals(blocked)
        if self._values() != before:
            self.coordinatesChanged.emit(self._values())

    def _apply(self, name: str, value: Any) -> None:
        for spin_box in self._spin_boxes:
            setattr(spin_box, name, value)

    coordinates = QtCore.Property(str, lambda self: ",".join(f"{value:g}" for value in self._values()), _set_text)
    dimension = QtCore.Property(int, lambda self: len(self._spin_boxes), _set_dimension)
    decimals = qt_property(int, "_decimals", 3, changed=lambda self, value: self._apply("decimals", value))
    singleStep = qt_property(float, "_single_step", 1.0, changed=lambda self, value: self._apply("singleStep", value))
    minimum = qt_property(float, "_minimum", -100000.0, changed=lambda self, value: self._apply("minimum", value))
    maximum = qt_property(float, "_maximum", 100000.0, changed=lambda self, value: self._apply("maximum", value))
    normalized = qt_property(bool, "_normalized", False)

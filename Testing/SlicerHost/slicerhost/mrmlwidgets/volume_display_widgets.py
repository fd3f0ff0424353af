"""Threshold and window/level of a scalar volume's display."""
from __future__ import annotations

from typing import Any

import vtk
from PySide6 import QtCore, QtWidgets

from slicerhost.ctk.ranges import ctkRangeWidget
from slicerhost.mrmlwidgets.widget import qMRMLWidget
from slicerhost.pythonqt.declare import Signal
from slicerhost.registry import register


@register
class qMRMLVolumeWidget(qMRMLWidget):
    """Follows a scalar volume node and its display node."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._volume: Any = None
        self._updating = False
        self._range = ctkRangeWidget(self)
        self._range.setObjectName("VolumeRangeWidget")
        self._mode = QtWidgets.QComboBox(self)
        self._mode.setObjectName("ControlModeComboBox")
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._mode)
        layout.addWidget(self._range, 1)
        self.setEnabled(False)

    def mrmlVolumeNode(self) -> Any:
        """Return the volume node, or None."""
        return self._volume

    def setMRMLVolumeNode(self, node: Any) -> None:
        """Show a scalar volume."""
        if node is not None and not node.IsA("vtkMRMLScalarVolumeNode"):
            node = None
        if node is self._volume:
            return
        self._stop_observing()
        self._volume = node
        if node is not None:
            self._observe(node, vtk.vtkCommand.ModifiedEvent, self._volume_modified)
            self._observe(node, node.DisplayModifiedEvent, self._volume_modified)
        self._volume_modified()

    def _display_node(self) -> Any:
        """Return the display node of the volume, or None."""
        return self._volume.GetDisplayNode() if self._volume is not None else None

    def _volume_modified(self, *_event: Any) -> None:
        display = self._display_node()
        image = self._volume.GetImageData() if self._volume is not None else None
        self.setEnabled(display is not None and image is not None)
        if display is None or image is None:
            return
        self._updating = True
        blocked = self._range.blockSignals(True)
        low, high = image.GetScalarRange()
        self._range.minimum, self._range.maximum = min(low, self._range.minimum), max(high, self._range.maximum)
        self._show(display)
        self._range.blockSignals(blocked)
        self._updating = False

    def _show(self, display: Any) -> None:
        raise NotImplementedError

    def _set_bounds(self, low: float, high: float) -> None:
        self._range.minimum, self._range.maximum = low, high


@register
class qMRMLVolumeThresholdWidget(qMRMLVolumeWidget):
    """Hides the voxels outside of a range."""

    thresholdValuesChanged = Signal(float, float)
    autoThresholdValueChanged = Signal(int)

    Auto, Manual, Off = range(3)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._mode.addItems(["Auto", "Manual", "Off"])
        self._mode.setCurrentIndex(self.Off)
        self._mode.currentIndexChanged.connect(self.setAutoThreshold)
        self._range.valuesChanged.connect(self.setThreshold)

    def _get_mode(self) -> int:
        display = self._display_node()
        if display is None or not display.GetApplyThreshold():
            return self.Off
        return self.Auto if display.GetAutoThreshold() else self.Manual

    def setAutoThreshold(self, mode: int) -> None:
        """Set the mode: Auto, Manual or Off."""
        display = self._display_node()
        if display is None or self._updating or mode == self._get_mode():
            return
        modified = display.StartModify()
        display.SetApplyThreshold(int(mode != self.Off))
        display.SetAutoThreshold(int(mode == self.Auto))
        display.EndModify(modified)
        self.autoThresholdValueChanged.emit(mode)

    def setThreshold(self, low: float, high: float) -> None:
        """Set both thresholds."""
        display = self._display_node()
        if display is not None and not self._updating:
            display.SetThreshold(low, high)
            self.thresholdValuesChanged.emit(low, high)

    def setThresholdBounds(self, low: float, high: float) -> None:
        """Set the limits of the thresholds."""
        self._set_bounds(low, high)

    def _show(self, display: Any) -> None:
        self._range.setValues(display.GetLowerThreshold(), display.GetUpperThreshold())
        self._mode.setCurrentIndex(self._get_mode())
        self._range.setEnabled(self._get_mode() == self.Manual)

    autoThreshold = QtCore.Property(int, _get_mode, setAutoThreshold)
    lowerThreshold = QtCore.Property(float, lambda self: self._range.minimumValue,
                                     lambda self, value: self.setThreshold(value, self._range.maximumValue))
    upperThreshold = QtCore.Property(float, lambda self: self._range.maximumValue,
                                     lambda self, value: self.setThreshold(self._range.minimumValue, value))
    lowerThresholdBound = QtCore.Property(float, lambda self: self._range.minimum,
                                          lambda self, value: self._set_bounds(value, self._range.maximum))
    upperThresholdBound = QtCore.Property(float, lambda self: self._range.maximum,
                                          lambda self, value: self._set_bounds(self._range.minimum, value))


@register
class qMRMLWindowLevelWidget(qMRMLVolumeWidget):
    """Sets window and level."""

    windowLevelValuesChanged = Signal(float, float)
    autoWindowLevelValueChanged = Signal(int)

    Auto, Manual, ManualMinMax = range(3)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._mode.addItems(["Auto W/L", "Manual W/L", "Manual Min/Max"])
        self._mode.currentIndexChanged.connect(self.setAutoWindowLevel)
        self._range.valuesChanged.connect(self.setMinMaxRangeValue)

    def _get_mode(self) -> int:
        display = self._display_node()
        if display is None or display.GetAutoWindowLevel():
            return self.Auto
        return max(self._mode.currentIndex, self.Manual)

    def setAutoWindowLevel(self, mode: int) -> None:
        """Set the mode: Auto, Manual or ManualMinMax."""
        display = self._display_node()
        if display is not None and not self._updating and mode != self._get_mode():
            display.SetAutoWindowLevel(int(mode == self.Auto))
            self.autoWindowLevelValueChanged.emit(mode)

    def setWindowLevel(self, window: float, level: float) -> None:
        """Set window and level; the automatic mode ends."""
        display = self._display_node()
        if display is None or self._updating:
            return
        modified = display.StartModify()
        display.SetAutoWindowLevel(0)
        display.SetWindowLevel(window, level)
        display.EndModify(modified)
        self.windowLevelValuesChanged.emit(window, level)

    def setMinMaxRangeValue(self, low: float, high: float) -> None:
        """Set the intensities shown black and white."""
        self.setWindowLevel(high - low, (low + high) / 2)

    def setMinMaxBounds(self, low: float, high: float) -> None:
        """Set the limits of the range."""
        self._set_bounds(low, high)

    def _show(self, display: Any) -> None:
        low, high = display.GetWindowLevelMin(), display.GetWindowLevelMax()
        self._set_bounds(min(low, self._range.minimum), max(high, self._range.maximum))
        self._range.setValues(low, high)
        self._mode.setCurrentIndex(self._get_mode())

    def _display_value(self, getter: str) -> float:
        return getattr(self._display_node(), getter)() if self._display_node() is not None else 0.0

    autoWindowLevel = QtCore.Property(int, _get_mode, setAutoWindowLevel)
    window = QtCore.Property(float, lambda self: self._display_value("GetWindow"),
                             lambda self, value: self.setWindowLevel(value, self.level))
    level = QtCore.Property(float, lambda self: self._display_value("GetLevel"),
                            lambda self, value: self.setWindowLevel(self.window, value))
    minimumValue = QtCore.Property(float, lambda self: self._range.minimumValue,
                                   lambda self, value: self.setMinMaxRangeValue(value, self._range.maximumValue))
    maximumValue = QtCore.Property(float, lambda self: self._range.maximumValue,
                                   lambda self, value: self.setMinMaxRangeValue(self._range.minimumValue, value))
    minimumBound = QtCore.Property(float, lambda self: self._range.minimum,
                                   lambda self, value: self._set_bounds(value, self._range.maximum))
    maximumBound = QtCore.Property(float, lambda self: self._range.maximum,
                                   lambda self, value: self._set_bounds(self._range.minimum, value))

"""CTK's buttons (ctkPushButton.cpp, ctkCheckablePushButton.cpp, ctkColorPickerButton.cpp, ctkMenuButton.cpp)."""
from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.pythonqt.declare import Signal, parent_of, qt_property, text_of
from slicerhost.registry import register

_CHECKED, _UNCHECKED = 2, 0


@register
class ctkPushButton(QtWidgets.QPushButton):
    """A push button whose text and icon can be aligned."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(text_of(arguments), parent_of(arguments))

    buttonTextAlignment = qt_property(int, "_text_alignment", 0x84)
    iconAlignment = qt_property(int, "_icon_alignment", 0x81)
    elideMode = qt_property(int, "_elide_mode", 3)


@register
class ctkCheckablePushButton(ctkPushButton):
    """A push button with a check box that makes the button checkable."""

    checkBoxToggled = Signal(bool)
    checkStateChanged = Signal(int)
    _check_state = _UNCHECKED
    _controls_button = True

    def _set_check_state(self, state: Any) -> None:
        state = int(state)
        if state == self._check_state:
            return
        self._check_state = state
        checked = state == _CHECKED
        if self._controls_button:
            was_checked = self.isChecked()
            self.setCheckable(checked)
            if was_checked != self.isChecked():  # setCheckable() does not announce it
                self.toggled.emit(self.isChecked())
            if self.checkBoxControlsButtonToggleState and self.isChecked() != checked:
                self.setChecked(checked)
        self.checkStateChanged.emit(state)
        self.checkBoxToggled.emit(checked)
        self.update()

    def _set_controls_button(self, controls: bool) -> None:
        self._controls_button = controls
        if controls:
            self._set_check_state(_CHECKED if self.isCheckable() else _UNCHECKED)

    def nextCheckState(self) -> None:
        super().nextCheckState()
        if self.checkBoxControlsButtonToggleState and not self.isChecked() and self._check_state == _CHECKED:
            self._set_check_state(_UNCHECKED)

    def _follow_check_box(self, follows: bool) -> None:
        if follows and self._check_state and not self.isChecked():
            self.setChecked(True)

    checkState = QtCore.Property(int, lambda self: self._check_state, _set_check_state)
    checkBoxControlsButton = QtCore.Property(bool, lambda self: self._controls_button, _set_controls_button)
    checkBoxControlsButtonToggleState = qt_property(bool, "_controls_toggle", False, changed=_follow_check_box)
    checkBoxUserCheckable = qt_property(bool, "_user_checkable", True)
    indicatorAlignment = qt_property(int, "_icon_alignment", 0x81)


@register
class ctkMenuButton(QtWidgets.QPushButton):
    """A push button with a separate arrow for its menu."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(text_of(arguments), parent_of(arguments))


@register
class ctkCheckBox(QtWidgets.QCheckBox):
    """A check box whose indicator may be an icon."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(text_of(arguments), parent_of(arguments))

    indicatorIcon = qt_property("QIcon", "_indicator_icon", QtGui.QIcon())
    indicatorIconSize = qt_property("QSize", "_indicator_icon_size", QtCore.QSize(16, 16))


@register
class ctkColorPickerButton(QtWidgets.QPushButton):
    """A button that shows a colour and opens a colour dialog."""

    colorChanged = Signal(QtGui.QColor)
    colorNameChanged = Signal(str)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(text_of(arguments), parent_of(arguments))
        self._color = QtGui.QColor(next((a for a in arguments if isinstance(a, QtGui.QColor)), QtGui.QColor(0, 0, 0)))
        self.setCheckable(True)
        self.toggled.connect(self._on_toggled)

    def _on_toggled(self, change: bool) -> None:
        if change:
            self.changeColor()
            self.setChecked(False)

    def changeColor(self) -> None:
        """Open the colour dialog."""
        options = QtWidgets.QColorDialog.ColorDialogOption(int(self.dialogOptions) & 0x7)
        color = QtWidgets.QColorDialog.getColor(self._color, self, "", options)
        if color.isValid():
            self._set_color(color)

    def _set_color(self, color: Any) -> None:
        color = QtGui.QColor(color)
        if color != self._color:
            self._color = color
            self.update()
            self.colorChanged.emit(color)

    color = QtCore.Property(QtGui.QColor, lambda self: QtGui.QColor(self._color), _set_color)
    colorName = qt_property(str, "_color_name", "", notify="colorNameChanged")
    displayColorName = qt_property(bool, "_display_color_name", True, changed=lambda self, value: self.update())
    dialogOptions = qt_property(int, "_dialog_options", 0)

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter = QtWidgets.QStylePainter(self)
        option = QtWidgets.QStyleOptionButton()
        self.initStyleOption(option)
        swatch = QtGui.QPixmap(16, 16)
        swatch.fill(self._color)
        option.icon, option.iconSize = QtGui.QIcon(swatch), QtCore.QSize(16, 16)
        option.text = (self.colorName or self._color.name()) if self.displayColorName else self.text
        painter.drawControl(QtWidgets.QStyle.ControlElement.CE_PushButton, option)
        painter.end()

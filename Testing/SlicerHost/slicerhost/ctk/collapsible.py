"""CTK's collapsible containers (ctkCollapsibleButton.cpp, ctkCollapsibleGroupBox.cpp, ctkExpandButton.cpp)."""
from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.pythonqt.declare import Signal, parent_of, qt_property, text_of
from slicerhost.registry import register

_UNLIMITED = 16777215  # QWIDGETSIZE_MAX
_EXPLICITLY_HIDDEN = "visibilityToParent"
_Attribute = QtCore.Qt.WidgetAttribute


class ChildHiding:
    """Hides the children of a collapsed container and remembers which of them the user had hidden before."""

    _collapsed = False
    _forcing = False

    def _is_collapsed(self) -> bool:
        return self.__dict__.get("_collapsed", False)

    def _update_children(self) -> None:
        for child in self.children():
            if isinstance(child, QtWidgets.QWidget):
                self._update_child(child)

    def _update_child(self, child: QtWidgets.QWidget) -> None:
        # Before the container is created, Qt would show its children again anyway.
        if not self.testAttribute(_Attribute.WA_WState_Created):
            return
        hidden_by_user = child.property(_EXPLICITLY_HIDDEN) is False
        visible = not self._is_collapsed() and not hidden_by_user
        self._forcing = True
        if not visible or child.testAttribute(_Attribute.WA_WState_Created):
            child.setVisible(visible)
        if not hidden_by_user:
            child.setAttribute(_Attribute.WA_WState_ExplicitShowHide, False)
        self._forcing = False

    def childEvent(self, event: QtCore.QChildEvent) -> None:
        child = event.child()
        if event.type() == QtCore.QEvent.Type.ChildAdded and isinstance(child, QtWidgets.QWidget):
            if child.testAttribute(_Attribute.WA_WState_ExplicitShowHide) and child.testAttribute(
                    _Attribute.WA_WState_Hidden):
                child.setProperty(_EXPLICITLY_HIDDEN, False)
            child.installEventFilter(self)
            self._update_child(child)
        super().childEvent(event)

    def setVisible(self, visible: bool) -> None:
        self._forcing = True
        super().setVisible(visible)
        self._forcing = False
        if not self.__dict__.get("_created") and self.testAttribute(_Attribute.WA_WState_Created):
            self._created = True
            self._update_children()

    def eventFilter(self, child: QtCore.QObject, event: QtCore.QEvent) -> bool:
        if not self._forcing and isinstance(child, QtWidgets.QWidget):
            if event.type() == QtCore.QEvent.Type.ShowToParent:
                child.setProperty(_EXPLICITLY_HIDDEN, True)
                self._update_child(child)
            elif event.type() == QtCore.QEvent.Type.HideToParent:
                child.setProperty(_EXPLICITLY_HIDDEN, False)
        return False


@register
class ctkCollapsibleButton(ChildHiding, QtWidgets.QAbstractButton):
    """A header button that shows and hides what lies below it; checked means expanded."""

    contentsCollapsed = Signal(bool)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self._expanded_maximum_height = _UNLIMITED
        self.setText(text_of(arguments))
        self.setCheckable(True)
        self.setChecked(True)
        policy = QtWidgets.QSizePolicy.Policy
        self.setSizePolicy(policy.Minimum, policy.Preferred)
        self.setContentsMargins(0, self._header_height(), 0, 0)
        self.toggled.connect(lambda checked: self._collapse(not checked))

    def _header_height(self) -> int:
        return max(self.fontMetrics().height(), 16) + 6

    def _set_collapsed(self, collapsed: bool) -> None:
        if self.isCheckable():
            self.setChecked(not collapsed)
        else:
            self._collapse(bool(collapsed))

    def _collapse(self, collapsed: bool) -> None:
        if collapsed == self._is_collapsed():
            return
        self._collapsed = collapsed
        if collapsed:
            self._expanded_maximum_height = self.maximumHeight
            self.setMaximumHeight(self.sizeHint().height())
        else:
            self.setMaximumHeight(self._expanded_maximum_height)
        self._update_children()
        self.updateGeometry()
        self.contentsCollapsed.emit(collapsed)

    collapsed = QtCore.Property(bool, ChildHiding._is_collapsed, _set_collapsed)
    collapsedHeight = qt_property(int, "_collapsed_height", 14, changed=lambda self, value: self.updateGeometry())
    flat = qt_property(bool, "_flat", False, changed=lambda self, value: self.update())
    contentsFrameShape = qt_property(int, "_frame_shape", 0)
    contentsFrameShadow = qt_property(int, "_frame_shadow", 16)
    contentsLineWidth = qt_property(int, "_line_width", 1)
    contentsMidLineWidth = qt_property(int, "_mid_line_width", 0)
    buttonTextAlignment = qt_property(int, "_text_alignment", 0x81)
    indicatorAlignment = qt_property(int, "_indicator_alignment", 0x81)

    def sizeHint(self) -> QtCore.QSize:
        header = self._header_height()
        text_width = self.fontMetrics().horizontalAdvance(self.text) + 40
        layout = self.layout()
        if self._is_collapsed():
            return QtCore.QSize(text_width, header + self.collapsedHeight)
        contents = layout.totalSizeHint() if layout is not None else QtCore.QSize(0, 0)
        return QtCore.QSize(max(text_width, contents.width()), max(header, contents.height()))

    def minimumSizeHint(self) -> QtCore.QSize:
        layout = self.layout()
        if layout is None or self._is_collapsed():
            return QtCore.QSize(40, self._header_height())
        return layout.totalMinimumSize()

    def hitButton(self, position: QtCore.QPoint) -> bool:
        return position.y() <= self._header_height()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter = QtWidgets.QStylePainter(self)
        option = QtWidgets.QStyleOptionButton()
        option.initFrom(self)
        option.rect = QtCore.QRect(0, 0, self.width, self._header_height())
        painter.drawControl(QtWidgets.QStyle.ControlElement.CE_PushButtonBevel, option)
        self._paint_indicator(painter, option)
        flags = int(QtCore.Qt.AlignmentFlag.AlignVCenter) | int(QtCore.Qt.TextFlag.TextShowMnemonic)
        painter.drawText(option.rect.adjusted(24, 0, 0, 0), flags, self.text)
        painter.end()

    def _paint_indicator(self, painter: QtWidgets.QStylePainter, option: QtWidgets.QStyleOptionButton) -> None:
        primitive = QtWidgets.QStyle.PrimitiveElement
        arrow = QtWidgets.QStyleOption(option)
        arrow.rect = QtCore.QRect(6, (self._header_height() - 12) // 2, 12, 12)
        painter.drawPrimitive(primitive.PE_IndicatorArrowRight if self._is_collapsed() else
                              primitive.PE_IndicatorArrowDown, arrow)


@register
class ctkCollapsibleGroupBox(ChildHiding, QtWidgets.QGroupBox):
    """A group box whose title collapses it; checked means expanded."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(text_of(arguments), parent_of(arguments))
        self._expanded_maximum_height = _UNLIMITED
        self.setCheckable(True)
        self.toggled.connect(self._expand)

    def _is_collapsed(self) -> bool:
        return not self.isChecked()

    def _expand(self, expand: bool) -> None:
        self._update_children()
        if expand:
            self.setMaximumHeight(self._expanded_maximum_height)
        else:
            self._expanded_maximum_height = self.maximumHeight
            self.setMaximumHeight(self.fontMetrics().height() + self.collapsedHeight)

    collapsed = QtCore.Property(bool, lambda self: self._is_collapsed(), lambda self, value: self.setChecked(not value))
    collapsedHeight = qt_property(int, "_collapsed_height", 14)


@register
class ctkExpandButton(QtWidgets.QToolButton):
    """A checkable tool button with an arrow."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self.setCheckable(True)
        self.setArrowType(QtCore.Qt.ArrowType.RightArrow)

    mirrorOnExpand = qt_property(bool, "_mirror_on_expand", False)
    orientation = qt_property(int, "_orientation", 1)


@register
class ctkExpandableWidget(QtWidgets.QFrame):
    """A frame with a size grip."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))

    orientations = qt_property(int, "_orientations", 3)
    sizeGripInside = qt_property(bool, "_size_grip_inside", True)

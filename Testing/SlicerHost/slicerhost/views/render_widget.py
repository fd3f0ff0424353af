"""The Qt widget in which an offscreen view is seen and touched (ctkVTKAbstractView in Slicer)."""
from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.pythonqt.declare import qt_property
from slicerhost.pythonqt.qt_types import is_alive
from slicerhost.registry import register
from slicerhost.views.keyboard import key_code, key_symbol
from slicerhost.views.offscreen_view import OffscreenView

_BUTTONS = {
    QtCore.Qt.MouseButton.LeftButton: "LeftButton",
    QtCore.Qt.MouseButton.RightButton: "RightButton",
    QtCore.Qt.MouseButton.MiddleButton: "MiddleButton",
}


@register
class ctkVTKAbstractView(QtWidgets.QWidget):
    """Paints the frames of an OffscreenView and sends it Qt's mouse, wheel and keyboard events.

    Frames are drawn when the widget is visible, not paused, and something asked for one: at the next turn of the
    event loop (`scheduleRender`) or at once (`forceRender`), as in CTK.
    """

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: OffscreenView | None = None
        self._frame: QtGui.QImage | None = None
        self._render_needed = True
        self._render_scheduled = False
        self._pause_count = 0
        self._default_cursor = QtGui.QCursor()
        self.setMouseTracking(True)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(QtCore.QSize(50, 50))

    def _set_view(self, view: OffscreenView) -> None:
        self._view = view
        view.on_render_requested = self.scheduleRender
        view.on_rendered = self._on_rendered

    # Rendering

    renderEnabled = qt_property(bool, "_render_enabled", True)
    maximumUpdateRate = qt_property(float, "_maximum_update_rate", 60.0)
    fpsVisible = qt_property(bool, "_fps_visible", False)
    useDepthPeeling = qt_property(bool, "_use_depth_peeling", False)
    gradientBackground = qt_property(bool, "_gradient_background", False,
                                     changed=lambda self, on: self._view.renderer.SetGradientBackground(on))

    def scheduleRender(self) -> None:
        """Draw a frame at the next turn of the event loop."""
        self._render_needed = True
        if not self._render_scheduled and not self._pause_count:
            self._render_scheduled = True
            QtCore.QTimer.singleShot(0, self._render_if_needed)

    def forceRender(self) -> None:
        """Draw a frame now, unless rendering is disabled."""
        if self.renderEnabled:
            self._view.render()

    def pauseRender(self) -> int:
        """Stop drawing until `resumeRender` was called as often; return how often it has to be."""
        self._pause_count += 1
        return self._pause_count

    def resumeRender(self) -> int:
        """Undo one `pauseRender`; return how many are left."""
        self._pause_count = max(0, self._pause_count - 1)
        if not self._pause_count and self._render_needed:
            self.scheduleRender()
        return self._pause_count

    def setRenderPaused(self, paused: bool) -> int:
        """Pause or resume."""
        return self.pauseRender() if paused else self.resumeRender()

    def renderWindow(self) -> Any:
        """Return the vtkRenderWindow."""
        return self._view.render_window

    def interactor(self) -> Any:
        """Return the vtkRenderWindowInteractor."""
        return self._view.interactor

    def interactorStyle(self) -> Any:
        """Return the MRML interactor style of the view."""
        return self._view.style

    def cornerAnnotation(self) -> Any:
        """Return the vtkCornerAnnotation of the view."""
        return self._view.corner_annotation

    def _corner_text(self) -> str:
        return self._view.corner_annotation.GetText(2) or ""

    def _set_corner_text(self, text: str) -> None:
        self._view.corner_annotation.ClearAllTexts()
        self._view.corner_annotation.SetText(2, text)
        self.scheduleRender()

    cornerAnnotationText = QtCore.Property(str, _corner_text, _set_corner_text)

    def _background(self) -> QtGui.QColor:
        return QtGui.QColor.fromRgbF(*self._view.renderer.GetBackground())

    def _set_background(self, color: QtGui.QColor) -> None:
        self._view.renderer.SetBackground(color.redF(), color.greenF(), color.blueF())
        self.scheduleRender()

    def _background2(self) -> QtGui.QColor:
        return QtGui.QColor.fromRgbF(*self._view.renderer.GetBackground2())

    def _set_background2(self, color: QtGui.QColor) -> None:
        self._view.renderer.SetBackground2(color.redF(), color.greenF(), color.blueF())
        self.scheduleRender()

    backgroundColor = QtCore.Property(QtGui.QColor, _background, _set_background)
    backgroundColor2 = QtCore.Property(QtGui.QColor, _background2, _set_background2)

    def VTKWidget(self) -> QtWidgets.QWidget:
        """Return the widget that receives the mouse events."""
        return self

    def displayableManagerByClassName(self, name: str) -> Any:
        """Return the displayable manager of that class, or None."""
        return self._view.display_group.GetDisplayableManagerByClassName(name)

    def getDisplayableManagers(self, managers: Any) -> None:
        """Add all displayable managers to the given vtkCollection."""
        group = self._view.display_group
        for index in range(group.GetDisplayableManagerCount()):
            managers.AddItem(group.GetNthDisplayableManager(index))

    def setViewCursor(self, cursor: QtGui.QCursor) -> None:
        """Set the mouse pointer."""
        self.setCursor(cursor)

    def unsetViewCursor(self) -> None:
        """Restore the default mouse pointer."""
        self.setCursor(self._default_cursor)

    def setDefaultViewCursor(self, cursor: QtGui.QCursor) -> None:
        """Set the mouse pointer of the view when nothing under it asks for another."""
        self._default_cursor = cursor
        self.setCursor(cursor)

    def _render_if_needed(self) -> None:
        if not is_alive(self):
            return
        self._render_scheduled = False
        if self._render_needed and self.isVisible() and not self._pause_count and self.renderEnabled:
            self._view.render()

    def _on_rendered(self) -> None:
        self._render_needed = False
        self._frame = None
        self.update()

    # Qt events

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        if self._view is None:
            return
        if self._render_needed and not self._pause_count and self.renderEnabled:
            self._view.render()
        if self._frame is None:
            pixels = self._view.pixels()
            height, width, _ = pixels.shape
            self._frame = QtGui.QImage(pixels.data, width, height, 3 * width,
                                       QtGui.QImage.Format.Format_RGB888).copy()
        painter = QtGui.QPainter(self)
        painter.drawImage(0, 0, self._frame)
        painter.end()

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        if self._view is not None:
            self._view.resize(max(1, event.size().width()), max(1, event.size().height()))
            self.scheduleRender()

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        self._send_button(event, "PressEvent")

    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        self._send_button(event, "ReleaseEvent")

    def mouseDoubleClickEvent(self, event: QtGui.QMouseEvent) -> None:
        self._send_button(event, "DoubleClickEvent", repeat=1)

    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        self._set_event_information(event, event.position())
        self._view.interactor.InvokeEvent("MouseMoveEvent")

    def enterEvent(self, event: QtGui.QEnterEvent) -> None:
        self._set_event_information(event, event.position())
        self._view.interactor.InvokeEvent("EnterEvent")

    def leaveEvent(self, event: QtCore.QEvent) -> None:
        self._view.interactor.InvokeEvent("LeaveEvent")

    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        self._set_event_information(event, event.position())
        step = event.angleDelta()
        if step.y():
            self._view.interactor.InvokeEvent("MouseWheelForwardEvent" if step.y() > 0 else "MouseWheelBackwardEvent")
        elif step.x():
            self._view.interactor.InvokeEvent("MouseWheelLeftEvent" if step.x() > 0 else "MouseWheelRightEvent")

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        self._set_key_information(event)
        self._view.interactor.InvokeEvent("KeyPressEvent")
        if event.text():
            self._view.interactor.InvokeEvent("CharEvent")

    def keyReleaseEvent(self, event: QtGui.QKeyEvent) -> None:
        self._set_key_information(event)
        self._view.interactor.InvokeEvent("KeyReleaseEvent")

    def _send_button(self, event: QtGui.QMouseEvent, suffix: str, repeat: int = 0) -> None:
        button = _BUTTONS.get(event.button())
        if button is None:
            return
        self._set_event_information(event, event.position(), repeat=repeat)
        self._view.interactor.InvokeEvent(button + suffix)

    def _set_event_information(self, event: Any, position: QtCore.QPointF, repeat: int = 0) -> None:
        modifiers = event.modifiers() if hasattr(event, "modifiers") else QtCore.Qt.KeyboardModifier.NoModifier
        control, shift, alt = _modifier_flags(modifiers)
        interactor = self._view.interactor
        y = interactor.GetSize()[1] - 1 - int(position.y())  # VTK counts from the bottom
        interactor.SetEventInformation(int(position.x()), y, control, shift, "\0", repeat, None)
        interactor.SetAltKey(alt)

    def _set_key_information(self, event: QtGui.QKeyEvent) -> None:
        control, shift, alt = _modifier_flags(event.modifiers())
        self._view.interactor.SetKeyEventInformation(control, shift, key_code(event), event.count(), key_symbol(event))
        self._view.interactor.SetAltKey(alt)


def _modifier_flags(modifiers: QtCore.Qt.KeyboardModifier) -> tuple[int, int, int]:
    flags = QtCore.Qt.KeyboardModifier
    return (int(bool(modifiers & flags.ControlModifier)), int(bool(modifiers & flags.ShiftModifier)),
            int(bool(modifiers & flags.AltModifier)))

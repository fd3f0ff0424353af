"""Painting and erasing with a brush (qSlicerSegmentEditorPaintEffect, qSlicerSegmentEditorEraseEffect)."""
from __future__ import annotations

from typing import Any

import numpy as np
import vtk
from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.mrmlwidgets.unit_widgets import qMRMLSliderWidget
from slicerhost.pythonqt.declare import qt_property
from slicerhost.registry import register
from slicerhost.segmenteditor import brush
from slicerhost.segmenteditor.brush_outline import BrushOutline
from slicerhost.segmenteditor.label_effect import qSlicerSegmentEditorAbstractLabelEffect
from slicerhost.views.slice_widget import qMRMLSliceWidget

_POINTS_PER_DIAMETER = 5  # a fast stroke gets so many brushes per diameter
_ZOOM_STEP = 0.2
_LARGER_KEYS, _SMALLER_KEYS = ("plus", "equal"), ("minus", "underscore")
_LARGER_EVENTS = (vtk.vtkCommand.MouseWheelForwardEvent, vtk.vtkCommand.MouseWheelLeftEvent)
_SMALLER_EVENTS = (vtk.vtkCommand.MouseWheelBackwardEvent, vtk.vtkCommand.MouseWheelRightEvent)
_HELP = "Paint with a round brush.<br>Left button: paint; Shift + mouse wheel: change brush diameter."


@register
class qSlicerSegmentEditorPaintEffect(qSlicerSegmentEditorAbstractLabelEffect):
    """A brush in slice views, a disc as thick as the slice or a sphere; the stroke is applied when the button is up."""

    minimumPaintPointDistance = qt_property(float, "_minimum_point_distance", 0.0)
    delayedPaint = qt_property(bool, "_delayed_paint", True)
    _always_erases = False

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._name = "Paint"
        self._is_erasing = self._always_erases
        self._stroke: list[np.ndarray] = []
        self._last_pixel = (0, 0)
        self._is_painting = False
        self._outlines: dict[Any, BrushOutline] = {}
        self._active_view: Any = None
        self._paint_frame: QtWidgets.QFrame | None = None

    def helpText(self) -> str:
        return _HELP

    # Options

    def setupOptionsFrame(self) -> None:
        super().setupOptionsFrame()
        self._paint_frame = QtWidgets.QFrame()
        layout = QtWidgets.QVBoxLayout(self._paint_frame)
        self._diameter_frame = QtWidgets.QFrame()
        diameter_layout = QtWidgets.QHBoxLayout(self._diameter_frame)
        diameter_layout.setContentsMargins(0, 0, 0, 0)
        self._absolute_button = QtWidgets.QToolButton()
        self._absolute_button.setText("mm")
        self._absolute_button.setCheckable(True)
        self._absolute_button.clicked.connect(self._units_clicked)
        self._diameter_slider = qMRMLSliderWidget()
        self._diameter_slider.valueChanged.connect(self._diameter_changed)
        for widget in (QtWidgets.QLabel("Diameter:"), self._absolute_button, self._diameter_slider):
            diameter_layout.addWidget(widget)
        layout.addWidget(self._diameter_frame)
        self._sphere_box = QtWidgets.QCheckBox("Sphere brush")
        self._smudge_box = QtWidgets.QCheckBox("Color smudge")
        self._all_segments_box = QtWidgets.QCheckBox("Erase all segments")
        boxes = QtWidgets.QHBoxLayout()
        for box in (self._sphere_box, self._all_segments_box if self._always_erases else self._smudge_box):
            box.clicked.connect(self.updateMRMLFromGUI)
            boxes.addWidget(box)
        layout.addLayout(boxes)
        self.addOptionsWidget(self._paint_frame)

    def paintOptionsFrame(self) -> QtWidgets.QFrame:
        """Return the frame of the brush options, for effects that place it elsewhere."""
        return self._paint_frame

    def setColorSmudgeCheckboxVisible(self, visible: bool) -> None:
        """Offer or hide "Color smudge"."""
        self._smudge_box.setVisible(visible)

    def setMRMLDefaults(self) -> None:
        super().setMRMLDefaults()
        for name, value in (("BrushMinimumAbsoluteDiameter", 0.01), ("BrushMaximumAbsoluteDiameter", 100.0),
                            ("BrushAbsoluteDiameter", 5.0), ("BrushRelativeDiameter", 3.0),
                            ("BrushDiameterIsRelative", 1), ("BrushSphere", 0), ("EditIn3DViews", 0),
                            ("BrushPixelMode", 0)):
            self.setCommonParameterDefault(name, value)
        self.setParameterDefault("ColorSmudge", 0)
        self.setParameterDefault("EraseAllSegments", 0)

    def updateGUIFromMRML(self) -> None:
        super().updateGUIFromMRML()
        if not self.active() or self.scene() is None:
            return
        relative = bool(self.integerParameter("BrushDiameterIsRelative"))
        self._sphere_box.setChecked(bool(self.integerParameter("BrushSphere")))
        self._smudge_box.setChecked(bool(self.integerParameter("ColorSmudge")))
        self._all_segments_box.setChecked(bool(self.integerParameter("EraseAllSegments")))
        self._absolute_button.setChecked(not relative)
        blocked = self._diameter_slider.blockSignals(True)
        self._diameter_slider.decimals = 0 if relative else 2
        self._diameter_slider.minimum = 1 if relative else self.doubleParameter("BrushMinimumAbsoluteDiameter")
        self._diameter_slider.maximum = 25 if relative else self.doubleParameter("BrushMaximumAbsoluteDiameter")
        self._diameter_slider.value = self.doubleParameter(
            "BrushRelativeDiameter" if relative else "BrushAbsoluteDiameter")
        self._diameter_slider.suffix = "%" if relative else "mm"
        self._diameter_slider.blockSignals(blocked)

    def updateMRMLFromGUI(self, *_checked: Any) -> None:
        self.setCommonParameter("BrushSphere", int(self._sphere_box.isChecked()))
        self.setParameter("ColorSmudge", int(self._smudge_box.isChecked()))
        self.setParameter("EraseAllSegments", int(self._all_segments_box.isChecked()))
        super().updateMRMLFromGUI()

    def _units_clicked(self, absolute: bool) -> None:
        self.setCommonParameter("BrushDiameterIsRelative", int(not absolute))

    def _diameter_changed(self, value: float) -> None:
        relative = self.integerParameter("BrushDiameterIsRelative")
        self.setCommonParameter("BrushRelativeDiameter" if relative else "BrushAbsoluteDiameter", float(value))

    # Strokes

    def deactivate(self) -> None:
        super().deactivate()
        for view_widget, outline in self._outlines.items():
            outline.remove()
            self.scheduleRender(view_widget)
        self._outlines.clear()
        self._active_view = None

    def processInteractionEvents(self, interactor: Any, event: int, view_widget: Any) -> bool:
        if not isinstance(view_widget, qMRMLSliceWidget):
            return False
        scale = self._requested_scale(interactor, event)
        if scale is not None:
            self._scale_diameter(scale)
            self.scheduleRender(view_widget)
            return True
        if event in (vtk.vtkCommand.KeyPressEvent, vtk.vtkCommand.KeyReleaseEvent):
            return False
        self._active_view = view_widget
        self._update_absolute_diameter()
        pixel = interactor.GetEventPosition()
        if event == vtk.vtkCommand.LeftButtonPressEvent and not _any_modifier(interactor):
            return self._start_stroke(view_widget, pixel)
        if event == vtk.vtkCommand.LeftButtonReleaseEvent and self._is_painting:
            self._add_point(view_widget, pixel)
            self._is_painting = False
            self.paintApply(view_widget)
            return True
        if event == vtk.vtkCommand.MouseMoveEvent:
            self._follow_mouse(view_widget, pixel)
        elif event == vtk.vtkCommand.LeaveEvent and view_widget in self._outlines:
            self._outlines[view_widget].hide()
            self._active_view = None
            self.scheduleRender(view_widget)
        return False

    def paintApply(self, view_widget: Any) -> None:
        """Change the selected segment along the stroke."""
        labelmap = self.defaultModifierLabelmap()
        if labelmap is None or self.parameterSetNode().GetSegmentationNode() is None:
            QtCore.qCritical("qSlicerSegmentEditorPaintEffect::paintApply: Invalid modifier labelmap")
            return
        self.saveStateForUndo()
        extent = self.paintBrushesIntoLabelmap(labelmap, view_widget)
        self.modifySelectedSegmentByLabelmap(labelmap, self._modification_mode(), extent)
        self.clearBrushes()

    def paintBrushesIntoLabelmap(self, labelmap: Any, view_widget: Any) -> list[int]:
        """Set the voxels under the stroke to 1; return the extent that was looked at."""
        is_sphere = bool(self.integerParameter("BrushSphere")) or not isinstance(view_widget, qMRMLSliceWidget)
        normal, spacing = None, 0.0
        if not is_sphere:
            normal = brush.matrix_to_array(view_widget.mrmlSliceNode().GetSliceToRAS())[:3, 2]
            spacing = self.sliceSpacing(view_widget)
        return brush.stamp(labelmap, self._ijk_to_world(labelmap), np.array(self._stroke).reshape(-1, 3),
                           self.doubleParameter("BrushAbsoluteDiameter"), normal, spacing)

    def clearBrushes(self) -> None:
        """Forget the stroke."""
        self._stroke.clear()

    def _modification_mode(self) -> int:
        if self._always_erases and self.integerParameter("EraseAllSegments"):
            return self.ModificationModeRemoveAll
        return self.ModificationModeRemove if self._is_erasing else self.ModificationModeAdd

    def _ijk_to_world(self, labelmap: Any) -> np.ndarray:
        matrix = vtk.vtkMatrix4x4()
        self.imageToWorldMatrix(labelmap, self.parameterSetNode().GetSegmentationNode(), matrix)
        return brush.matrix_to_array(matrix)

    def _start_stroke(self, view_widget: Any, pixel: tuple[int, int]) -> bool:
        if not self._always_erases:
            self._is_erasing = bool(self.integerParameter("ColorSmudge")) and not self._pick_segment(view_widget, pixel)
        if self.confirmCurrentSegmentVisible() != self.ConfirmedWithoutDialog:
            return True  # the dialog took the mouse: the user has to click again
        self._is_painting = True
        self.clearBrushes()
        self._add_point(view_widget, pixel)
        return True

    def _pick_segment(self, view_widget: Any, pixel: tuple[int, int]) -> bool:
        """Select the segment under the mouse; return whether there is one."""
        segmentation_node = self.parameterSetNode().GetSegmentationNode()
        identifiers = vtk.vtkStringArray()
        manager = view_widget.sliceView().displayableManagerByClassName("vtkMRMLSegmentationsDisplayableManager2D")
        ras = self.xyToRas(QtCore.QPoint(*pixel), view_widget)
        manager.GetVisibleSegmentsForPosition([ras.x(), ras.y(), ras.z()], segmentation_node.GetDisplayNode(),
                                              identifiers)
        if not identifiers.GetNumberOfValues():
            return False
        self.parameterSetNode().SetSelectedSegmentID(identifiers.GetValue(0))
        return True

    def _add_point(self, view_widget: Any, pixel: tuple[int, int]) -> None:
        ras = self.xyToRas(QtCore.QPoint(*pixel), view_widget)
        position = np.array([ras.x(), ras.y(), ras.z()])
        if self._stroke:
            previous = self._stroke[-1]
            step = max(self.doubleParameter("BrushAbsoluteDiameter") / _POINTS_PER_DIAMETER, 1e-6)
            count = int(np.linalg.norm(position - previous) / step)
            self._stroke.extend(previous + (position - previous) * (n + 1) / (count + 1) for n in range(count))
        self._stroke.append(position)
        self._last_pixel = pixel
        if not self.delayedPaint:
            self.paintApply(view_widget)
            self.forceRender(view_widget)

    def _follow_mouse(self, view_widget: Any, pixel: tuple[int, int]) -> None:
        if view_widget not in self._outlines:
            self._outlines[view_widget] = BrushOutline(self.renderer(view_widget))
        radius = self.doubleParameter("BrushAbsoluteDiameter") / 2 / _millimetres_per_pixel(view_widget)
        self._outlines[view_widget].show(*pixel, radius)
        self.scheduleRender(view_widget)
        moved = np.subtract(pixel, self._last_pixel)
        if self._is_painting and np.hypot(*moved) >= self.minimumPaintPointDistance:
            self._add_point(view_widget, pixel)

    # Brush size

    def _requested_scale(self, interactor: Any, event: int) -> float | None:
        key = interactor.GetKeySym() if event == vtk.vtkCommand.KeyPressEvent else ""
        wheel = event if interactor.GetShiftKey() else None
        if key in _LARGER_KEYS or wheel in _LARGER_EVENTS:
            return 1 + _ZOOM_STEP
        if key in _SMALLER_KEYS or wheel in _SMALLER_EVENTS:
            return 1 - _ZOOM_STEP
        return None

    def _scale_diameter(self, factor: float) -> None:
        name = ("BrushRelativeDiameter" if self.integerParameter("BrushDiameterIsRelative")
                else "BrushAbsoluteDiameter")
        self.setCommonParameter(name, self.doubleParameter(name) * factor)
        self._update_absolute_diameter()

    def _update_absolute_diameter(self) -> None:
        """A relative diameter is a percentage of the screen's height."""
        if self._active_view is None or not self.integerParameter("BrushDiameterIsRelative"):
            return
        screen_height = QtGui.QGuiApplication.primaryScreen().size.height()
        fraction = self.doubleParameter("BrushRelativeDiameter") / 100
        diameter = screen_height * fraction * _millimetres_per_pixel(self._active_view)
        present = self.doubleParameter("BrushAbsoluteDiameter")
        if present <= 0 or abs(diameter - present) / present >= 0.01:
            self.setCommonParameter("BrushAbsoluteDiameter", float(diameter))


@register
class qSlicerSegmentEditorEraseEffect(qSlicerSegmentEditorPaintEffect):
    """A brush that erases."""

    _always_erases = True

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._name = "Erase"

    def helpText(self) -> str:
        return "Erase from current segment with a round brush."


def _any_modifier(interactor: Any) -> bool:
    return bool(interactor.GetShiftKey() or interactor.GetControlKey() or interactor.GetAltKey())


def _millimetres_per_pixel(slice_widget: Any) -> float:
    column = brush.matrix_to_array(slice_widget.mrmlSliceNode().GetXYToSlice())[:3, 1]
    return float(np.linalg.norm(column))

"""The bar above a slice view: offset slider, fit, link and visibility."""
from __future__ import annotations

from typing import Any

import slicer
import vtk
from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.mrmlwidgets.unit_widgets import qMRMLSliderWidget
from slicerhost.pythonqt.declare import Signal, qt_property
from slicerhost.registry import register
from slicerhost.views.controller_bar import qMRMLViewControllerBar


@register
class qMRMLSliceControllerWidget(qMRMLViewControllerBar):
    """Changes a slice node and its composite node through the slice logic."""

    imageDataConnectionChanged = Signal(object)
    renderRequested = Signal()
    nodeAboutToBeEdited = Signal(object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._logic: Any = None
        self._logics: Any = None
        self._updating = False
        self._slider = qMRMLSliderWidget(self._bar)
        self._slider.setObjectName("SliceOffsetSlider")
        self._slider.valueChanged.connect(self._slider_moved)
        self._bar_layout.addWidget(self._slider, 1)
        self._visibility_button = self._tool_button("SliceVisibilityButton", "3D")
        self._visibility_button.setCheckable(True)
        self._visibility_button.clicked.connect(self.setSliceVisible)
        self._link_button = self._tool_button("SliceLinkButton", "link")
        self._link_button.setCheckable(True)
        self._link_button.clicked.connect(self.setSliceLink)
        self._fit_button = self._tool_button("FitToWindowToolButton", "fit")
        self._fit_button.clicked.connect(self.fitSliceToBackground)

    showSliceOffsetSlider = qt_property(
        bool, "_show_slider", True, changed=lambda self, shown: self._slider.setVisible(shown))
    moreButtonVisibility = qt_property(bool, "_more_visible", False)

    def sliceLogic(self) -> Any:
        """Return the vtkMRMLSliceLogic."""
        return self._logic

    def setSliceLogic(self, logic: Any) -> None:
        """Control the slice of that logic."""
        if logic is self._logic:
            return
        if self._logic is not None:
            self._stop_observing(self._logic)
        self._logic = logic
        self._observe(logic, slicer.vtkMRMLSliceLogic.CompositeModifiedEvent, self._logic_modified)
        self._observe(logic, vtk.vtkCommand.ModifiedEvent, self._logic_modified)
        self._logic_modified()

    def setSliceLogics(self, logics: Any) -> None:
        """Set the logics (vtkCollection) of the layout's slice views, for linked changes."""
        self._logics = logics

    def setControllerButtonGroup(self, group: QtWidgets.QButtonGroup) -> None:
        """Join the group in which the bars of all slice views open together."""
        group.addButton(self._pin_button)

    def mrmlSliceNode(self) -> Any:
        """Return the slice node, or None."""
        return self._logic.GetSliceNode() if self._logic is not None else None

    def mrmlSliceCompositeNode(self) -> Any:
        """Return the composite node, or None."""
        return self._logic.GetSliceCompositeNode() if self._logic is not None else None

    def imageDataConnection(self) -> Any:
        """Return the output port of the slice image."""
        return self._logic.GetImageDataConnection()

    def sliceOffsetSlider(self) -> Any:
        """Return the slider."""
        return self._slider

    def fitToWindowToolButton(self) -> QtWidgets.QToolButton:
        """Return the fit button."""
        return self._fit_button

    def fitSliceToBackground(self, *_checked: Any) -> None:
        """Show the whole background volume."""
        self._logic.StartSliceNodeInteraction(slicer.vtkMRMLSliceNode.ResetFieldOfViewFlag)
        self._logic.FitSliceToBackground(True)
        self.mrmlSliceNode().UpdateMatrices()
        self._logic.EndSliceNodeInteraction()

    def setSliceOffsetValue(self, offset: float) -> None:
        """Move the slice (mm along its normal), linked views too."""
        self._logic.StartSliceOffsetInteraction()
        self._logic.SetSliceOffset(offset)
        self._logic.EndSliceOffsetInteraction()

    def trackSliceOffsetValue(self, offset: float) -> None:
        """Move the slice while the slider is dragged."""
        self.setSliceOffsetValue(offset)

    def setSliceOffsetRange(self, minimum: float, maximum: float) -> None:
        """Set the slider's range in mm."""
        self._slider.minimum, self._slider.maximum = minimum, maximum

    def setSliceVisible(self, visible: bool) -> None:
        """Show the slice in 3D views; in all views when they are linked."""
        for node in self._affected_slice_nodes():
            node.SetSliceVisible(int(bool(visible)))

    def setSliceEdgeVisibility3D(self, visible: bool) -> None:
        """Show the frame of the slice in 3D views."""
        self.mrmlSliceNode().SetSliceEdgeVisibility3D(bool(visible))

    def setSliceLink(self, linked: bool) -> None:
        """Link all slice views of this view's group."""
        for composite in self._all_composite_nodes():
            composite.SetLinkedControl(int(bool(linked)))

    def setHotLinked(self, hot: bool) -> None:
        """Link also while the mouse is still down."""
        for composite in self._all_composite_nodes():
            composite.SetHotLinkedControl(int(bool(hot)))

    def _is_linked(self) -> bool:
        """Return whether this view is linked."""
        return bool(self.mrmlSliceCompositeNode().GetLinkedControl())

    def setForegroundOpacity(self, opacity: float) -> None:
        """Set the foreground opacity, 0 to 1."""
        self.mrmlSliceCompositeNode().SetForegroundOpacity(opacity)

    def setLabelMapOpacity(self, opacity: float) -> None:
        """Set the label map opacity, 0 to 1."""
        self.mrmlSliceCompositeNode().SetLabelOpacity(opacity)

    def setForegroundHidden(self, hidden: bool) -> None:
        """Hide or show the foreground."""
        self.setForegroundOpacity(0.0 if hidden else 1.0)

    def setLabelMapHidden(self, hidden: bool) -> None:
        """Hide or show the label map."""
        self.setLabelMapOpacity(0.0 if hidden else 1.0)

    def setCompositing(self, mode: int) -> None:
        """Set how foreground and background are blended (vtkMRMLSliceCompositeNode)."""
        self.mrmlSliceCompositeNode().SetCompositing(mode)

    def rotateSliceToLowestVolumeAxes(self) -> None:
        """Align the slice with the axes of the lowest volume."""
        self._logic.StartSliceNodeInteraction(slicer.vtkMRMLSliceNode.RotateToBackgroundVolumePlaneFlag)
        self._logic.RotateSliceToLowestVolumeAxes()
        self._logic.EndSliceNodeInteraction()

    def setOrientationMarkerType(self, marker: int) -> None:
        """Set the orientation marker (vtkMRMLAbstractViewNode.OrientationMarkerType...)."""
        self.mrmlSliceNode().SetOrientationMarkerType(marker)

    def setRulerType(self, ruler: int) -> None:
        """Set the ruler (vtkMRMLAbstractViewNode.RulerType...)."""
        self.mrmlSliceNode().SetRulerType(ruler)

    def showLabelOutline(self, shown: bool) -> None:
        """Show label maps as outlines."""
        self.mrmlSliceNode().SetUseLabelOutline(int(bool(shown)))

    def setLightbox(self, rows: int, columns: int) -> None:
        """Store the light box grid in the slice node (the host draws a single slice)."""
        self.mrmlSliceNode().SetLayoutGrid(rows, columns)

    def updateSegmentationControlsVisibility(self) -> None:
        """The bar shows no segmentation controls: nothing to update."""

    def _orientation(self) -> str:
        return self.mrmlSliceNode().GetOrientation() if self.mrmlSliceNode() is not None else ""

    def _set_orientation(self, orientation: str) -> None:
        for node in self._affected_slice_nodes():
            node.SetOrientation(orientation)

    def _name(self) -> str:
        return self.mrmlSliceNode().GetLayoutName() or "" if self.mrmlSliceNode() is not None else ""

    def _color(self) -> QtGui.QColor:
        return QtGui.QColor.fromRgbF(*self.mrmlSliceNode().GetLayoutColor())

    def _set_color(self, color: QtGui.QColor) -> None:
        self.mrmlSliceNode().SetLayoutColor(color.redF(), color.greenF(), color.blueF())

    sliceOrientation = QtCore.Property(str, _orientation, _set_orientation)
    sliceViewName = QtCore.Property(str, _name, lambda self, name: self.mrmlSliceNode().SetLayoutName(name))
    sliceViewLabel = QtCore.Property(str, lambda self: self.mrmlSliceNode().GetLayoutLabel() or "",
                                     lambda self, label: self.mrmlSliceNode().SetLayoutLabel(label))
    sliceViewColor = QtCore.Property(QtGui.QColor, _color, _set_color)
    sliceOffsetResolution = QtCore.Property(float, lambda self: self._slider.singleStep,
                                            lambda self, step: setattr(self._slider, "singleStep", step))

    def _update_from_view_node(self) -> None:
        super()._update_from_view_node()
        node = self.mrmlSliceNode()
        if node is None:
            return
        to_ras = node.GetSliceToRAS()
        normal = [to_ras.GetElement(row, 2) for row in range(3)]
        self._slider.prefix = f"{node.GetDirectionLabel(normal, True)}: "
        self._visibility_button.setChecked(bool(node.GetSliceVisible()))

    def _slider_moved(self, offset: float) -> None:
        if not self._updating:
            self.setSliceOffsetValue(offset)

    def _logic_modified(self, *_event: Any) -> None:
        if self._logic.GetSliceNode() is not self._view_node:
            self._set_view_node(self._logic.GetSliceNode())
        self.setEnabled(self._logic.GetSliceNode() is not None)
        self._update_slider()
        composite = self._logic.GetSliceCompositeNode()
        self._link_button.setChecked(bool(composite is not None and composite.GetLinkedControl()))
        self.imageDataConnectionChanged.emit(self._logic.GetImageDataConnection())
        self.renderRequested.emit()

    def _update_slider(self) -> None:
        offsets, resolution = [-1.0, 1.0], vtk.reference(1.0)
        if self._logic.GetSliceNode() is None or not self._logic.GetSliceOffsetRangeResolution(offsets, resolution):
            return
        slider, offset = self._slider, self._logic.GetSliceOffset()
        wanted = (*offsets, float(resolution), offset)
        if wanted == (slider.minimum, slider.maximum, slider.singleStep, slider.value):
            return
        self._updating = True
        blocked = self._slider.blockSignals(True)
        self.setSliceOffsetRange(*offsets)
        self._slider.singleStep = float(resolution)
        self._slider.value = offset
        self._slider.blockSignals(blocked)
        self._updating = False

    def _all_composite_nodes(self) -> list[Any]:
        if self._logics is None:
            return [self.mrmlSliceCompositeNode()]
        return [self._logics.GetItemAsObject(index).GetSliceCompositeNode()
                for index in range(self._logics.GetNumberOfItems())]

    def _affected_slice_nodes(self) -> list[Any]:
        if self._logics is None or not self._is_linked():
            return [self.mrmlSliceNode()]
        nodes = (self._logics.GetItemAsObject(index).GetSliceNode()
                 for index in range(self._logics.GetNumberOfItems()))
        return [node for node in nodes if node.GetViewGroup() == self.mrmlSliceNode().GetViewGroup()]

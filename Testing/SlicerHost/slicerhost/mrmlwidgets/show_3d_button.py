"""The button that shows a segmentation in 3D views."""
from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import slicer
import vtk
from PySide6 import QtGui, QtWidgets

from slicerhost.ctk.sliders import ctkSliderWidget
from slicerhost.pythonqt.declare import parent_of, qt_property
from slicerhost.registry import register
from slicerhost.vtk_observation import VtkObservation

_SURFACE = slicer.vtkSegmentationConverter.GetSegmentationClosedSurfaceRepresentationName()
_LABELMAP = slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName()
_RULE = slicer.vtkBinaryLabelmapToClosedSurfaceConversionRule
_SMOOTHING = _RULE.GetSmoothingFactorParameterName()
_METHOD = _RULE.GetConversionMethodParameterName()
_NETS_SMOOTHING = _RULE.GetSurfaceNetInternalSmoothingParameterName()
_FLYING_EDGES, _SURFACE_NETS = "flying edges", "surface nets"  # CONVERSION_METHOD_..., which VTK's Python lacks
_DEFAULT_SMOOTHING = 0.5


def _checkable_action(menu: QtWidgets.QMenu, text: str, toggled: Callable[[bool], None]) -> QtGui.QAction:
    action = QtGui.QAction(text, menu)
    action.setCheckable(True)
    action.toggled.connect(toggled)
    menu.addAction(action)
    return action


@contextlib.contextmanager
def _silent(*objects: Any) -> Iterator[None]:
    before = [item.blockSignals(True) for item in objects]
    yield
    for item, blocked in zip(objects, before, strict=True):
        item.blockSignals(blocked)


@register
class qMRMLSegmentationShow3DButton(QtWidgets.QPushButton, VtkObservation):
    """Creates and removes the closed surface representation of a segmentation."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self._node: Any = None
        self.setText("Show 3D")
        self.setCheckable(True)
        self.setMenu(self._make_menu())
        self.toggled.connect(self._toggled)
        self.setEnabled(False)

    def _make_menu(self) -> QtWidgets.QMenu:
        menu = QtWidgets.QMenu("Show 3D", self)
        self._smoothing_action = _checkable_action(menu, "Surface smoothing", self._smoothing_toggled)
        factor_menu = menu.addMenu("Smoothing factor")
        factor_menu.setObjectName("surfaceSmoothingFactorMenu")
        self._smoothing_slider = slider = ctkSliderWidget(factor_menu)
        slider.decimals, slider.singleStep, slider.tracking = 2, 0.1, False
        slider.maximum = 1.0
        slider.value = _DEFAULT_SMOOTHING
        slider.valueChanged.connect(self._smoothing_factor_changed)
        factor_action = QtWidgets.QWidgetAction(factor_menu)
        factor_action.setCheckable(True)
        factor_action.setDefaultWidget(slider)
        factor_menu.addAction(factor_action)
        experimental = menu.addMenu("Experimental")
        experimental.setObjectName("show3DExperimentalMenu")
        self._nets_action = _checkable_action(experimental, "Use Surface Nets (fast)", self._surface_nets_toggled)
        self._nets_smoothing_action = _checkable_action(
            experimental, "Use Surface Nets Smoothing (faster)", self._nets_smoothing_toggled)
        return menu

    locked = qt_property(bool, "_locked", False, changed=lambda self, on: self._update())

    def segmentationNode(self) -> Any:
        """Return the segmentation node, or None."""
        return self._node

    def setSegmentationNode(self, node: Any) -> None:
        """Set the segmentation."""
        if node is self._node:
            return
        self._stop_observing()
        self._node = node
        if node is not None:
            segmentation = slicer.vtkSegmentation
            for event in (vtk.vtkCommand.ModifiedEvent, segmentation.SegmentAdded, segmentation.SegmentRemoved,
                          segmentation.ContainedRepresentationNamesModified):
                self._observe(node, event, self._node_modified)
        self._update()

    def _node_modified(self, *_event: Any) -> None:
        self._update()

    def _update(self) -> None:
        segmentation = self._node.GetSegmentation() if self._node is not None else None
        if segmentation is None:
            self.setEnabled(False)
            return
        self.setEnabled(not self.locked and segmentation.GetNumberOfSegments() > 0
                        and segmentation.GetSourceRepresentationName() != _SURFACE)
        factor, method = self._smoothing_factor(), segmentation.GetConversionParameter(_METHOD)
        controls = (self._smoothing_action, self._smoothing_slider, self._nets_action, self._nets_smoothing_action)
        with _silent(self, *controls):
            self.setChecked(bool(segmentation.ContainsRepresentation(_SURFACE)))
            self._smoothing_action.setChecked(factor >= 0)
            self._smoothing_slider.setValue(factor)
            self._smoothing_slider.setEnabled(factor >= 0)
            self._nets_action.setChecked(method == _SURFACE_NETS)
            self._nets_smoothing_action.setChecked(segmentation.GetConversionParameter(_NETS_SMOOTHING) == "1")
            self._nets_smoothing_action.setEnabled(factor >= 0 and method == _SURFACE_NETS)

    def _toggled(self, shown: bool) -> None:
        if self._node is None or self._node.GetSegmentation() is None:
            return
        segmentation, display = self._node.GetSegmentation(), self._node.GetDisplayNode()
        modified = self._node.StartModify()
        if shown and segmentation.CreateRepresentation(_SURFACE) and display is not None:
            display.SetPreferredDisplayRepresentationName3D(_SURFACE)
            if segmentation.ContainsRepresentation(_LABELMAP):
                display.SetPreferredDisplayRepresentationName2D(_LABELMAP)
        elif not shown and segmentation.GetSourceRepresentationName() != _SURFACE:
            segmentation.RemoveRepresentation(_SURFACE)
        self._node.EndModify(modified)

    # The sign of the smoothing factor says whether it is used.

    def _smoothing_factor(self) -> float:
        return float(self._node.GetSegmentation().GetConversionParameter(_SMOOTHING) or 0.0)

    def _smoothing_toggled(self, smooth: bool) -> None:
        factor = abs(self._smoothing_factor()) or _DEFAULT_SMOOTHING
        self._convert_with(_SMOOTHING, factor if smooth else -factor)

    def _smoothing_factor_changed(self, factor: float) -> None:
        if self._node is not None:
            self._convert_with(_SMOOTHING, -factor if self._smoothing_factor() < 0 else factor)

    def _surface_nets_toggled(self, use: bool) -> None:
        self._convert_with(_METHOD, _SURFACE_NETS if use else _FLYING_EDGES)

    def _nets_smoothing_toggled(self, use: bool) -> None:
        self._convert_with(_NETS_SMOOTHING, int(use))

    def _convert_with(self, parameter: str, value: Any) -> None:
        """Set a conversion parameter and compute the surface anew, if there is one."""
        segmentation = self._node.GetSegmentation()
        modified = self._node.StartModify()
        segmentation.SetConversionParameter(parameter, str(value))
        if segmentation.ContainsRepresentation(_SURFACE):
            segmentation.CreateRepresentation(_SURFACE, True)
            self._node.Modified()
        self._node.EndModify(modified)
        self._update()

"""Sliders and spin boxes in the units of a quantity (qMRMLSliderWidget, qMRMLSpinBox, qMRMLRangeWidget)."""
from __future__ import annotations

import math
from typing import Any

import slicer
import vtk

from slicerhost.ctk.ranges import ctkRangeWidget
from slicerhost.ctk.sliders import ctkSliderWidget
from slicerhost.ctk.spin_boxes import ctkDoubleSpinBox
from slicerhost.pythonqt.declare import qt_property
from slicerhost.registry import register
from slicerhost.vtk_observation import VtkObservation

_PREFIX, _SUFFIX, _PRECISION, _MINIMUM, _MAXIMUM, _SCALING = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
_DEFAULT = _PREFIX | _SUFFIX | _PRECISION | _SCALING


class _UnitAware(VtkObservation):
    """Takes prefix, suffix, decimals and limits from the unit node that the scene uses for the quantity."""

    # The names of Slicer's UnitAwareProperty; PythonQt calls its None None_.
    None_, Prefix, Suffix, Precision, MinimumValue, MaximumValue, Scaling, All = (
        0, _PREFIX, _SUFFIX, _PRECISION, _MINIMUM, _MAXIMUM, _SCALING, 0x3f)

    def mrmlScene(self) -> Any:
        """Return the scene, or None."""
        return self.__dict__.get("_scene")

    def setMRMLScene(self, scene: Any) -> None:
        """Set the scene; without one the widget is disabled."""
        if scene is self.mrmlScene():
            return
        self._stop_observing()
        self._scene = scene
        selection = self._selection_node()
        if selection is not None:
            self._observe(selection, slicer.vtkMRMLSelectionNode.UnitModifiedEvent, self._unit_modified)
            self._observe(selection, vtk.vtkCommand.ModifiedEvent, self._unit_modified)
        self._update_from_unit_node()
        self.setEnabled(scene is not None)

    def _update_from_unit_node(self, *_value: Any) -> None:
        """Apply the unit node of the quantity, if the scene has one."""
        selection = self._selection_node()
        unit = selection.GetUnitNode(self.quantity) if selection is not None and self.quantity else None
        if unit is None:
            return
        aware = self.unitAwareProperties
        if aware & _PRECISION and self.decimals != unit.GetPrecision():
            self.decimals = unit.GetPrecision()
        if aware & _PREFIX:
            self.prefix = unit.GetPrefix() or ""
        if aware & _SUFFIX:
            self.suffix = unit.GetSuffix() or ""
        if aware & _MINIMUM:
            self.minimum = unit.GetMinimumValue()
        if aware & _MAXIMUM:
            self.maximum = unit.GetMaximumValue()
        if aware & _PRECISION:
            self._adapt_step(unit)

    def _adapt_step(self, unit: Any) -> None:
        raise NotImplementedError

    def _selection_node(self) -> Any:
        scene = self.mrmlScene()
        return scene.GetNodeByID("vtkMRMLSelectionNodeSingleton") if scene is not None else None

    def _unit_modified(self, *_event: Any) -> None:
        self._update_from_unit_node()


def _unit_properties() -> tuple[Any, Any]:
    return (qt_property(str, "_quantity", "", changed=_UnitAware._update_from_unit_node),
            qt_property(int, "_unit_aware_properties", _DEFAULT))


@register
class qMRMLSliderWidget(ctkSliderWidget, _UnitAware):
    """A slider with a spin box, in the units of a quantity ("length"...)."""

    quantity, unitAwareProperties = _unit_properties()

    def _adapt_step(self, unit: Any) -> None:
        extent = self.maximum - self.minimum
        if extent > 0:
            self.singleStep = 10.0 ** round(math.log10(extent)) / 100


@register
class qMRMLSpinBox(ctkDoubleSpinBox, _UnitAware):
    """A spin box in the units of a quantity."""

    quantity, unitAwareProperties = _unit_properties()

    def _adapt_step(self, unit: Any) -> None:
        self.singleStep = 10.0 ** -unit.GetPrecision()


@register
class qMRMLRangeWidget(ctkRangeWidget, _UnitAware):
    """Two values in the units of a quantity."""

    quantity, unitAwareProperties = _unit_properties()

    def _adapt_step(self, unit: Any) -> None:
        self.singleStep = 10.0 ** -unit.GetPrecision()

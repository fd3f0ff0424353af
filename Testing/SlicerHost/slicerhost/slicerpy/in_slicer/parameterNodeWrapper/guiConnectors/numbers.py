"""Sliders and spin boxes for numbers."""
from __future__ import annotations

from typing import Any

import ctk
import qt
import slicer

from ..validators import Maximum, Minimum, WithinRange
from .base import Decimals, SignalConnector, SingleStep, parameterNodeGuiConnector

__all__ = ["QDoubleSpinBoxCtkSliderWidgetToFloatIntConnector", "QSliderOrSpinBoxToIntConnector"]

LOWEST_INT = -(2**31)
HIGHEST_INT = 2**31 - 1


class _NumberConnector(SignalConnector):
    """What the connectors for numbers have in common: step and limits from the annotations."""

    signalName = "valueChanged"
    propertyName = "value"

    def _applySingleStep(self) -> None:
        step = self.annotation(SingleStep)
        if step is not None:
            self._widget.singleStep = step.value

    def _limits(self, lowest: float, highest: float) -> tuple[float, float, bool]:
        """(minimum, maximum, whether both are given by annotations)."""
        within = self.annotation(WithinRange)
        if within is not None:
            return within.minimum, within.maximum, True
        minimum, maximum = self.annotation(Minimum), self.annotation(Maximum)
        return (lowest if minimum is None else minimum.minimum,
                highest if maximum is None else maximum.maximum,
                minimum is not None and maximum is not None)

    def _requireBounds(self, bounded: bool) -> None:
        if not bounded:
            raise RuntimeError(f"A {type(self._widget).__name__} needs a bounded number: annotate the type with"
                               " WithinRange, or with Minimum and Maximum")


@parameterNodeGuiConnector
class QSliderOrSpinBoxToIntConnector(_NumberConnector):
    dataTypes = (int,)

    @staticmethod
    def widgetTypes() -> tuple[type, ...]:
        return qt.QSlider, qt.QSpinBox

    def __init__(self, widget: Any, datatype: Any) -> None:
        super().__init__(widget, datatype)
        self._applySingleStep()
        minimum, maximum, bounded = self._limits(LOWEST_INT, HIGHEST_INT)
        if isinstance(widget, qt.QSlider):
            self._requireBounds(bounded)
        widget.setRange(minimum, maximum)


@parameterNodeGuiConnector
class QDoubleSpinBoxCtkSliderWidgetToFloatIntConnector(_NumberConnector):
    dataTypes = (float, int)

    @staticmethod
    def widgetTypes() -> tuple[type, ...]:
        return (qt.QDoubleSpinBox, ctk.ctkSliderWidget, slicer.qMRMLSliderWidget, ctk.ctkDoubleSlider,
                ctk.ctkDoubleSpinBox, slicer.qMRMLSpinBox)

    def __init__(self, widget: Any, datatype: Any) -> None:
        super().__init__(widget, datatype)
        self._isInteger = self._type is int
        self._applyDecimals()
        self._applySingleStep()
        minimum, maximum, bounded = self._limits(float("-inf"), float("inf"))
        if type(widget) in (ctk.ctkSliderWidget, slicer.qMRMLSliderWidget):
            self._requireBounds(bounded)
        widget.minimum = minimum
        widget.maximum = maximum

    def _applyDecimals(self) -> None:
        if isinstance(self._widget, ctk.ctkDoubleSlider):
            return  # a bare slider shows no number
        decimals = Decimals(0) if self._isInteger else self.annotation(Decimals)
        if decimals is not None:
            self._widget.decimals = decimals.value

    def read(self) -> float | int:
        return int(self._widget.value) if self._isInteger else self._widget.value

    def write(self, value: float | int) -> None:
        self._widget.value = int(value) if self._isInteger else value

"""Range widgets for intervals."""
from __future__ import annotations

from typing import Any

import ctk
import slicer

from ..default import Default
from ..types import FloatRange
from ..validators import RangeBounds
from .base import Decimals, SignalConnector, SingleStep, parameterNodeGuiConnector

__all__ = ["ctkRangeWidgetToRangeConnector"]


@parameterNodeGuiConnector
class ctkRangeWidgetToRangeConnector(SignalConnector):
    """The type must be annotated with RangeBounds and with a Default."""

    signalName = "valuesChanged"
    dataTypes = (FloatRange,)

    @staticmethod
    def widgetTypes() -> tuple[type, ...]:
        return ctk.ctkRangeWidget, ctk.ctkDoubleRangeSlider, slicer.qMRMLRangeWidget

    def __init__(self, widget: Any, datatype: Any) -> None:
        super().__init__(widget, datatype)
        decimals, step, bounds = (self.annotation(kind) for kind in (Decimals, SingleStep, RangeBounds))
        if decimals is not None and not isinstance(widget, ctk.ctkDoubleRangeSlider):
            widget.decimals = decimals.value
        if step is not None:
            widget.singleStep = step.value
        if bounds is None:
            raise RuntimeError(f"A range widget needs the limits of {datatype}: annotate the type with RangeBounds")
        if self.annotation(Default) is None:
            # Slicer stumbles over such a type with the same kind of exception.
            raise AttributeError(f"The type {datatype} of a range widget must be annotated with a Default;"
                                 " a default given with '=' does not do")
        widget.setRange(bounds.minimum, bounds.maximum)

    def read(self) -> FloatRange:
        return FloatRange(self._widget.minimumValue, self._widget.maximumValue)

    def write(self, value: FloatRange) -> None:
        self._widget.setValues(value.minimum, value.maximum)

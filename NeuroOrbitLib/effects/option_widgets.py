"""Widgets that the option panels of all effects share."""

from __future__ import annotations

from collections.abc import Callable

import ctk
import qt


def quietly(widget: qt.QWidget, setter: Callable[[object], None], value: object) -> None:
    """Call ``setter`` with a value without emitting the widget's signals, since the value comes from the parameters."""
    blocked = widget.blockSignals(True)
    setter(value)
    widget.blockSignals(blocked)


def within(value: float, low: float, high: float) -> float:
    """Return a parameter clipped to its limits, since a scene file may hold any value; the lower limit for NaN."""
    return min(max(low, value), high)


def push_button(text: str, clicked: Callable[[], None]) -> qt.QPushButton:
    """Return a button that calls ``clicked()`` when it is clicked."""
    button = qt.QPushButton(text)
    button.connect("clicked()", clicked)
    return button


def radio_button(text: str, tip: str) -> qt.QRadioButton:
    """Return a radio button with a tool tip."""
    button = qt.QRadioButton(text)
    button.toolTip = tip
    return button


def slider(low: float, high: float, tip: str, decimals: int = 1, step: float = 0.1,
           suffix: str = "") -> ctk.ctkSliderWidget:
    """Return a slider with a number field beside it."""
    widget = ctk.ctkSliderWidget()
    widget.decimals, widget.singleStep = decimals, step
    widget.minimum, widget.maximum = low, high
    widget.suffix, widget.toolTip = suffix, tip
    return widget

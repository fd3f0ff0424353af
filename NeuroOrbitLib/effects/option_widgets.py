"""Parts of the options of effects that they all use."""

from __future__ import annotations

from collections.abc import Callable

import ctk
import qt


def quietly(widget: qt.QWidget, setter: Callable[[object], None], value: object) -> None:
    """Set a value of a widget that nobody is told of: it comes from the parameters."""
    blocked = widget.blockSignals(True)
    setter(value)
    widget.blockSignals(blocked)


def within(value: float, low: float, high: float) -> float:
    """Return a parameter, of which a scene file may have made anything, inside its limits; the lower one for NaN."""
    return min(max(low, value), high)


def push_button(text: str, clicked: Callable[[], None]) -> qt.QPushButton:
    """A button and what it does."""
    button = qt.QPushButton(text)
    button.connect("clicked()", clicked)
    return button


def radio_button(text: str, tip: str) -> qt.QRadioButton:
    """One of several choices."""
    button = qt.QRadioButton(text)
    button.toolTip = tip
    return button


def slider(low: float, high: float, tip: str, decimals: int = 1, step: float = 0.1,
           suffix: str = "") -> ctk.ctkSliderWidget:
    """A slider with a number beside it."""
    widget = ctk.ctkSliderWidget()
    widget.decimals, widget.singleStep = decimals, step
    widget.minimum, widget.maximum = low, high
    widget.suffix, widget.toolTip = suffix, tip
    return widget

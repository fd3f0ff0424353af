"""Buttons of panels."""

from __future__ import annotations

from collections.abc import Callable

import qt


def push_button(name: str, text: str, tool_tip: str = "", pressed: Callable[[], None] | None = None) -> qt.QPushButton:
    """Return a button.

    :param name: of the widget. :param pressed: called when the user presses it.
    """
    button = qt.QPushButton(text)
    button.objectName = name
    button.toolTip = tool_tip
    if pressed is not None:
        button.connect("clicked()", pressed)
    return button

"""Labels, buttons and check boxes of panels."""

from __future__ import annotations

from collections.abc import Callable

import qt


def wrapping_label(name: str) -> qt.QLabel:
    """A label that wraps its text and never makes a panel wider; the text can be copied."""
    label = qt.QLabel()
    label.objectName = name
    label.wordWrap = True
    label.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Preferred)
    label.textInteractionFlags = qt.Qt.TextSelectableByMouse
    return label


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


def check_box(name: str, text: str, tool_tip: str, toggled: Callable[[bool], None]) -> qt.QCheckBox:
    """Return a check box.

    :param name: of the widget. :param toggled: called with whether it is checked, when that changes.
    """
    box = qt.QCheckBox(text)
    box.objectName = name
    box.toolTip = tool_tip
    box.connect("toggled(bool)", toggled)
    return box

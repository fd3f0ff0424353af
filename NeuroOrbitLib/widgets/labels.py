"""Labels, buttons and check boxes of panels."""

from __future__ import annotations

from collections.abc import Callable

import qt


def wrapping_label(name: str, is_rich: bool = False) -> qt.QLabel:
    """Return a label that wraps its text and never makes a panel wider; the user can copy the text.

    :param name: object name of the widget.
    :param is_rich: whether its texts are HTML. Otherwise they are shown as they are, as names of volumes and series may
        hold anything.
    """
    label = qt.QLabel()
    label.objectName = name
    label.textFormat = qt.Qt.RichText if is_rich else qt.Qt.PlainText
    label.wordWrap = True
    label.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Preferred)
    label.textInteractionFlags = qt.Qt.TextSelectableByMouse
    return label


def push_button(name: str, text: str, tool_tip: str = "", pressed: Callable[[], None] | None = None) -> qt.QPushButton:
    """Return a button.

    :param name: object name of the widget.
    :param text: text of the button, translated.
    :param tool_tip: tool tip of the button, translated.
    :param pressed: function called when the user presses the button.
    """
    button = qt.QPushButton(text)
    button.objectName = name
    button.toolTip = tool_tip
    if pressed is not None:
        button.connect("clicked()", pressed)
    return button


def check_box(name: str, text: str, tool_tip: str, toggled: Callable[[bool], None]) -> qt.QCheckBox:
    """Return a check box.

    :param name: object name of the widget.
    :param text: text of the box, translated.
    :param tool_tip: tool tip of the box, translated.
    :param toggled: function called with the new state (whether it is checked) when that changes.
    """
    box = qt.QCheckBox(text)
    box.objectName = name
    box.toolTip = tool_tip
    box.connect("toggled(bool)", toggled)
    return box

"""Labels of panels."""

from __future__ import annotations

import qt


def wrapping_label(name: str) -> qt.QLabel:
    """A label that wraps its text and never makes a panel wider; the text can be copied."""
    label = qt.QLabel()
    label.objectName = name
    label.wordWrap = True
    label.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Preferred)
    label.textInteractionFlags = qt.Qt.TextSelectableByMouse
    return label

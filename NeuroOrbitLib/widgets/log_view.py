"""The log of a run, collapsed until the user wants to read or copy it."""

from __future__ import annotations

import qt
from slicer.i18n import tr as _


class LogView(qt.QWidget):
    """A read-only text that unfolds at a click, with a button that copies it."""

    def __init__(self, parent: qt.QWidget | None = None) -> None:
        qt.QWidget.__init__(self, parent)
        self.objectName = "logView"
        self.text_edit = self._make_text_edit()
        self.show_button = self._make_button("showLogButton", _("Show log"), _("Show what the program did."))
        self.show_button.checkable = True
        self.show_button.connect("toggled(bool)", self._unfold)
        self.copy_button = self._make_button("copyLogButton", _("Copy log"), _("Copy the log to the clipboard."))
        self.copy_button.connect("clicked(bool)", self._copy)
        self._lay_out()
        self._unfold(False)
        self.clear()

    def append(self, text: str) -> None:
        """Add lines at the end; an empty text adds none."""
        if text.strip():
            self.text_edit.appendPlainText(text.rstrip())
            self.visible = True

    def clear(self) -> None:
        """Remove all lines and hide the view."""
        self.text_edit.clear()
        self.visible = False

    def content(self) -> str:
        """Return all lines as one text."""
        return self.text_edit.toPlainText()

    def _make_text_edit(self) -> qt.QPlainTextEdit:
        text_edit = qt.QPlainTextEdit()
        text_edit.objectName = "logTextEdit"
        text_edit.readOnly = True
        text_edit.maximumBlockCount = 5000
        text_edit.minimumHeight = 120
        return text_edit

    def _make_button(self, name: str, text: str, tool_tip: str) -> qt.QPushButton:
        button = qt.QPushButton(text)
        button.objectName = name
        button.flat = True
        button.toolTip = tool_tip
        return button

    def _lay_out(self) -> None:
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        row = qt.QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.show_button)
        row.addWidget(self.copy_button)
        layout.addLayout(row)
        layout.addWidget(self.text_edit)

    def _unfold(self, shown: bool) -> None:
        self.text_edit.visible = shown
        self.copy_button.visible = shown

    def _copy(self, _checked: bool = False) -> None:
        qt.QApplication.clipboard().setText(self.content())

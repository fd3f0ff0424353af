"""The institution's header of reports: a settings file that the application remembers."""

from __future__ import annotations

import qt
import slicer
from slicer.i18n import tr as _

_SETTING = "NeuroOrbit/ReportHeader"


def header_settings() -> str | None:
    """Return the settings file with the institution's name, address and logo; ``None`` if the user has chosen none."""
    return str(slicer.app.userSettings().value(_SETTING) or "") or None


class ReportHeaderChoice(qt.QWidget):
    """A text field for the settings file, with a button to choose it; an empty field means no header."""

    def __init__(self) -> None:
        qt.QWidget.__init__(self)
        self.objectName = "reportHeaderChoice"
        self.line = qt.QLineEdit()
        self.line.objectName = "reportHeaderLineEdit"
        self.line.placeholderText = _("no header")
        self.line.text = header_settings() or ""
        self.line.toolTip = self.toolTip = _(
            "What stands at the top of reports: a JSON file with the entries institution, address and logo (a picture "
            "beside it), all optional. The setting is kept for all scenes.")
        self.button = qt.QToolButton()
        self.button.objectName = "reportHeaderButton"
        self.button.text = "…"
        self.button.toolTip = _("Choose the file.")
        layout = qt.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line, 1)
        layout.addWidget(self.button)
        self.line.connect("textChanged(QString)", self._on_changed)
        self.button.connect("clicked(bool)", self._on_clicked)

    def _on_changed(self, text: str) -> None:
        slicer.app.userSettings().setValue(_SETTING, text.strip())

    def _on_clicked(self, _checked: bool = False) -> None:
        path = qt.QFileDialog.getOpenFileName(self, _("Header of reports"), "", _("Settings (*.json)"))
        if path:
            self.line.text = path

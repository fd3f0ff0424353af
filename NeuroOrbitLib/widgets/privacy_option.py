"""The user's choice whether records may contain the names of scans."""

from __future__ import annotations

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml.provenance import KEEP_NAMES_SETTING, keeps_names


class KeepNamesBox(qt.QCheckBox):
    """A check box for the application's setting; off unless the user has turned it on."""

    def __init__(self, parent: qt.QWidget | None = None) -> None:
        qt.QCheckBox.__init__(self, parent)
        self.objectName = "keepNamesCheckBox"
        self.text = _("Names of scans in records")
        self.toolTip = _(
            "Write the names of scans and transforms into the records of results and into reports. They often are "
            "names of files and hold a patient's name, and are left out otherwise. The setting is kept for all scenes.")
        self.checked = keeps_names()
        self.connect("toggled(bool)", self._on_toggled)

    def _on_toggled(self, checked: bool) -> None:
        slicer.app.userSettings().setValue(KEEP_NAMES_SETTING, checked)

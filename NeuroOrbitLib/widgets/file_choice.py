"""Choice of files: by a button beside a text field, and of the file of a report."""

from __future__ import annotations

from pathlib import Path

import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.imaging.file_names import safe_file_name


def choose_file(button: qt.QToolButton, line: qt.QLineEdit, title: str, kinds: str) -> None:
    """Connect a button to a dialogue for choosing a file, whose path is written into a text field.

    :param title: title of the dialogue, translated.
    :param kinds: filter of the file types, e.g. "Recalibration (*.json)".
    """

    def on_clicked(_checked: bool = False) -> None:
        path = qt.QFileDialog.getOpenFileName(button, title, "", kinds)
        if path:
            line.text = path

    button.connect("clicked(bool)", on_clicked)


def choose_report(parent: qt.QWidget, scan: str, kind: str) -> Path | None:
    """Ask for the file of a report and return it; ``None`` if the user has cancelled.

    A name without the ending of a web page or PDF gets that of a web page.

    :param parent: widget that asks.
    :param scan: name of the scan for the suggested file name, e.g. "5: T2/FS"; "" to leave it out.
    :param kind: rest of the suggested name, e.g. "activity.html".
    """
    suggested = "-".join(filter(None, [safe_file_name(scan) if scan else "", kind]))
    name = qt.QFileDialog.getSaveFileName(parent, _("Report"), suggested, _("Web page (*.html);;PDF (*.pdf)"))
    if not name:
        return None
    path = Path(name)
    return path if path.suffix.lower() in (".html", ".pdf") else path.with_name(f"{path.name}.html")

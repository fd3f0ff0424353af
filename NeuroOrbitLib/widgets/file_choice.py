"""A button beside a line that lets the user choose the file which the line names."""

from __future__ import annotations

import qt


def choose_file(button: qt.QToolButton, line: qt.QLineEdit, title: str, kinds: str) -> None:
    """Let a button choose the file of a line.

    :param title: of the dialogue. :param kinds: of files, e.g. "Recalibration (*.json)".
    """

    def on_clicked(_checked: bool = False) -> None:
        path = qt.QFileDialog.getOpenFileName(button, title, "", kinds)
        if path:
            line.text = path

    button.connect("clicked(bool)", on_clicked)

"""A button beside a text field that lets the user choose the file named there."""

from __future__ import annotations

import qt


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

"""Keyboard shortcuts of the annotation page for its most frequent actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import qt
import slicer

#: Keys that neither the views nor the Segment Editor use.
NEXT_STRUCTURE, DONE, NEXT_CASE, IN_3D = "Ctrl+Shift+N", "Ctrl+Shift+D", "Ctrl+Shift+C", "Ctrl+Shift+3"


class Shortcuts:
    """Installs shortcuts in the main window while the page is shown.

    :param actions: function to call for each key sequence.
    """

    def __init__(self, actions: Mapping[str, Callable[[], object]]) -> None:
        self._actions = actions
        self._installed: list[qt.QShortcut] = []

    def install(self) -> None:
        """Install the shortcuts; without effect if they are installed or there is no main window."""
        window = slicer.util.mainWindow()
        if window is None or self._installed:
            return
        for keys, action in self._actions.items():
            shortcut = qt.QShortcut(qt.QKeySequence(keys), window)
            shortcut.connect("activated()", action)
            self._installed.append(shortcut)

    def remove(self) -> None:
        """Remove the shortcuts."""
        for shortcut in self._installed:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        self._installed = []

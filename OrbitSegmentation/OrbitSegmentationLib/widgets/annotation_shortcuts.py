"""Keys of the annotation page, for what an annotator does a hundred times a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import qt
import slicer

#: Keys that neither the views nor the Segment Editor use.
NEXT_STRUCTURE, DONE, NEXT_CASE, IN_3D = "Ctrl+Shift+N", "Ctrl+Shift+D", "Ctrl+Shift+C", "Ctrl+Shift+3"


class Shortcuts:
    """Installs keys in the main window while the page is shown.

    :param actions: what each key does.
    """

    def __init__(self, actions: Mapping[str, Callable[[], object]]) -> None:
        self._actions = actions
        self._installed: list[qt.QShortcut] = []

    def install(self) -> None:
        """Listen to the keys."""
        window = slicer.util.mainWindow()
        if window is None or self._installed:
            return
        for keys, action in self._actions.items():
            shortcut = qt.QShortcut(qt.QKeySequence(keys), window)
            shortcut.connect("activated()", action)
            self._installed.append(shortcut)

    def remove(self) -> None:
        """Leave the keys to others."""
        for shortcut in self._installed:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        self._installed = []

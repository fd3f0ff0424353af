"""Answers to modal dialogs, so that no run can hang on one.

A timer looks for the active modal widget, which also finds dialogs that C++ opens. A queued answer is used for the
next dialog; without one the dialog is rejected and remembered as a problem.
"""
from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6 import QtCore, QtWidgets

from slicerhost import errors
from slicerhost.pythonqt.objects import fire_early

_INTERVAL_MS = 20
Answer = str | Callable[[QtWidgets.QWidget], Any]


class DialogWatcher(QtCore.QObject):
    """Watches for modal dialogs of the whole application.

    seen: texts of all dialogs since the last `forget()`.
    """

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self.seen: list[str] = []
        self._answers: deque[Answer] = deque()
        self._handled: set[int] = set()
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(lambda: self._look())
        self._timer.start()

    def answer(self, *answers: Answer) -> None:
        """Queue answers for the next dialogs: the text of a button, or a function that is given the dialog."""
        self._answers.extend(answers)

    def pending(self) -> int:
        """Return the number of answers that no dialog has used yet."""
        return len(self._answers)

    def forget(self) -> None:
        """Drop the remembered texts and unused answers."""
        self.seen.clear()
        self._answers.clear()

    def _look(self) -> None:
        dialog = QtWidgets.QApplication.activeModalWidget()
        if dialog is None or id(dialog) in self._handled or isinstance(dialog, QtWidgets.QProgressDialog):
            return
        key = id(dialog)
        self._handled.add(key)
        dialog.destroyed.connect(lambda: self._handled.discard(key))
        text = dialog_text(dialog)
        self.seen.append(text)
        closes_itself = not dialog.findChildren(QtWidgets.QAbstractButton) and fire_early(dialog)
        if not closes_itself and not (self._answers and self._use(self._answers.popleft(), dialog)):
            errors.report("dialog", f"unexpected dialog: {text}")
            _reject(dialog)
        if dialog.isVisible():  # a function may have left it open for a later answer
            QtCore.QTimer.singleShot(_INTERVAL_MS, lambda: self._handled.discard(key))
        else:
            self._handled.discard(key)

    def _use(self, answer: Answer, dialog: QtWidgets.QWidget) -> bool:
        if callable(answer):
            answer(dialog)
            return True
        button = next((button for button in dialog.findChildren(QtWidgets.QAbstractButton)
                       if button.text.replace("&", "") == answer), None)
        if button is not None:
            button.click()
        return button is not None


def dialog_text(dialog: QtWidgets.QWidget) -> str:
    """Return title and text of a dialog in one line."""
    labels = [dialog.text] if isinstance(dialog, QtWidgets.QMessageBox) else [
        label.text for label in dialog.findChildren(QtWidgets.QLabel)[:3]]
    return " | ".join(part for part in (dialog.windowTitle, *labels) if part)


def _reject(dialog: QtWidgets.QWidget) -> None:
    if isinstance(dialog, QtWidgets.QDialog):
        dialog.reject()
    else:
        dialog.close()

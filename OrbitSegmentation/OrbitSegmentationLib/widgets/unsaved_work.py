"""Questions that protect work before unsaved labels are left and before the work of others is replaced."""

from __future__ import annotations

import enum
from collections.abc import Callable

import qt
import slicer
from slicer.i18n import tr as _


class Answer(enum.Enum):
    """The user's decision about unsaved work."""

    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


def ask_about_unsaved(case: str, can_cancel: bool = True, reason: str = "") -> Answer:
    """Ask what to do with the unsaved labels of a case.

    :param case: name of the case.
    :param can_cancel: whether the annotator may also keep the case open.
    :param reason: reason why the labels could not be saved, if that was tried.
    """
    box = qt.QMessageBox
    buttons = box.Save | box.Discard | (box.Cancel if can_cancel else box.NoButton)
    clicked = slicer.util.messageBox(
        _("The annotation of {case} has changes that are not saved. {reason}").format(case=case, reason=reason).strip(),
        windowTitle=_("Save the annotation?"), icon=box.Question, standardButtons=buttons)
    if clicked == box.Save:
        return Answer.SAVE
    return Answer.CANCEL if can_cancel and clicked == box.Cancel else Answer.DISCARD


def ask_to_overrule(text: str) -> bool:
    """Ask whether to continue although another annotator works on the same case."""
    question = _("{text}\n\nGo on anyway?").format(text=text)
    return slicer.util.confirmYesNoDisplay(question, windowTitle=_("Somebody else's work"))


class CloseGuard(qt.QObject):
    """Asks before the application closes.

    :param may_close: function that asks about unsaved work; false keeps the application open.
    """

    def __init__(self, may_close: Callable[[], bool]) -> None:
        qt.QObject.__init__(self)
        self._may_close = may_close
        self._window = slicer.util.mainWindow()
        if self._window is not None:
            self._window.installEventFilter(self)

    def remove(self) -> None:
        """Stop asking."""
        if self._window is not None:
            self._window.removeEventFilter(self)
        self._window = None

    def eventFilter(self, watched: qt.QObject, event: qt.QEvent) -> bool:
        """Stop the main window from closing if the annotator wants to stay."""
        if event.type() == qt.QEvent.Close and not self._may_close():
            event.ignore()
            return True
        return False

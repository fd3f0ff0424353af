"""What becomes of unsaved work when the case, the scene, the page or the application is left."""

from __future__ import annotations

from collections.abc import Callable

from OrbitSegmentationLib.mrml.open_case import OpenCase
from OrbitSegmentationLib.widgets.unsaved_work import Answer, CloseGuard, ask_about_unsaved


class LeavingCase:
    """Asks about unsaved work, and keeps the case open until it is saved or discarded.

    The case stays "not saved" when its work is given up, until it is really gone: something else may keep it open.

    :param opened: gives the open case.
    :param save: saves it; false if that did not work or was declined.
    :param reason: says why it was not saved, in a sentence.
    """

    def __init__(self, opened: Callable[[], OpenCase | None], save: Callable[[], bool],
                 reason: Callable[[], str]) -> None:
        self._opened, self._save, self._reason = opened, save, reason
        self._may_be_lost = False
        self.guard = CloseGuard(self.may_close_application)

    def work_went_on(self) -> None:
        """Something was drawn: an answer given before does not count for it."""
        self._may_be_lost = False

    def settle(self) -> bool:
        """Ask about unsaved work, and save it if the annotator wants; false to stay where one is."""
        if not self._is_unsaved():
            return True
        answer = ask_about_unsaved(self._opened().case.name)
        return self._save() if answer is Answer.SAVE else answer is Answer.DISCARD

    def settle_before_scene_closes(self) -> None:
        """Ask until the work is saved or given up, for the closing can no longer be called off.

        Where no question can be shown (Slicer's tests), the work is given up.
        """
        reason = ""
        while self._is_unsaved():
            answer = ask_about_unsaved(self._opened().case.name, can_cancel=False, reason=reason)
            if answer is Answer.DISCARD or self._save():
                return
            reason = self._reason()

    def settle_before_page_closes(self) -> None:
        """The same, and the last time: unless the annotator has answered when the application was about to close."""
        if not self._may_be_lost:
            self.settle_before_scene_closes()
        self.guard.remove()

    def may_close_application(self) -> bool:
        """Ask about unsaved work before the application closes; false keeps it open."""
        settled = self.settle()
        # It stays unsaved, for the application may ask more and be kept open; only the page's end asks no second time.
        self._may_be_lost = settled and self._is_unsaved()
        return settled

    def _is_unsaved(self) -> bool:
        opened = self._opened()
        return opened is not None and opened.unsaved

"""Handling of unsaved work when the case, the scene, the page or the application is left."""

from __future__ import annotations

from collections.abc import Callable

from OrbitSegmentationLib.mrml.open_case import OpenCase
from OrbitSegmentationLib.widgets.unsaved_work import Answer, CloseGuard, ask_about_unsaved


class LeavingCase:
    """Asks about unsaved work, and keeps the case open until it is saved or discarded.

    A case whose work is discarded remains "not saved" until it is closed, as something else may keep it open.

    :param opened: function that returns the open case.
    :param save: function that saves it; false if this failed or was declined.
    :param reason: function that returns a sentence with the reason why it was not saved.
    """

    def __init__(self, opened: Callable[[], OpenCase | None], save: Callable[[], bool],
                 reason: Callable[[], str]) -> None:
        self._opened, self._save, self._reason = opened, save, reason
        self._may_be_lost = False
        self.guard = CloseGuard(self.may_close_application)

    def work_went_on(self) -> None:
        """Withdraw an earlier permission to discard, as new work has been done since."""
        self._may_be_lost = False

    def settle(self) -> bool:
        """Ask about unsaved work, and save it if the annotator wants; return false to keep the case open."""
        if not self._is_unsaved():
            return True
        answer = ask_about_unsaved(self._opened().case.name)
        return self._save() if answer is Answer.SAVE else answer is Answer.DISCARD

    def settle_before_scene_closes(self) -> None:
        """Ask until the work is saved or discarded, as closing the scene cannot be cancelled.

        If no question can be shown (in Slicer's tests), the work is discarded.
        """
        reason = ""
        while self._is_unsaved():
            answer = ask_about_unsaved(self._opened().case.name, can_cancel=False, reason=reason)
            if answer is Answer.DISCARD or self._save():
                return
            reason = self._reason()

    def settle_before_page_closes(self) -> None:
        """Ask as before the scene is closed, unless the annotator has already answered as the application closed."""
        if not self._may_be_lost:
            self.settle_before_scene_closes()
        self.guard.remove()

    def may_close_application(self) -> bool:
        """Ask about unsaved work before the application closes; return false to keep it open."""
        settled = self.settle()
        # The case stays unsaved, as the application may ask more and stay open; only the closing page does not ask
        # again.
        self._may_be_lost = settled and self._is_unsaved()
        return settled

    def _is_unsaved(self) -> bool:
        opened = self._opened()
        return opened is not None and opened.unsaved

"""A banner that tells the user what happened and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import qt

from NeuroOrbitLib.mrml.translation import translated

#: Colour of the bar on the left by level (visible on light and dark themes); the text keeps the theme's colour.
BAR_COLORS = MappingProxyType({"info": "#2f7fd6", "warning": "#d98a00", "error": "#d03a2b"})
_SEVERITY = ("info", "warning", "error")


class NoticeBanner(qt.QLabel):
    """Shows notices of the last run or check in the colour of the most severe one; hidden if there are none.

    A notice is a mapping with ``level`` (``info``, ``warning`` or ``error``) and ``text`` (plain text, or a
    translatable sentence, which is translated).
    """

    def __init__(self, parent: qt.QWidget | None = None) -> None:
        qt.QLabel.__init__(self, parent)
        self.objectName = "noticeBanner"
        self.wordWrap = True
        self.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Preferred)  # wraps, never widens
        self.textFormat = qt.Qt.PlainText
        self.textInteractionFlags = qt.Qt.TextSelectableByMouse
        self.notices: tuple[Mapping[str, str], ...] = ()
        self.visible = False

    def show_notices(self, notices: Iterable[Mapping[str, str]]) -> None:
        """Replace the notices that are shown; the most severe come first."""
        self.notices = tuple(sorted(notices, key=_severity, reverse=True))
        self.text = "\n".join(translated(notice["text"]) for notice in self.notices)
        self.visible = bool(self.notices)
        if self.notices:
            color = BAR_COLORS[self.notices[0]["level"]]
            self.styleSheet = f"QLabel {{ border: 0px; border-left: 4px solid {color}; padding: 4px 4px 4px 8px; }}"

    def show_notice(self, level: str, text: str) -> None:
        """Replace the notices that are shown by a single one."""
        self.show_notices([{"level": level, "text": text}])

    def clear_notices(self) -> None:
        """Hide the banner."""
        self.show_notices([])


def _severity(notice: Mapping[str, str]) -> int:
    return _SEVERITY.index(notice["level"])

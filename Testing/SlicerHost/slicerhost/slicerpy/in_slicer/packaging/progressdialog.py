"""The dialog that shows the output of pip."""
from __future__ import annotations

from typing import ClassVar

import ctk
import qt
import slicer
from slicer.i18n import tr as _

SIZE = (500, 120)
HIDE_DELAY_MSEC = 500


class _PipProgressDialog:
    """A modal dialog without a way to close it.

    One dialog serves the whole session: installations that follow each other quickly reuse it while it is on the
    screen, so that it does not flicker and its log goes on.
    """

    _shared: ClassVar[_PipProgressDialog | None] = None

    def __init__(self, requester: str | None = None) -> None:
        self._lines: list[str] = []
        # The main window lives as long as the shared dialog.
        self._dialog = qt.QDialog(slicer.util.mainWindow())
        self._dialog.setModal(True)
        self._dialog.setWindowFlags(self._dialog.windowFlags() & ~qt.Qt.WindowCloseButtonHint)
        self._ignoreEscape = qt.QShortcut(qt.QKeySequence(qt.Qt.Key_Escape), self._dialog)
        self._ignoreEscape.setContext(qt.Qt.WidgetWithChildrenShortcut)
        self._hideTimer = qt.QTimer()
        self._hideTimer.setSingleShot(True)
        self._hideTimer.connect("timeout()", self.hideNow)
        self._fill()
        self._setRequester(requester)
        self._dialog.resize(*SIZE)

    def _fill(self) -> None:
        layout = qt.QVBoxLayout(self._dialog)
        self.statusLabel = qt.QLabel(_("Installing packages..."))
        self.progressBar = qt.QProgressBar()
        self.progressBar.setRange(0, 0)  # of unknown length
        self.detailsButton = ctk.ctkCollapsibleButton()
        self.detailsButton.text = _("Details")
        self.detailsButton.collapsed = True
        self.detailsButton.connect("contentsCollapsed(bool)", self._onDetailsCollapsed)
        self.logText = qt.QPlainTextEdit()
        self.logText.setReadOnly(True)
        self.logText.setMinimumHeight(150)
        self.logText.setMaximumHeight(300)
        font = qt.QFont("Monospace")
        font.setStyleHint(qt.QFont.TypeWriter)
        self.logText.setFont(font)
        qt.QVBoxLayout(self.detailsButton).addWidget(self.logText)
        for widget in (self.statusLabel, self.progressBar, self.detailsButton):
            layout.addWidget(widget)

    @classmethod
    def acquire(cls, requester: str | None = None) -> _PipProgressDialog:
        """Return the dialog, on the screen and ready for an installation."""
        if cls._shared is None:
            cls._shared = cls()
        cls._shared._begin(requester)
        return cls._shared

    def _setRequester(self, requester: str | None) -> None:
        title = _("Installing Python Packages")
        self._dialog.setWindowTitle(f"{requester} - {title}" if requester else title)

    def _begin(self, requester: str | None) -> None:
        self._hideTimer.stop()
        self._setRequester(requester)
        if not self._dialog.isVisible():
            self._clear()
            self._dialog.show()
        elif self._lines:
            self.appendLog("-" * 40)
        slicer.app.processEvents()

    def release(self) -> None:
        """The installation is done: hide the dialog soon, unless the next one begins before."""
        self._hideTimer.start(HIDE_DELAY_MSEC)

    def hideNow(self) -> None:
        self._hideTimer.stop()
        self._dialog.hide()
        self._clear()

    def _clear(self) -> None:
        self._lines = []
        self.logText.setPlainText("")

    def _onDetailsCollapsed(self, collapsed: bool) -> None:
        if collapsed:
            self._dialog.layout().activate()  # or the former minimum height would stay in force
            self._dialog.resize(self._dialog.width, SIZE[1])

    def appendLog(self, line: str) -> None:
        """Add a line, keeping the last one in view unless the user has scrolled up to read."""
        self._lines.append(line)
        bar = self.logText.verticalScrollBar()
        position, following = bar.value, bar.value >= bar.maximum - 4
        self.logText.appendPlainText(line)
        bar.setValue(bar.maximum if following else position)

    def getFullLog(self) -> str:
        return "\n".join(self._lines)

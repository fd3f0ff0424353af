"""Installations that the user sees: a busy cursor, a dialog, messages in the status bar."""
from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CalledProcessError

import slicer
from slicer.i18n import tr as _


def _isSlicerAppAvailable() -> bool:
    """Return whether this is the application; False in PythonSlicer."""
    try:
        from slicer import app
    except ImportError:
        return False
    return app is not None


def _isMainQtThread() -> bool:
    """Return whether this is the thread of the user interface."""
    if not _isSlicerAppAvailable():
        return False
    import qt

    return qt.QThread.currentThread() == slicer.app.thread()


@contextlib.contextmanager
def busyCursor() -> Iterator[None]:
    import qt

    qt.QApplication.setOverrideCursor(qt.Qt.BusyCursor)
    try:
        yield
    finally:
        qt.QApplication.restoreOverrideCursor()


def _pip_install_with_busy_cursor(requirements: str | list[str], constraints: str | Path | None = None,
                                  no_deps_requirements: str | list[str] | None = None) -> None:
    """Install, returning when it is done; CalledProcessError if it failed."""
    with busyCursor():
        slicer.packaging._pip_install_simple(requirements, constraints, no_deps_requirements)


def _pip_install_with_dialog(requirements: str | list[str], constraints: str | Path | None = None,
                             no_deps_requirements: str | list[str] | None = None,
                             requester: str | None = None) -> None:
    """Install while a dialog shows the output of pip; CalledProcessError if it failed."""
    import qt

    dialog = slicer.packaging._PipProgressDialog.acquire(requester=requester)
    returnCodes: list[int] = []

    def show(line: str) -> None:
        dialog.appendLog(line)
        print(line)

    slicer.packaging._pip_install_nonblocking(requirements, constraints, no_deps_requirements,
                                              logCallback=show, completedCallback=returnCodes.append)
    while not returnCodes:
        slicer.app.processEvents()
        qt.QThread.msleep(10)
    if returnCodes[0] == 0:
        dialog.release()
        return
    log = dialog.getFullLog()
    dialog.hideNow()
    title = _("Installation Failed")
    slicer.util.errorDisplay(_("The Python packages could not be installed."),
                             windowTitle=f"{requester} - {title}" if requester else title, detailedText=log)
    raise CalledProcessError(returnCodes[0], "pip install")


def _pip_install_with_statusbar(requirements: str | list[str], constraints: str | Path | None = None,
                                no_deps_requirements: str | list[str] | None = None, requester: str | None = None,
                                logCallback: Callable[[str], None] | None = None,
                                completedCallback: Callable[[int], None] | None = None) -> None:
    """Install in the background with the output of pip in the status bar and a busy cursor."""
    import qt

    prefix = f"{requester}: " if requester else ""

    def show(line: str) -> None:
        slicer.util.showStatusMessage(prefix + line, 0)
        (logCallback or print)(line)

    def tidyUp() -> None:
        qt.QApplication.restoreOverrideCursor()
        slicer.util.showStatusMessage("", 0)

    def finish(returnCode: int) -> None:
        tidyUp()
        if completedCallback:
            completedCallback(returnCode)
        elif returnCode != 0:
            logging.error(f"pip install failed with exit status {returnCode}")

    qt.QApplication.setOverrideCursor(qt.Qt.BusyCursor)
    try:
        slicer.packaging._pip_install_nonblocking(requirements, constraints, no_deps_requirements,
                                                  logCallback=show, completedCallback=finish)
    except Exception:
        tidyUp()
        raise

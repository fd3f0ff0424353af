"""Python packages that a module needs at run time: what is there, what is missing, installing it.

pip itself is called as ``slicer.util.executePythonModule("pip", ...)``; the host decides there whether it really runs.
The parts of this package call each other through the package's own names, so that a test can replace any of them.
"""
from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import slicer.util
from slicer.i18n import tr as _

from packaging.requirements import Requirement

from .commands import (
    _build_pip_args,
    _pip_install_nonblocking,
    _pip_install_simple,
    pip_uninstall,
)
from .foreground import (
    _isMainQtThread,
    _isSlicerAppAvailable,
    _pip_install_with_busy_cursor,
    _pip_install_with_dialog,
    _pip_install_with_statusbar,
)
from .progressdialog import _PipProgressDialog
from .requirements import _to_requirements, load_pyproject_dependencies, load_requirements, pip_check
from .skipping import (
    _pip_install_with_skips,
    _pip_install_with_skips_busy_cursor,
    _pip_install_with_skips_dialog,
    _scrub_metadata,
)
from .versions import _find_updated_imported_packages, _get_installed_versions

__all__ = ["isPipInstallInProgress", "load_pyproject_dependencies", "load_requirements", "pip_check", "pip_ensure",
           "pip_install", "pip_uninstall"]

# Parts that are called through this package, and may be replaced in it.
_PARTS = (_PipProgressDialog, _build_pip_args, _scrub_metadata)

_pip_install_in_progress: bool = False


def isPipInstallInProgress() -> bool:
    """Return whether an installation that was started with ``blocking=False`` is still running."""
    return _pip_install_in_progress


def pip_ensure(
    requirements: str | Requirement | list[str | Requirement],
    constraints: str | Path | None = None,
    skip_packages: list[str] | None = None,
    prompt_install: bool = True,
    prompt_restart: bool = True,
    requester: str | None = None,
    skip_in_testing: bool = True,
    show_progress: bool = True,
) -> list[str] | None:
    """Install those of the requirements that are not satisfied.

    :param requirements: text with one or more requirements, a Requirement, or a list of texts and Requirements
    :param constraints: constraints file for pip
    :param skip_packages: packages that are not installed even if others depend on them
    :param prompt_install: ask the user before anything is installed
    :param prompt_restart: offer a restart if a package was replaced that had been imported before
    :param requester: who needs the packages, for the titles of the dialogs
    :param skip_in_testing: install nothing if the application is in testing mode
    :param show_progress: show a dialog with the output of pip
    :return: with ``skip_packages``, the requirements that were skipped; otherwise None
    :raises RuntimeError: the user declined
    :raises subprocess.CalledProcessError: the installation failed
    """
    missing = [str(requirement) for requirement in _to_requirements(requirements) if not pip_check(requirement)]
    if not missing:
        return None
    if not _isSlicerAppAvailable():
        return pip_install(missing, constraints=constraints, skip_packages=skip_packages)
    if skip_in_testing and slicer.app.testingEnabled():
        logging.info(f"Not installed, because the application is in testing mode: {', '.join(missing)}")
        return None
    if prompt_install:
        _confirmInstallation(missing, requester)
    before = _get_installed_versions() if prompt_restart else None
    skipped = pip_install(missing, constraints=constraints, skip_packages=skip_packages, blocking=True,
                          show_progress=show_progress, requester=requester)
    if before is not None:
        _offerRestart(_find_updated_imported_packages(before, _get_installed_versions()), requester)
    return skipped


def _title(text: str, requester: str | None) -> str:
    return f"{requester} - {text}" if requester else text


def _confirmInstallation(missing: list[str], requester: str | None) -> None:
    message = _("{count} Python package(s) must be installed into Slicer's Python environment. Install now?")
    agreed = slicer.util.confirmOkCancelDisplay(
        message.format(count=len(missing)), _title(_("Install Python Packages"), requester),
        detailedText="\n".join(f"- {requirement}" for requirement in missing))
    if not agreed:
        raise RuntimeError("User declined package installation")


def _offerRestart(updated: list[tuple[str, str | None, str]], requester: str | None) -> None:
    """Ask for a restart if imported packages were replaced; in testing mode it is only written into the log."""
    if not updated:
        return
    details = "\n".join(f"- {name}: {old or '(reinstalled)'} -> {new}" for name, old, new in updated)
    logging.info(f"Replaced while imported, a restart is recommended:\n{details}")
    if slicer.app.testingEnabled():
        return
    message = _("{count} package(s) had been in use in an older version, which stays in use until Slicer is restarted."
                " Restart now?")
    if slicer.util.confirmYesNoDisplay(message.format(count=len(updated)),
                                       _title(_("Restart Recommended"), requester), detailedText=details):
        slicer.util.restart()


def pip_install(
    requirements: str | list[str],
    constraints: str | Path | None = None,
    no_deps_requirements: str | list[str] | None = None,
    skip_packages: list[str] | None = None,
    blocking: bool = True,
    show_progress: bool = True,
    requester: str | None = None,
    logCallback: Callable[[str], None] | None = None,
    completedCallback: Callable[[int], None] | None = None,
) -> list[str] | None:
    """Install packages with pip.

    :param requirements: arguments for ``pip install``, as one text (split like in a shell) or as a list
    :param constraints: constraints file for pip
    :param no_deps_requirements: installed first and without their dependencies
    :param skip_packages: packages that are not installed even if others depend on them; needs ``blocking`` and
        excludes ``no_deps_requirements``
    :param blocking: return when pip has finished, which is what happens outside of the application in any case
    :param show_progress: show a dialog (blocking) or messages in the status bar; nothing in testing mode
    :param requester: who needs the packages, for the title of the dialog
    :param logCallback: called with each line of pip's output if not blocking
    :param completedCallback: called with pip's exit status if not blocking
    :return: with ``skip_packages``, the requirements that were skipped; otherwise None
    :raises subprocess.CalledProcessError: pip failed (blocking)
    :raises ValueError: arguments that exclude each other
    :raises RuntimeError: a second installation with ``blocking=False``, or one outside of the main thread
    """
    _checkSkipArguments(skip_packages, no_deps_requirements, blocking)
    plain = not _isSlicerAppAvailable()
    if not plain and not _isMainQtThread():
        logging.warning("pip_install was called outside of the main thread: no progress can be shown")
        if not blocking or skip_packages is not None:
            raise RuntimeError("pip_install with blocking=False or skip_packages is for the main thread only")
        plain = True
    if not plain and slicer.app.testingEnabled():
        logging.info("pip_install shows no progress in testing mode")
        plain = True
    if plain:
        if skip_packages is not None:
            return _pip_install_with_skips(requirements, skip_packages, constraints)
        _pip_install_simple(requirements, constraints, no_deps_requirements)
        return None
    if skip_packages is not None:
        if show_progress:
            return _pip_install_with_skips_dialog(requirements, skip_packages, constraints, requester)
        return _pip_install_with_skips_busy_cursor(requirements, skip_packages, constraints)
    if blocking:
        _installInForeground(requirements, constraints, no_deps_requirements, show_progress, requester)
    else:
        _installInBackground(requirements, constraints, no_deps_requirements, show_progress, requester,
                             logCallback, completedCallback)
    return None


def _checkSkipArguments(skip_packages: list[str] | None, no_deps_requirements: str | list[str] | None,
                        blocking: bool) -> None:
    if skip_packages is None:
        return
    if no_deps_requirements is not None:
        raise ValueError("skip_packages and no_deps_requirements are mutually exclusive")
    if not blocking:
        raise ValueError("skip_packages requires blocking=True")


def _installInForeground(requirements: str | list[str], constraints: str | Path | None,
                         no_deps_requirements: str | list[str] | None, show_progress: bool,
                         requester: str | None) -> None:
    if show_progress:
        _pip_install_with_dialog(requirements, constraints, no_deps_requirements, requester)
    else:
        _pip_install_with_busy_cursor(requirements, constraints, no_deps_requirements)


def _installInBackground(requirements: str | list[str], constraints: str | Path | None,
                         no_deps_requirements: str | list[str] | None, show_progress: bool, requester: str | None,
                         logCallback: Callable[[str], None] | None,
                         completedCallback: Callable[[int], None] | None) -> None:
    if _pip_install_in_progress:
        raise RuntimeError("A pip_install with blocking=False is still running")
    if show_progress:
        _pip_install_with_statusbar(requirements, constraints, no_deps_requirements, requester, logCallback,
                                    completedCallback)
    else:
        _pip_install_nonblocking(requirements, constraints, no_deps_requirements, logCallback, completedCallback)

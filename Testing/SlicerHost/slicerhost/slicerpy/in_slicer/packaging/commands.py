"""The calls of pip, in the foreground and in the background."""
from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import slicer


def _arguments(command: str, requirements: str | list[str]) -> list[str]:
    # Only these two types: a tuple would work here but not everywhere in Slicer.
    if type(requirements) is str:
        return [command, *shlex.split(requirements)]
    if type(requirements) is list:
        return [command, *requirements]
    raise ValueError(f"The requirements for pip {command} must be a str or a list, not {type(requirements).__name__}")


def _build_pip_args(requirements: str | list[str], constraints: str | Path | None = None,
                    no_deps: bool = False) -> list[str]:
    """Arguments of ``pip install``."""
    arguments = _arguments("install", requirements)
    if no_deps:
        arguments.append("--no-deps")
    if constraints is not None:
        arguments += ["-c", str(constraints)]
    return arguments


def _steps(requirements: str | list[str], constraints: str | Path | None,
           no_deps_requirements: str | list[str] | None) -> list[list[str]]:
    """Arguments of the calls of pip, one after the other."""
    steps = [_build_pip_args(requirements, constraints)]
    if no_deps_requirements is not None:
        steps.insert(0, _build_pip_args(no_deps_requirements, constraints, no_deps=True))
    return steps


def _pip_install_simple(requirements: str | list[str], constraints: str | Path | None = None,
                        no_deps_requirements: str | list[str] | None = None) -> None:
    """Install, returning when it is done; CalledProcessError if it failed."""
    for arguments in _steps(requirements, constraints, no_deps_requirements):
        slicer.util.executePythonModule("pip", arguments, blocking=True)


def _pip_install_nonblocking(requirements: str | list[str], constraints: str | Path | None = None,
                             no_deps_requirements: str | list[str] | None = None,
                             logCallback: Callable[[str], None] | None = None,
                             completedCallback: Callable[[int], None] | None = None) -> None:
    """Install in the background; the steps follow each other unless one fails."""
    remaining = _steps(requirements, constraints, no_deps_requirements)

    def finish(returnCode: int) -> None:
        slicer.packaging._pip_install_in_progress = False
        if completedCallback:
            completedCallback(returnCode)

    def continueAfter(returnCode: int) -> None:
        if returnCode != 0 or not remaining:
            finish(returnCode)
        else:
            startNext()

    def startNext() -> None:
        slicer.util.executePythonModule("pip", remaining.pop(0), blocking=False, logCallback=logCallback,
                                        completedCallback=continueAfter)

    slicer.packaging._pip_install_in_progress = True
    try:
        startNext()
    except Exception:
        slicer.packaging._pip_install_in_progress = False
        raise


def pip_uninstall(requirements: str | list[str], blocking: bool = True,
                  logCallback: Callable[[str], None] | None = None,
                  completedCallback: Callable[[int], None] | None = None) -> None:
    """Uninstall packages.

    :param requirements: packages, as one text (split like in a shell) or as a list
    :param blocking: return when pip has finished, which is what happens outside of the application in any case
    :param logCallback: called with each line of pip's output if not blocking
    :param completedCallback: called with pip's exit status if not blocking
    """
    arguments = [*_arguments("uninstall", requirements), "--yes"]
    if not slicer.packaging._isSlicerAppAvailable():
        slicer.util.executePythonModule("pip", arguments, blocking=True)
        return
    slicer.util.executePythonModule("pip", arguments, blocking=blocking, logCallback=logCallback,
                                    completedCallback=completedCallback)

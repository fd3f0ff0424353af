"""pip, as modules see it in the host.

Modules install packages through ``slicer.packaging``, which calls ``slicer.util.executePythonModule("pip", ...)``.
The host puts an installer there. The default one records what was asked for and changes nothing but a list of package
names, so that the dialogs and checks around an installation can be tested; ``RealPip`` is for those who want it.
"""
from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from packaging.requirements import InvalidRequirement, Requirement

CHANGING_COMMANDS = ("install", "uninstall", "download", "wheel")
OPTIONS_WITH_VALUE = ("-c", "--constraint", "-r", "--requirement", "-i", "--index-url", "--extra-index-url", "-t",
                      "--target", "-f", "--find-links", "--platform", "--python-version")


class Installer(Protocol):
    """Stands for pip's commands that change the environment."""

    def run(self, arguments: Sequence[str]) -> tuple[int, list[str]]:
        """Do what ``pip <arguments>`` is to do: (exit status, lines of output)."""
        ...


def requirementsIn(arguments: Sequence[str]) -> list[Requirement]:
    """Return the requirements among the arguments of ``pip install`` or ``pip uninstall``."""
    found = []
    iterator = iter(arguments[1:])
    for argument in iterator:
        if argument in OPTIONS_WITH_VALUE:
            next(iterator, None)
        elif not argument.startswith("-"):
            try:
                found.append(Requirement(argument))
            except InvalidRequirement:
                continue  # a file or an address
    return found


class RecordingInstaller:
    """Records the calls, and lists the packages as installed (without any module that could be imported).

    :ivar calls: arguments of all calls, e.g. ``["install", "torch>=2"]``
    :ivar exitStatus: what the calls report; anything but 0 is a failure, and lists nothing
    """

    def __init__(self, exitStatus: int = 0) -> None:
        self.calls: list[list[str]] = []
        self.exitStatus = exitStatus
        self._metadata = Path(tempfile.mkdtemp(prefix="slicerhost-pip-"))

    def run(self, arguments: Sequence[str]) -> tuple[int, list[str]]:
        self.calls.append(list(arguments))
        command = arguments[0]
        lines = [f"The test host recorded: pip {' '.join(arguments)}"]
        if self.exitStatus == 0:
            for requirement in requirementsIn(arguments):
                if command == "install":
                    self._list(requirement)
                elif command == "uninstall":
                    self._unlist(requirement.name)
        return self.exitStatus, lines

    def _folder(self, name: str) -> Path:
        return self._metadata / f"{re.sub(r'[-_.]+', '_', name)}-0.dist-info"

    def _list(self, requirement: Requirement) -> None:
        if str(self._metadata) not in sys.path:
            sys.path.append(str(self._metadata))
        # The version that a specifier names satisfies it, except for "<", ">" and "!=".
        version = next((specifier.version.removesuffix(".*") for specifier in requirement.specifier
                        if specifier.operator in ("==", ">=", "~=", "<=", "===")), "0")
        folder = self._folder(requirement.name)
        folder.mkdir(exist_ok=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {requirement.name}\nVersion: {version}\n")

    def _unlist(self, name: str) -> None:
        shutil.rmtree(self._folder(name), ignore_errors=True)

    def close(self) -> None:
        """Forget the listed packages."""
        if str(self._metadata) in sys.path:
            sys.path.remove(str(self._metadata))
        shutil.rmtree(self._metadata, ignore_errors=True)


class RealPip:
    """Runs pip in the environment of the host."""

    def run(self, arguments: Sequence[str]) -> tuple[int, list[str]]:
        done = subprocess.run([sys.executable, "-m", "pip", *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode, done.stdout.splitlines()


class PipDoor:
    """Takes the place of ``slicer.util.executePythonModule`` and sends pip's changing commands to the installer."""

    def __init__(self, executePythonModule: Callable[..., None], installer: Installer) -> None:
        self._executePythonModule = executePythonModule
        self.installer = installer

    def __call__(self, module: str, args: list[str], blocking: bool = True,
                 logCallback: Callable[[str], None] | None = None,
                 completedCallback: Callable[[int], None] | None = None) -> None:
        if module != "pip" or not args or args[0] not in CHANGING_COMMANDS:
            self._executePythonModule(module, args, blocking=blocking, logCallback=logCallback,
                                      completedCallback=completedCallback)
            return
        status, lines = self.installer.run(args)

        def report() -> None:
            for line in lines:
                (logCallback or print)(line)
            if not blocking and completedCallback:
                completedCallback(status)

        if blocking:
            report()
            if status != 0:
                raise subprocess.CalledProcessError(status, ["pip", *args])
        else:
            import qt

            qt.QTimer.singleShot(0, report)


def install(installer: Installer | None = None) -> PipDoor:
    """Put an installer (the recording one if none is given) in the place of pip; returns the door to change it."""
    import slicer.util

    current: Any = slicer.util.executePythonModule
    if isinstance(current, PipDoor):
        if installer is not None:
            current.installer = installer
        return current
    slicer.util.executePythonModule = door = PipDoor(current, installer or RecordingInstaller())
    return door

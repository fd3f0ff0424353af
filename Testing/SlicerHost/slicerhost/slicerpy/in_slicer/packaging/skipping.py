"""Installing packages without some of the packages they depend on."""
from __future__ import annotations

import importlib
import importlib.metadata
import logging
import shlex
from collections.abc import Callable
from pathlib import Path
from subprocess import CalledProcessError

import slicer

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from .commands import _build_pip_args
from .foreground import busyCursor


def _readRequirement(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


class _SkippingInstaller:
    """Walks through the dependencies and installs each package on its own, without dependencies."""

    def __init__(self, skip_packages: list[str], constraints: str | Path | None,
                 log_fn: Callable[[str], None] | None) -> None:
        self._skip = {canonicalize_name(name) for name in skip_packages}
        self._constraints = constraints
        self._log_fn = log_fn
        self._visited: set[str] = set()
        self.skipped: list[str] = []

    def _log(self, message: str) -> None:
        if self._log_fn:
            self._log_fn(message)
        if slicer.packaging._isSlicerAppAvailable():
            slicer.app.processEvents()

    def install(self, requirement: Requirement) -> None:
        """Install a package and what it depends on. Only a failure of the package itself is an exception."""
        name = canonicalize_name(requirement.name)
        if name in self._visited:
            return
        self._visited.add(name)
        if name in self._skip:
            self.skipped.append(str(requirement))
            self._log(f"{requirement.name} is skipped")
        elif requirement.marker is not None and not requirement.marker.evaluate():
            return
        elif slicer.packaging.pip_check(requirement):
            self._log(f"{requirement.name} is installed already")
        else:
            self._installAlone(requirement)
            self._installDependencies(requirement.name)

    def _installAlone(self, requirement: Requirement) -> None:
        self._log(f"Installing {requirement.name} ...")
        extras = f"[{','.join(requirement.extras)}]" if requirement.extras else ""
        # The marker applies, which was found out already; pip would take its blanks for the ends of arguments.
        arguments = _build_pip_args(f"{requirement.name}{extras}{requirement.specifier}", self._constraints,
                                    no_deps=True)
        slicer.util.executePythonModule("pip", arguments, blocking=True, logCallback=self._log_fn)

    def _installDependencies(self, name: str) -> None:
        importlib.invalidate_caches()
        try:
            dependencies = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            dependencies = []
        if self._skip:
            # Before going on, so that the metadata are right even if a later step is interrupted.
            slicer.packaging._scrub_metadata(canonicalize_name(name), self._skip)
        for text in dependencies:
            dependency = _readRequirement(text)
            if dependency is None or (dependency.marker is not None and "extra" in str(dependency.marker)):
                continue
            try:
                self.install(dependency)
            except CalledProcessError:
                logging.warning(f"{dependency.name}, which {name} depends on, could not be installed")
                self._log(f"{dependency.name} could not be installed")


def _pip_install_with_skips(requirements: str | list[str], skip_packages: list[str],
                            constraints: str | Path | None = None,
                            log_fn: Callable[[str], None] | None = None) -> list[str]:
    """Install packages with all they depend on, except for ``skip_packages``; return the skipped requirements."""
    installer = _SkippingInstaller(skip_packages, constraints, log_fn)
    for text in shlex.split(requirements) if isinstance(requirements, str) else requirements:
        requirement = _readRequirement(text)
        if requirement is None:
            logging.warning(f"Not a requirement, ignored: {text}")
        else:
            installer.install(requirement)
    return installer.skipped


def _pip_install_with_skips_dialog(requirements: str | list[str], skip_packages: list[str],
                                   constraints: str | Path | None = None, requester: str | None = None) -> list[str]:
    dialog = slicer.packaging._PipProgressDialog.acquire(requester=requester)
    try:
        return slicer.packaging._pip_install_with_skips(requirements, skip_packages, constraints,
                                                        log_fn=dialog.appendLog)
    finally:
        dialog.release()


def _pip_install_with_skips_busy_cursor(requirements: str | list[str], skip_packages: list[str],
                                        constraints: str | Path | None = None) -> list[str]:
    with busyCursor():
        return slicer.packaging._pip_install_with_skips(requirements, skip_packages, constraints)


def _scrub_metadata(package_name: str, skip_set: set[str]) -> None:
    """Take the skipped packages (canonical names) out of what an installed package says it depends on.

    Otherwise pip would install them with its next work on that package.
    """
    try:
        files = importlib.metadata.distribution(package_name).files or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    located = next((file.locate() for file in files if file.name == "METADATA"), None)
    if located is None:
        logging.warning(f"The dependencies of {package_name} could not be adjusted: its metadata were not found")
        return
    # Not all metadata are UTF-8; Latin-1 gives back every byte as it was.
    with open(located, encoding="latin-1", newline="") as file:
        lines = file.readlines()
    with open(located, "w", encoding="latin-1", newline="") as file:
        file.writelines(line for line in lines if not _requiresOneOf(line, skip_set))


def _requiresOneOf(line: str, names: set[str]) -> bool:
    key, _, value = line.partition(":")
    requirement = _readRequirement(value.strip()) if key == "Requires-Dist" else None
    return requirement is not None and canonicalize_name(requirement.name) in names

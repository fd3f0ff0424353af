"""Python packages that a module needs, installed when the user presses Apply and never before."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.resources import resource_path

if TYPE_CHECKING:
    from packaging.requirements import Requirement


#: The releases of PyTorch that run the networks.
_TORCH = ">=2.2"


def ensure_dependencies(requirements_file: str | Path, requester: str) -> None:
    """Make sure that PyTorch and the packages of ``requirements_file`` are installed, asking the user first.

    PyTorch is installed by the PyTorch extension, which picks the build for the computer's graphics card; it must not
    be in the file. Only installed packages are looked up; nothing is imported unless PyTorch is installed.

    :param requirements_file: file with one requirement per line.
    :param requester: title of the module, shown in the question.
    :raises Problem: if something is missing and the user declined, or the installation failed.
    """
    try:
        if not _has_torch(_TORCH):
            _install_torch(_TORCH)
    except subprocess.CalledProcessError as error:
        raise _failed() from error
    except (ImportError, OSError) as error:  # the installer imports what it has installed
        if not _has_torch(_TORCH):  # e.g. there was no connection
            raise _failed() from error
        raise Problem(_(
            "PyTorch was installed, but cannot be loaded ({reason}). Restart the application and press the button "
            "again; on Windows, install Microsoft's Visual C++ Redistributable, too.").format(reason=error)) from error
    ensure_packages(requirements_file, requester)


def ensure_packages(requirements_file: str | Path, requester: str) -> None:
    """Make sure that the packages of ``requirements_file`` are installed, asking the user first.

    :param requirements_file: file with one requirement per line.
    :param requester: title of the module or effect, shown in the question.
    :raises Problem: if something is missing and the user declined, or the installation failed.
    """
    requirements = read_requirements(requirements_file)
    try:
        if missing_packages(requirements):
            _install_packages(requirements, requester)
    except subprocess.CalledProcessError as error:
        raise _failed() from error


def ensure_for_measuring() -> None:
    """Make sure that the packages that measure are installed, asking the user first.

    :raises Problem: if something is missing and the user declined, or the installation failed.
    """
    ensure_packages(resource_path("requirements.txt"), _("Measuring"))


def ensure_for_page(page: Path) -> None:
    """Make sure that a report can be written to a file of this kind, asking the user first: a PDF takes a package.

    :raises Problem: if something is missing and the user declined, or the installation failed.
    """
    if page.suffix.lower() == ".pdf":
        ensure_packages(resource_path("requirements-pdf.txt"), _("The report as PDF"))


def missing_for_models() -> str:
    """Return the names of the packages that running a model takes and that are not installed; "" if all are."""
    names = _names(missing_packages(read_requirements(resource_path("requirements.txt"))))
    return ", ".join(filter(None, ["" if _has_torch(_TORCH) else "PyTorch", names]))


def read_requirements(path: str | Path) -> list[Requirement]:
    """Return the requirements in a file, one per line; comments and empty lines are skipped."""
    from packaging.requirements import Requirement  # not needed before Apply

    lines = (line.split("#")[0].strip() for line in Path(path).read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line]


def missing_packages(requirements: list[Requirement]) -> list[Requirement]:
    """Return the requirements whose package is not installed, too old or too new."""
    return [requirement for requirement in requirements if not _is_satisfied(requirement)]


def _is_satisfied(requirement: Requirement) -> bool:
    from importlib.metadata import PackageNotFoundError, version  # twenty modules that no start of Slicer needs

    if requirement.marker is not None and not requirement.marker.evaluate():
        return True
    try:
        installed = version(requirement.name)
    except (KeyError, PackageNotFoundError):
        return False
    # An interrupted installation leaves a package without a version.
    return installed is not None and requirement.specifier.contains(installed, prereleases=True)


def _has_torch(requirement: str) -> bool:
    """Return whether a PyTorch of a suitable version is installed.

    Windows keeps files that are in use when PyTorch is removed or replaced, and what is left in the folder looks like a
    package without code.
    """
    from packaging.requirements import Requirement  # not needed before Apply

    found = importlib.util.find_spec("torch")
    return found is not None and found.origin is not None and _is_satisfied(Requirement(f"torch{requirement}"))


def _install_torch(requirement: str) -> None:
    try:
        torch_utils = importlib.import_module("PyTorchUtils")
    except ModuleNotFoundError as error:
        raise Problem(_(
            "PyTorch is needed and its installer, the extension 'PyTorch', is not there. Install that extension in "
            "the Extensions Manager, restart Slicer, and press Apply again.")) from error
    logic = torch_utils.PyTorchUtilsLogic()
    if logic.installTorch(askConfirmation=True, torchVersionRequirement=requirement) is None:
        raise _declined("PyTorch")


def _install_packages(requirements: list[Requirement], requester: str) -> None:
    try:
        packaging = importlib.import_module("slicer.packaging")  # Slicer 5.12 and later
    except ModuleNotFoundError:
        _install_with_pip(missing_packages(requirements), requester)
        return
    try:
        packaging.pip_ensure(requirements, requester=requester)
    except RuntimeError as error:
        raise _declined(_names(missing_packages(requirements))) from error


def _install_with_pip(missing: list[Requirement], requester: str) -> None:
    """Ask the user and install missing packages with pip, in Slicer 5.10."""
    question = _("{requester} needs these Python packages: {names}. Install them now?").format(
        requester=requester, names=_names(missing))
    if not slicer.util.confirmOkCancelDisplay(question):
        raise _declined(_names(missing))
    slicer.util.pip_install([str(requirement) for requirement in missing])


def _names(requirements: list[Requirement]) -> str:
    return ", ".join(requirement.name for requirement in requirements)


def _declined(names: str) -> Problem:
    text = _("Nothing was computed: {names} was not installed. Press the button again to be asked once more.")
    return Problem(text.format(names=names))


def _failed() -> Problem:
    return Problem(_(
        "Python packages could not be installed (see the log of the application). Check the connection to the "
        "internet and the proxy settings, the free space on the disk, and that you may write to Slicer's folder; "
        "or ask for an offline installation."))

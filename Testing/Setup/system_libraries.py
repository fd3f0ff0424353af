"""The few system libraries that Qt and rendering without a screen need (Debian and Ubuntu).

They are installed where that may be done (root, or sudo without a password), after the person at the terminal has
been told which and has agreed. Without a terminal root goes on, as does continuous integration (the environment
variable CI); elsewhere the one command to run is named.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from pathlib import Path

from Testing.Setup.console import SetupError, output_of, run, say, succeeds

# Library or font -> the Debian package that has it. OSMesa renders VTK's views without a screen or a GPU; Qt's
# offscreen platform still loads the OpenGL, X11 and font libraries.
LIBRARIES = {
    "libOSMesa.so.8": "libosmesa6",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libX11.so.6": "libx11-6",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
}
DRIVERS = "libgl1-mesa-dri"
# Mesa 25.1 dropped OSMesa; on releases without such a package, VTK draws through EGL with Mesa's software driver.
STANDS_IN_FOR = {"libosmesa6": DRIVERS}
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")
FONTS = "fonts-dejavu-core"


def missing_packages() -> list[str]:
    """Return the Debian packages whose libraries or fonts are missing on this machine."""
    missing = [package for library, package in LIBRARIES.items() if not _loads(library)]
    if "libgl1" in missing or "libegl1" in missing:
        missing.append(DRIVERS)
    if not _has_fonts():
        missing.append(FONTS)
    return missing


def ensure() -> None:
    """Install what is missing; on systems without apt, name the first library that fails.

    :raises SetupError: when something is missing and may not be installed from here.
    """
    if not sys.platform.startswith("linux"):
        return
    missing = missing_packages()
    if missing:
        install_or_explain(missing, "Libraries for drawing without a screen are missing.")
        still_missing = [package for package in missing_packages() if _name_here(package) not in STANDS_IN_FOR.values()]
        if still_missing:
            raise SetupError(f"Still missing after installation: {' '.join(still_missing)}")


def install_or_explain(packages: list[str], reason: str) -> None:
    """Install Debian packages, or say with which command the user can.

    :raises SetupError: when this is not allowed or fails; the message names the command.
    """
    command = f"apt-get install --yes {' '.join(_name_here(package) for package in packages)}"
    if not shutil.which("apt-get"):
        raise SetupError(f"{reason} Install what Debian calls {' '.join(packages)} with this system's package manager.")
    prefix = _privilege()
    if prefix is None:
        raise SetupError(f"{reason} Run this once, then try again:\n    sudo {command}")
    say(f"{reason} To be installed: {' '.join(packages)}")
    if not _agreed(prefix):
        raise SetupError(f"Nothing was installed. Run this once, then try again:\n    sudo {command}")
    if not _apt(prefix, packages):
        raise SetupError(f"{reason} Installing failed. Run this once, then try again:\n    sudo {command}")


def _agreed(prefix: list[str]) -> bool:
    """Return whether the system may be changed now, as the user decides."""
    if sys.stdin is not None and sys.stdin.isatty():
        question = f"[setup] Install them now{' with sudo' if prefix else ''}? [y/N] "
        return input(question).strip().lower() in ("y", "yes")
    return not prefix or bool(os.environ.get("CI"))


def _apt(prefix: list[str], packages: list[str]) -> bool:
    install = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes", "--quiet"]
    install += ["--no-install-recommends"]
    if succeeds([*install, *(_name_here(package) for package in packages)]):
        return True
    # A new machine has no package lists yet, or outdated ones.
    run([*prefix, "apt-get", "update", "--quiet"])
    return run([*install, *(_name_here(package) for package in packages)])


def _name_here(package: str) -> str:
    """Return the name of a package on this release: some were renamed for 64-bit time, some were replaced."""
    for name in (package + "t64", package, STANDS_IN_FOR.get(package, "")):
        if name and _can_be_installed(name):
            return name
    return package


def _can_be_installed(package: str) -> bool:
    known = output_of(["apt-cache", "policy", package])[1]
    return "Candidate:" in known and "Candidate: (none)" not in known


def _privilege() -> list[str] | None:
    """Return the words before a command that run it as root; ``None`` if that requires a password."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and succeeds(["sudo", "--non-interactive", "true"]):
        return ["sudo", "--non-interactive"]
    return None


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_fonts() -> bool:
    folders = [Path(folder) for folder in FONT_FOLDERS] + [Path.home() / ".fonts", Path.home() / ".local/share/fonts"]
    return any(path.suffix.lower() in {".ttf", ".otf"} for folder in folders for path in folder.rglob("*"))

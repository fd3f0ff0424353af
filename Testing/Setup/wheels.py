"""Set-up without the Internet: a folder with all wheels, made on a machine that has it (``make wheels INTO=folder``).

Take the folder to the other machine and run ``make setup WHEELS=folder`` there. Both machines need the same system and
Python version, because a wheel belongs to one of each.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from Testing.Setup import lock, packages, radiomics_build, torch_build
from Testing.Setup.console import SetupError, output_of, run, say, succeeds

BUILD_TOOLS = ("pip>=23", "setuptools>=77", "wheel")
#: Sources that are built into wheels here, so that the other machine needs no compiler.
FROM_SOURCE = ("docopt",)


def use(folder: Path) -> None:
    """Let every pip that set-up starts install only from a folder of wheels.

    :raises SetupError: when the folder is missing or has no wheels.
    """
    folder = folder.expanduser().absolute()
    if not folder.is_dir() or not any(folder.glob("*.whl")):
        raise SetupError(f"{folder} is not a folder with wheels (*.whl). Make it on a machine with the Internet: "
                         f"make wheels INTO=folder")
    say(f"Installing from {folder} alone; nothing is asked of the Internet")
    # As a URL, because pip splits the variable at spaces.
    os.environ.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=folder.as_uri())


def collect(python: Path, repository: Path, folder: Path) -> None:
    """Fill a folder with everything that ``make setup`` installs.

    :param python: Python of a version and system like the other machine's.
    :raises SetupError: when something is not available.
    """
    folder.mkdir(parents=True, exist_ok=True)
    say(f"Collecting wheels in {folder} (a few minutes)")
    _download(python, folder, *BUILD_TOOLS)
    _collect_torch(python, folder)
    locked = lock.path_for(python)
    if not (locked.is_file() and succeeds(_pip(python, "download", folder, "--no-deps", "--only-binary", ":all:",
                                               "--require-hashes", "--requirement", locked))):
        _download(python, folder, *packages.requirements(python, repository))
    if not succeeds(_pip(python, "wheel", folder, "--no-deps", *FROM_SOURCE)) or not _collect_radiomics(python, folder):
        say("PyRadiomics could not be built; without it everything except radiomics features works")
    say(f"Ready. On the other machine: make setup WHEELS={folder.name}")


def _download(python: Path, folder: Path, *what: str) -> None:
    done, output = output_of(_pip(python, "download", folder, *what))
    if not done:
        raise SetupError(f"{output.strip()}\nThe lines above say which package could not be downloaded and why.")


def _collect_torch(python: Path, folder: Path) -> None:
    plain, cpu = f"torch=={torch_build.RELEASE}", f"torch=={torch_build.RELEASE}+cpu"
    if not (succeeds(_pip(python, "download", folder, cpu))
            or run(_pip(python, "download", folder, plain, "--index-url", torch_build.CPU_BUILDS))):
        _download(python, folder, plain)


def _collect_radiomics(python: Path, folder: Path) -> bool:
    with tempfile.TemporaryDirectory() as compatibility:
        Path(compatibility, "sitecustomize.py").write_text(radiomics_build.COMPATIBILITY, encoding="utf-8")
        return succeeds(_pip(python, "wheel", folder, "--no-build-isolation", "--no-deps",
                             f"pyradiomics=={radiomics_build.RELEASE}"), {"PYTHONPATH": compatibility})


def _pip(python: Path, action: str, folder: Path, *arguments: str | Path) -> list[str | Path]:
    target = "--dest" if action == "download" else "--wheel-dir"
    return [python, "-m", "pip", action, "--disable-pip-version-check", "--no-input", "--quiet", target, folder,
            *arguments]


if __name__ == "__main__":
    try:
        collect(Path(sys.executable), Path(__file__).resolve().parents[2], Path(sys.argv[1]))
    except SetupError as error:
        say(str(error))
        sys.exit(1)

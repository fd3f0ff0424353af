"""The lock of the development environment: exact versions with the SHA-256 of each file (``make lock``).

A hash belongs to one file, and files differ from Python to Python and from system to system; there is a lock for each
combination that the tests have been run with, and set-up uses it where one fits. PyTorch is not in it: its builds
without CUDA come from elsewhere, see :mod:`Testing.Setup.torch_build`. Neither is what has to be built from source.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from Testing.Setup.console import SetupError, output_of, pip_install, say

FOLDER = Path(__file__).resolve().parent / "locks"
NOT_LOCKED = {"neuro-orbit", "torch", "pip", "setuptools", "wheel"}
TAG = "import sys, sysconfig; print('cp%d%d-%s' % (*sys.version_info[:2], sysconfig.get_platform()))"
HEADER = """\
# Files of the development environment that the tests have been run with. Written by `make lock`; do not edit.
"""


def path_for(python: Path) -> Path:
    """Return the path of the lock for a Python of this version on this system, if there is one."""
    started, tag = output_of([python, "-c", TAG])
    if not started:
        raise SetupError(f"{python} does not start:\n{tag.strip()}")
    return FOLDER / f"{tag.strip()}.txt"


def install(python: Path) -> bool:
    """Install the locked files; return whether that was possible.

    If it is not, for lack of a lock or because the index has other files, the next step installs the newest versions
    within
    the bounds of pyproject.toml.
    """
    path = path_for(python)
    if not path.is_file():
        say(f"No lock for this Python and system ({path.stem}); installing within the bounds of pyproject.toml")
        return False
    say("Installing the locked Python packages (a few minutes the first time)")
    done, output = output_of(pip_install(python, "--no-deps", "--only-binary", ":all:", "--require-hashes",
                                         "--requirement", path))
    if not done:
        reason = output.strip().splitlines()[-1:] or ["no reason given"]
        say(f"The locked files cannot be had here ({reason[0]}); installing within the bounds of pyproject.toml")
    return done


def write(python: Path) -> Path:
    """Lock what is installed in the environment of ``python``.

    :raises SetupError: if the index does not have one of the installed versions.
    """
    listed, output = output_of([python, "-m", "pip", "list", "--format=json", "--disable-pip-version-check"])
    if not listed:
        raise SetupError(f"pip cannot list the packages:\n{output.strip()}")
    text = output[output.index("[") : output.rindex("]") + 1]
    wanted = [f"{one['name']}=={one['version']}" for one in json.loads(text) if one["name"] not in NOT_LOCKED]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        asked, output = output_of(pip_install(python, "--dry-run", "--ignore-installed", "--no-deps", "--report",
                                              report, *wanted))
        if not asked:
            raise SetupError(f"{output.strip()}\nThe index does not have what is installed; nothing was locked.")
        items = json.loads(report.read_text(encoding="utf-8"))["install"]
    path = path_for(python)
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEADER + "".join(locked_lines(items)), encoding="utf-8", newline="\n")
    return path


def locked_lines(items: Iterable[dict[str, Any]]) -> list[str]:
    """Return the lines of a lock for the packages that pip would install, wheels only, by name.

    :param items: ``install`` of pip's report.
    """
    lines = []
    for item in items:
        download, metadata = item["download_info"], item["metadata"]
        sha256 = download.get("archive_info", {}).get("hashes", {}).get("sha256")
        if sha256 and download["url"].split("#")[0].endswith(".whl"):
            lines.append(f"{metadata['name'].lower()}=={metadata['version']} --hash=sha256:{sha256}\n")
    return sorted(lines)


if __name__ == "__main__":
    print(write(Path(sys.executable)))

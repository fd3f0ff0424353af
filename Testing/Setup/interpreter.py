"""The Python for the environment."""

from __future__ import annotations

import shutil
import sys

from Testing.Setup.console import SetupError, output_of

OLDEST = (3, 10)
NEWEST = (3, 13)  # the newest for which the Qt release of SlicerHost has wheels


def is_supported(version: tuple[int, int]) -> bool:
    """Return whether every package of the development environment exists for this Python."""
    return OLDEST <= version <= NEWEST


def version_of(python: str) -> str:
    """Return the version of another Python as "3.12"; "" when it does not start."""
    started, output = output_of([python, "-c", "import sys; print(*sys.version_info[:2], sep='.')"])
    return output.strip() if started else ""


def find() -> str:
    """Return the path of the running Python if it is supported, else of the newest supported one on the PATH.

    :raises SetupError: when there is none.
    """
    if is_supported(sys.version_info[:2]):
        return sys.executable
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        candidate = shutil.which(f"python3.{minor}")
        # A command with that name may exist and not start (pyenv's placeholders).
        if candidate and version_of(candidate) == f"{OLDEST[0]}.{minor}":
            return candidate
    running = ".".join(str(number) for number in sys.version_info[:2])
    raise SetupError(
        f"Python {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]} is needed, and this is Python {running}. "
        "Install one of them, for example with: sudo apt-get install python3.12 python3.12-venv"
    )

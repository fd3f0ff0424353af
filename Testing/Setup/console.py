"""Messages of the set-up, and the commands it runs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


class SetupError(Exception):
    """Raised when set-up cannot continue; the message says what the user should do."""


def say(text: str) -> None:
    """Print one line for the user."""
    print(f"[setup] {text}", flush=True)


def run(command: Sequence[str | Path], extra_environment: Mapping[str, str] | None = None) -> bool:
    """Run a command with its output shown; return whether it succeeded."""
    environment = {**os.environ, **(extra_environment or {})}
    try:
        result = subprocess.run([str(part) for part in command], env=environment, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        return False
    return result.returncode == 0


def succeeds(command: Sequence[str | Path], extra_environment: Mapping[str, str] | None = None) -> bool:
    """Return whether a command succeeds; its output is not shown."""
    return output_of(command, extra_environment)[0]


def output_of(command: Sequence[str | Path], extra_environment: Mapping[str, str] | None = None) -> tuple[bool, str]:
    """Return whether a command succeeded, and what it printed to both streams."""
    environment = {**os.environ, **(extra_environment or {})}
    try:
        result = subprocess.run(
            [str(part) for part in command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except FileNotFoundError as error:
        return False, str(error)
    return result.returncode == 0, result.stdout


def is_offline() -> bool:
    """Return whether pip must not use an index (``make setup WHEELS=folder``, or ``PIP_NO_INDEX``)."""
    return os.environ.get("PIP_NO_INDEX", "").lower() not in ("", "0", "false", "no", "off")


def pip_install(python: Path, *arguments: str | Path, quiet: bool = True) -> list[str | Path]:
    """Return the pip command that installs ``arguments`` into the environment of ``python``."""
    options = ["--disable-pip-version-check", "--no-input"] + (["--quiet"] if quiet else [])
    return [python, "-m", "pip", "install", *options, *arguments]

"""The virtual environment."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from Testing.Setup import interpreter, system_libraries
from Testing.Setup.console import SetupError, output_of, say, succeeds


def python_of(folder: Path) -> Path:
    """Return the path of the Python inside an environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def ensure(folder: Path, base_python: str) -> Path:
    """Make the environment if there is no working one, and return its Python.

    An environment that no longer starts (its Python was removed by an upgrade) is made again.

    :raises SetupError: when Python's own ``venv`` is not installed and may not be installed here.
    """
    python = python_of(folder)
    if succeeds([python, "-m", "pip", "--version"]):
        return python
    say(f"Making a Python environment in {folder}")
    made, output = _make(folder, base_python)
    if not made and "ensurepip" in output:
        package = f"python{interpreter.version_of(base_python)}-venv"
        system_libraries.install_or_explain([package], "Python's venv is not installed.")
        made, output = _make(folder, base_python)
    if not made:
        raise SetupError(f"The Python environment could not be made:\n{output.strip()}")
    return python


def _make(folder: Path, base_python: str) -> tuple[bool, str]:
    if (folder / "pyvenv.cfg").exists() or not folder.exists() or not any(folder.iterdir()):
        shutil.rmtree(folder, ignore_errors=True)
    else:
        raise SetupError(f"{folder} exists and is not a Python environment. Remove it and run this again.")
    return output_of([base_python, "-m", "venv", folder])

"""The executable PythonSlicer, with which modules start Python scripts in processes of their own."""
from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

NAME = "PythonSlicer.bat" if os.name == "nt" else "PythonSlicer"


def put_on_path(folder: Path) -> Path:
    """Write the executable (this Python under another name) into the folder, which comes first on PATH then."""
    folder.mkdir(parents=True, exist_ok=True)
    executable = folder / NAME
    if os.name == "nt":
        executable.write_text(f'@"{sys.executable}" %*\n', encoding="utf-8")
    else:
        executable.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', encoding="utf-8")
        executable.chmod(0o755)
    paths = os.environ.get("PATH", "").split(os.pathsep)
    if str(folder) not in paths:
        os.environ["PATH"] = os.pathsep.join([str(folder), *paths])
    return executable

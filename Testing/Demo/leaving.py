"""The end of a program that has shown an application."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from NeuroOrbitLib.problem import Problem


def leave_after(main: Callable[[], int]) -> None:
    """Run a program and end the process with its status; 2 after a :class:`Problem`, which is printed."""
    try:
        status = main()
    except Problem as problem:
        print(problem, file=sys.stderr)
        status = 2
    sys.stdout.flush()
    os._exit(status)  # static destructors of Qt and VTK run in an undefined order

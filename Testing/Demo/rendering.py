"""Choice of a method of VTK to draw without a screen on this machine."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, MutableMapping

#: VTK's render windows in the order of preference, with the library that each needs: Mesa in main memory, and for
#: distributions that no longer have it, EGL with Mesa's software driver.
RENDER_WINDOWS = {"vtkOSOpenGLRenderWindow": ("libOSMesa.so.8", "libOSMesa.so.6", "libOSMesa.so"),
                  "vtkEGLRenderWindow": ("libEGL.so.1",)}


def choose_render_window(loads: Callable[[str], bool] | None = None,
                         environment: MutableMapping[str, str] = os.environ) -> str:
    """Set up VTK and Qt to draw without a screen, unless the environment already defines how.

    This must be called before either is imported.

    :param loads: function that returns whether a shared library can be loaded.
    :param environment: environment variables, which are read and changed.
    :return: class of the render window.
    :raises RuntimeError: when there is no library to draw with.
    """
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    variable = "VTK_DEFAULT_OPENGL_WINDOW"
    if variable not in environment:
        environment[variable] = _first_that_loads(loads or _loads)
    return environment[variable]


def _first_that_loads(loads: Callable[[str], bool]) -> str:
    for window, libraries in RENDER_WINDOWS.items():
        if any(loads(library) for library in libraries):
            return window
    raise RuntimeError("Neither OSMesa nor EGL is installed: nothing can be drawn. Run: make setup")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True

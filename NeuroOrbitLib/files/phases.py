"""Tells how far the writing of files has come, so that a process is not ended while it replaces several of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

#: Files are written to a temporary folder; they are being moved to their places; the temporary folder is gone.
Phase = Literal["staging", "placing", "done"]
Listener = Callable[[Path, Phase], None]
_LISTENERS: list[Listener] = []


@contextlib.contextmanager
def told_to(listener: Listener) -> Iterator[None]:
    """Call a function at the beginning of each phase of the files written in the ``with`` block.

    :param listener: function called with the temporary folder and its phase. An exception that it raises for "staging"
        or "placing" ends the writing, and all files stay as they were.
    """
    _LISTENERS.append(listener)
    try:
        yield
    finally:
        _LISTENERS.remove(listener)


def tell(folder: Path, phase: Phase) -> None:
    """Tell the listeners that a temporary folder has come to a phase."""
    for listener in tuple(_LISTENERS):
        listener(folder, phase)

"""The scale of a reproduction: chosen by name, or by the machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from NeuroOrbitLib.problem import Problem

AnyScale = TypeVar("AnyScale")


def chosen(scales: Mapping[str, AnyScale], name: str, device: str) -> AnyScale:
    """Return the scale with a name; ``auto`` is the full one on a GPU and the small one on a processor.

    :raises Problem: for an unknown name.
    """
    if name == "auto":
        name = "small" if device == "cpu" else "full"
    if name not in scales:
        raise Problem(f"There is no scale {name!r}. Choose one of: auto, {', '.join(scales)}.")
    return scales[name]

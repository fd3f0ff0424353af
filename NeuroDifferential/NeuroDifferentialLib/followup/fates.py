"""The kinds of change of a lesion between two visits; this module imports nothing heavy."""

from __future__ import annotations

from enum import Enum


class Fate(Enum):
    """Kind of change of a lesion; its value is the value in the map of changes, 0 for no change."""

    STABLE = 0
    NEW = 1
    GROWN = 2
    SHRUNK = 3
    VANISHED = 4

"""What can become of a lesion between two visits; imports nothing heavy."""

from __future__ import annotations

from enum import Enum


class Fate(Enum):
    """What became of a lesion; the value is that of the change map, 0 for no change."""

    STABLE = 0
    NEW = 1
    GROWN = 2
    SHRUNK = 3
    VANISHED = 4

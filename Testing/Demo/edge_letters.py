"""Letters of the patient's sides at the edges of drawn sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Letters at the end of each RAS axis, and at its beginning.
_ENDS = (("R", "L"), ("A", "P"), ("S", "I"))


def edge_letters(across: np.ndarray) -> tuple[str, str]:
    """Return the letters of the left and the right edge of a section.

    :param across: direction (RAS) of the section's columns, from its left to its right edge.
    """
    axis = int(np.argmax(np.abs(across)))
    end, beginning = _ENDS[axis]
    return (beginning, end) if across[axis] > 0 else (end, beginning)


def mark_edges(axes: Axes, across: np.ndarray) -> None:
    """Write the letters of the sides half-way up at both edges of a section."""
    for letter, place in zip(edge_letters(np.asarray(across)), (0.03, 0.97), strict=True):
        axes.text(place, 0.5, letter, transform=axes.transAxes, ha="center", va="center", color="white", fontsize=9,
                  fontweight="bold", bbox={"facecolor": "black", "edgecolor": "none", "pad": 1.5})

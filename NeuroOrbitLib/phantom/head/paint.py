"""What the painters of the head draw on."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.phantom.tissue import Tissue


class Canvas:
    """Points with the label and tissue that each has so far.

    :param points: (P, 3) mm in the head frame.
    """

    def __init__(self, points: np.ndarray) -> None:
        self.points = points
        self.labels = np.zeros(len(points), dtype=np.uint8)
        self.tissues = np.zeros(len(points), dtype=np.uint8)

    def fill(self, mask: np.ndarray, tissue: Tissue) -> None:
        """Give the masked points this tissue."""
        self.tissues[mask] = tissue

    def near(self, low: tuple[float, float, float], high: tuple[float, float, float]) -> np.ndarray:
        """Indices of points with \\|x\\|, y and z between the corners (left and right alike)."""
        x, y, z = np.abs(self.points[:, 0]), self.points[:, 1], self.points[:, 2]
        places = np.flatnonzero((y > low[1]) & (y < high[1]))
        places = places[(z[places] > low[2]) & (z[places] < high[2])]
        return places[(x[places] >= low[0]) & (x[places] < high[0])]

    def folded(self, places: np.ndarray) -> np.ndarray:
        """The points at ``places`` with left folded onto right: x >= 0."""
        points = self.points[places].copy()
        points[:, 0] = np.abs(points[:, 0])
        return points

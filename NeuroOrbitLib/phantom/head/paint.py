"""The canvas on which the head is painted."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.phantom.tissue import Tissue


class Canvas:
    """Points with the label and tissue that each has been given so far.

    :param points: positions (P, 3) in the head frame (mm).
    """

    def __init__(self, points: np.ndarray) -> None:
        self.points = points
        self.labels = np.zeros(len(points), dtype=np.uint8)
        self.tissues = np.zeros(len(points), dtype=np.uint8)

    def fill(self, mask: np.ndarray, tissue: Tissue) -> None:
        """Give the masked points this tissue."""
        self.tissues[mask] = tissue

    def near(self, low: tuple[float, float, float], high: tuple[float, float, float]) -> np.ndarray:
        """Return the indices of points with \\|x\\|, y and z between the corners, i.e. on both sides."""
        x, y, z = np.abs(self.points[:, 0]), self.points[:, 1], self.points[:, 2]
        places = np.flatnonzero((y > low[1]) & (y < high[1]))
        places = places[(z[places] > low[2]) & (z[places] < high[2])]
        return places[(x[places] >= low[0]) & (x[places] < high[0])]

    def folded(self, places: np.ndarray) -> np.ndarray:
        """Return the points at the indices ``places``, with left mirrored to right: x >= 0."""
        points = self.points[places].copy()
        points[:, 0] = np.abs(points[:, 0])
        return points

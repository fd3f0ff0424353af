"""An unsteady hand, and the paths on which it moves the mouse."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter1d, label
from skimage.draw import line
from skimage.graph import MCP_Geometric
from skimage.measure import find_contours

#: Standard deviation of the mouse position from the intended one, along each axis (mm).
TREMOR_MM = 0.25
#: Length of a stroke (mm) over which the hand's error changes.
WOBBLE_MM = 3.0


@dataclass
class Hand:
    """Clicks and strokes with noise. Paths are (points, 2) rows and columns of pixels.

    :param pixel_mm: size (mm) of a pixel along rows and columns.
    """

    random: np.random.Generator
    pixel_mm: tuple[float, float]
    tremor_mm: float = TREMOR_MM

    def follow(self, path: np.ndarray) -> np.ndarray:
        """Return the actual path of the mouse: half of the variance is an offset, half changes along the path."""
        scale = self.tremor_mm / np.array(self.pixel_mm) / np.sqrt(2)
        step = self.travel_mm(path) / len(path)
        length = min(WOBBLE_MM / step, 100.0) if step else 1.0
        noise = self.random.normal(0, 1, (len(path) + int(6 * length), 2))
        middle = slice(int(3 * length), int(3 * length) + len(path))
        wobble = gaussian_filter1d(noise, length, axis=0)[middle] * np.sqrt(2 * length * np.sqrt(np.pi))
        return path + scale * (self.random.normal(0, 1, 2) + wobble)

    def travel_mm(self, path: np.ndarray) -> float:
        """Return the length (mm) of a stroke."""
        return float(np.linalg.norm(np.diff(path, axis=0) * self.pixel_mm, axis=1).sum())


def visited(path: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return the pixels that a stroke passes over: bool of ``shape``."""
    found = np.zeros(shape, bool)
    points = np.clip(np.round(path).astype(int), 0, np.array(shape) - 1)
    found[tuple(points[0])] = True
    for start, stop in pairwise(points):
        found[line(*start, *stop)] = True
    return found


def brushed(path: np.ndarray, radius_mm: float, shape: tuple[int, int], pixel_mm: tuple[float, float]) -> np.ndarray:
    """Return the pixels whose centre a round brush covers on its path: bool of ``shape``."""
    return distance_transform_edt(~visited(path, shape), sampling=pixel_mm) <= radius_mm


def largest_part(region: np.ndarray) -> np.ndarray:
    """Return the largest connected part of a non-empty region."""
    parts, count = label(region, np.ones((3, 3)))
    return region if count == 1 else parts == np.argmax(np.bincount(parts.ravel())[1:]) + 1


def centre_line(region: np.ndarray) -> np.ndarray:
    """Return a path (points, 2) through the middle of a connected region along its longest direction."""
    low, high = np.argwhere(region).min(axis=0), np.argwhere(region).max(axis=0) + 1
    part = np.pad(region[low[0]:high[0], low[1]:high[1]], 1)
    depth = distance_transform_edt(part)
    first = _farthest(part, np.unravel_index(np.argmax(depth), part.shape))
    last = _farthest(part, first)
    ways = MCP_Geometric(np.where(part, 1 + 20 * (1 - depth / depth.max()) ** 2, -1))
    ways.find_costs([first], [last])
    return np.array(ways.traceback(last), float) + low - 1


def _farthest(region: np.ndarray, start: tuple[int, int]) -> tuple[int, int]:
    costs, _ = MCP_Geometric(np.where(region, 1.0, -1.0)).find_costs([start])
    return np.unravel_index(np.argmax(np.where(region, costs, -1)), region.shape)


def loop(region: np.ndarray) -> np.ndarray:
    """Return a path (points, 2) around a region along its edge."""
    return max(find_contours(np.pad(region, 1).astype(float), 0.5), key=len) - 1

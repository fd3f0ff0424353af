"""The annotated real scans with the head turned in the scanner: tilted, turned and nodded, all interpolated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from NeuroOrbitLib.imaging.geometry import reorient_to_ras, resample, resample_labels
from NeuroOrbitLib.imaging.image import Grid, Image
from Testing.Experiments.validation.orbit.case import ScoredCase, Truth
from Testing.Experiments.validation.orbit.real import annotated_cases

#: Rotations (degrees) about RAS x (nod), y (roll) and z (yaw), in this order; positive nods lift the face.
TURNS = {
    "by 0 degrees": (0, 0, 0),
    "roll of 10 degrees": (0, 10, 0), "roll of 25 degrees": (0, -25, 0), "roll of 45 degrees": (0, 45, 0),
    "yaw of 20 degrees": (0, 0, 20), "yaw of 45 degrees": (0, 0, -45),
    "nod of 30 degrees up": (30, 0, 0), "nod of 30 degrees down": (-30, 0, 0),
    "nod, roll and yaw of 30 degrees": (-30, 30, 30), "roll and yaw of 45 degrees": (0, 45, 45),
}


def turned_cases() -> Iterator[ScoredCase]:
    """Yield every annotated scan in each of the turns, with its reference turned alike."""
    for case in annotated_cases():
        for name, degrees in TURNS.items():
            yield replace(case, group=f"turned: {name}", load=lambda case=case, degrees=degrees: turned(
                case.load(), degrees))


def turned(truth: Truth, degrees: tuple[float, float, float]) -> Truth:
    """Return the same patient in another pose, on a grid of the scan's own voxel size that holds the whole head.

    The grid is moved by half a voxel, so that a head that is not turned is interpolated like turned ones.
    """
    image = reorient_to_ras(truth.image)
    turn, middle = np.eye(4), image.grid.center
    turn[:3, :3] = Rotation.from_euler("xyz", degrees, degrees=True).as_matrix()
    turn[:3, 3] = middle - turn[:3, :3] @ middle
    grid = _grid_of_turned(image, turn)
    dark = float(image.array.min())
    parts = (truth.labels, truth.ignore)
    labels, ignore = (None if part is None else resample_labels(_moved(part, turn), grid) for part in parts)
    return Truth(resample(_moved(image, turn), grid, fill=dark), labels, ignore)


def _moved(image: Image, motion: np.ndarray) -> Image:
    return Image(image.array, motion @ image.affine)


def _grid_of_turned(image: Image, turn: np.ndarray) -> Grid:
    """Return a grid along the scan's axes that holds the turned scan, moved by half a voxel."""
    counts = np.array(image.array.shape[::-1])
    corners = np.array(np.meshgrid(*[(0, count - 1) for count in counts])).reshape(3, -1).T
    ijk = image.grid.ijk_from_ras(image.grid.ras_from_ijk(corners) @ turn[:3, :3].T + turn[:3, 3])
    low, high = np.floor(ijk.min(axis=0)).astype(int), np.ceil(ijk.max(axis=0)).astype(int)
    affine = image.affine.copy()
    affine[:3, 3] = image.grid.ras_from_ijk(low + 0.5)
    return Grid(tuple(int(count) for count in (high - low)[::-1]), affine)

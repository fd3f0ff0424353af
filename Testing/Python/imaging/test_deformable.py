"""Deformable registration: a known turn and a known smooth deformation are found again."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from NeuroOrbitLib.imaging.deformable import register_deformably
from NeuroOrbitLib.imaging.image import Grid, Image

GRID = Grid((36, 40, 32), np.array([[2.0, 0, 0, -31], [0, 2, 0, -39], [0, 0, 2, -35], [0, 0, 0, 1]]))


def head(points: np.ndarray) -> np.ndarray:
    """Values of a lopsided head of three tissues at points (..., 3) mm, each border smoothed over 2 mm."""
    x, y, z = np.moveaxis(points, -1, 0)
    skull = np.sqrt((x / 24) ** 2 + ((y + 3) / 31) ** 2 + ((z - 2) / 27) ** 2)
    brain = np.sqrt((x / 15) ** 2 + ((y - 6) / 16) ** 2 + ((z - 6) / 13) ** 2)
    nose = np.sqrt((x / 5) ** 2 + ((y - 27) / 9) ** 2 + ((z + 8) / 6) ** 2)
    neck = np.sqrt((x / 9) ** 2 + ((y + 14) / 9) ** 2 + ((z + 24) / 16) ** 2)
    inside = [1 / (1 + np.exp(12 * (level - 1))) for level in (skull, nose, neck, brain)]
    return (4 * np.max(inside[:3], axis=0) - 2 * inside[3]).astype(np.float32)


@pytest.mark.parametrize("degrees", [(0.0, 0.0, 0.0), (15.0, -3.0, 4.0)])
def test_turn_and_displacements_lead_to_the_same_place_of_the_anatomy(degrees):
    turn, pivot = Rotation.from_euler("xyz", degrees, degrees=True).as_matrix(), np.array([2.0, 5.0, -1.0])
    places = GRID.voxel_centers()
    # The moving head is 8 % longer.
    stretched = np.array([1.0, 1.08, 1.0])
    moving = Image(head(((places - pivot) @ turn / stretched) + pivot), GRID.affine)
    found, displacements = register_deformably(Image(head(places), GRID.affine), moving, pivot)
    led_to = (places - pivot + displacements) @ found.T + pivot
    expected = ((places - pivot) * stretched) @ turn.T + pivot
    border = np.abs(head(places) - 2) < 1.0
    off = np.linalg.norm(led_to - expected, axis=-1)[border]
    before = np.linalg.norm(places - expected, axis=-1)[border]
    assert off.mean() < 0.8 * before.mean() and off.mean() < 1.2
    assert np.allclose(found @ found.T, np.eye(3)) and np.linalg.det(found) > 0
    assert np.degrees(np.arccos((np.trace(found.T @ turn) - 1) / 2)) < 4.0

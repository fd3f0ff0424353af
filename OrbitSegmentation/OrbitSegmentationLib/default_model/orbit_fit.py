"""Fits the parametric orbit to a real one: first an affine, then each rectus onto its own labelled voxels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import least_squares
from scipy.spatial import cKDTree

from NeuroOrbitLib.phantom.labelmaps import rectus_of
from NeuroOrbitLib.phantom.orbit_shape import MuscleShape, OrbitShape
from NeuroOrbitLib.phantom.tube import smooth_path

_RECTI = ("superior rectus", "inferior rectus", "medial rectus", "lateral rectus")
#: The levator lies on the superior rectus, and the label maps do not part them.
_GUIDES = {"levator palpebrae superioris": "superior rectus"} | {name: name for name in _RECTI}
#: A control point follows the labelled voxels that lie so near to its depth (mm), at most so far (mm).
_NEAR_DEPTH, _LARGEST_SHIFT = 4.0, 3.0
_FEWEST_VOXELS = 12
#: How far the fit may go before the anatomy of the phantom is believed more than the labels (log scale, shear).
_PRIOR_SD = np.array([0.10, 0.10, 0.10, 0.12, 0.12])


def fit_orbit(muscle_points: np.ndarray, shape: OrbitShape) -> np.ndarray:
    """Affine from a real orbit's right-eye frame to the phantom's, both in mm with the globe centre as origin.

    :param muscle_points: (N, 3) mm of voxels labelled as extra-ocular muscle.
    :param shape: the phantom orbit to fit.
    :return: 3x3 matrix (scales along x, y, z and shears of x and z with y, since orbits diverge differently).
    """
    center_lines = np.concatenate([smooth_path(np.array(shape.muscle(name).path)) for name in _RECTI])
    tree = cKDTree(center_lines)
    behind_globe = muscle_points[(muscle_points[:, 1] < -4) & (muscle_points[:, 1] > -38)]

    def residuals(parameters: np.ndarray) -> np.ndarray:
        distances = tree.query(behind_globe @ fit_matrix(parameters).T)[0]
        # The prior weighs like a hundred voxels that miss by a millimetre.
        return np.concatenate([distances / np.sqrt(max(len(behind_globe), 1)), parameters / _PRIOR_SD * 0.5])

    if len(behind_globe) < 50:
        return np.eye(3)
    return fit_matrix(least_squares(residuals, np.zeros(5), loss="soft_l1").x)


def fit_matrix(parameters: np.ndarray) -> np.ndarray:
    """3x3 matrix of log scales (x, y, z) and shears (x with y, z with y)."""
    matrix = np.diag(np.exp(parameters[:3]))
    matrix[0, 1], matrix[2, 1] = parameters[3:]
    return matrix


def follow_muscles(muscle_points: np.ndarray, fit: np.ndarray, shape: OrbitShape) -> OrbitShape:
    """The orbit with the middle of each rectus moved to where the label map shows that muscle.

    Origins and insertions, which label maps show badly, stay.

    :param muscle_points: as for :func:`fit_orbit`. :param fit: its result.
    """
    local = (muscle_points[muscle_points[:, 1] < -4] @ fit.T).astype(float)
    if not len(local):
        return shape
    recti = rectus_of(local, np.array(shape.apex))
    shifts = {name: _shifts(shape.muscle(name), local[recti == shape.muscle(name).label]) for name in _RECTI}
    return replace(shape, muscles=tuple(_moved(muscle, shifts.get(_GUIDES.get(muscle.name, ""), ()))
                                        for muscle in shape.muscles))


def _shifts(muscle: MuscleShape, points: np.ndarray) -> list[np.ndarray]:
    """For each control point of a muscle's path: how far (x, z; y stays) its labelled voxels lie from the path."""
    line = smooth_path(np.array(muscle.path))
    shifts = [np.zeros(3)]
    for control in np.array(muscle.path)[1:-1]:
        near = points[np.abs(points[:, 1] - control[1]) < _NEAR_DEPTH]
        if len(near) < _FEWEST_VOXELS:
            shifts.append(np.zeros(3))
            continue
        shift = near.mean(axis=0) - line[np.abs(line[:, 1] - near[:, 1].mean()).argmin()]
        shift[1] = 0.0
        shifts.append(shift * min(1.0, _LARGEST_SHIFT / max(float(np.linalg.norm(shift)), 1e-6)))
    return [*shifts, np.zeros(3)]


def _moved(muscle: MuscleShape, shifts: Sequence[np.ndarray]) -> MuscleShape:
    if len(shifts) != len(muscle.path):
        return muscle
    path = np.array(muscle.path) + np.array(shifts)
    return replace(muscle, path=tuple(tuple(float(value) for value in point) for point in path))

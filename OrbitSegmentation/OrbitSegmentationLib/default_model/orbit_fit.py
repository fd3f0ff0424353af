"""Fits the parametric orbit to a real one: an affine that brings the recti's centre lines onto the labelled muscles."""

from __future__ import annotations

import numpy as np
from scipy.optimize import least_squares
from scipy.spatial import cKDTree

from NeuroOrbitLib.phantom.orbit_shape import OrbitShape
from NeuroOrbitLib.phantom.tube import smooth_path

_RECTI = ("superior rectus", "inferior rectus", "medial rectus", "lateral rectus")
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

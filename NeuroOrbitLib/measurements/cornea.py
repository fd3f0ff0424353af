"""Finds the front of the cornea in a CT, which the outline does not show under a closed lid.

Lid and cornea are about equally dense, so no edge is visible between them. The edge between the cornea and the anterior
chamber behind it is visible, and the thickness of the cornea varies little between people.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from scipy.special import ndtr

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.sections import plane_axes

#: Mean thickness of the middle of the cornea (standard deviation 0.031 mm; Doughty and Zaman 2000), and radius of its
#: front (mm).
THICKNESS_MM, RADIUS_MM = 0.535, 7.8
#: Densities are read along lines from the centre of the cornea's curvature, up to this angle (degrees) from its axis:
#: 4 mm of its front.
_CONE = np.radians(np.arange(0.0, 15.1, 3.0))
_AROUND = np.radians(np.arange(0.0, 360.0, 20.0))
#: Distances (mm) from the outline's front at which densities are read, the range in which the chamber is looked for,
#: and the depth of the chamber (mm).
_AHEAD_MM, _CHAMBER_MM, _DEPTH_MM = np.arange(-4.5, 3.05, 0.1), (-3.5, 1.0), 3.0
#: Distance (mm) beyond the chamber in which the cornea is looked for, and range (mm) of the fit on both sides of its
#: edge.
_TO_CORNEA_MM, _BESIDE_MM = 2.5, 1.6
_SMOOTHING = 3.0
#: Least difference (HU) of the chamber from lens and cornea, so that noise is not taken for a chamber.
_LEAST_HU = 8.0
#: Range of the blur of an edge in a scan (standard deviation, mm).
_BLURS_MM = (0.4, 0.6, 0.8, 1.0)
#: Largest distance (mm) of the cornea's front from the outline.
_FARTHEST_MM = 1.5


def cornea_beyond(ct: Image, front: np.ndarray, axis: np.ndarray) -> float | None:
    """Return how far (mm) the cornea's front lies in front of the globe's outline.

    The mean densities on lines through the cornea are fitted by a blurred model of a chamber, a cornea of usual
    thickness and a lid, air or fluid in front of it, each of uniform density.

    :param ct: Hounsfield units.
    :param front: frontmost point of the outline, RAS mm (3,).
    :param axis: unit vector (3,) from the globe's middle through the lens.
    :return: ``None`` if no dark chamber is visible between lens and cornea.
    """
    density = _along(ct, front, axis)
    edge = _chamber_edge(density)
    if edge is None:
        return None
    around = (edge - _BESIDE_MM < _AHEAD_MM) & (edge + _BESIDE_MM > _AHEAD_MM)
    fronts = np.arange(edge - 0.3, edge + 2 * THICKNESS_MM + 0.2, 0.02)
    fits = [(*_fit(_AHEAD_MM[around], density[around], at, blur), at) for at in fronts for blur in _BLURS_MM]
    error, contrast, beyond = min(fits)
    return float(beyond) if contrast > max(_LEAST_HU, error) and abs(beyond) <= _FARTHEST_MM else None


def foremost_of_cornea(apex: np.ndarray, center: np.ndarray, forward: np.ndarray) -> np.ndarray:
    """Return the point (3,) of a cornea that lies farthest along ``forward`` (3,).

    :param apex: front of the cornea on its own axis, RAS mm (3,).
    :param center: centre of the globe (3,), on this axis.
    :param forward: unit vector (3,).
    """
    axis = (apex - center) / np.linalg.norm(apex - center)
    return apex + RADIUS_MM * (forward - axis)


def _along(ct: Image, front: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """Return the mean densities (N,) at :data:`_AHEAD_MM` before ``front`` (3,), on spheres curved like the cornea."""
    first, second = (direction[0] for direction in plane_axes(axis[None]))
    off, around = (angle.ravel()[:, None] for angle in np.meshgrid(_CONE, _AROUND, indexing="ij"))
    lines = np.cos(off) * axis + np.sin(off) * (np.cos(around) * first + np.sin(around) * second)
    points = front - RADIUS_MM * axis + (RADIUS_MM + _AHEAD_MM)[:, None, None] * lines
    indices = ct.grid.ijk_from_ras(points.reshape(-1, 3))[:, ::-1].T
    values = ndimage.map_coordinates(ct.array, indices, output=np.float32, order=1, mode="nearest")
    return np.average(values.reshape(points.shape[:-1]), axis=1, weights=np.sin(off[:, 0] + _CONE[1] / 4))


def _chamber_edge(density: np.ndarray) -> float | None:
    """Return where (mm) densities have risen half-way from chamber to cornea; ``None`` if no chamber is visible."""
    smooth = ndimage.gaussian_filter1d(density, _SMOOTHING)
    step = _AHEAD_MM[1] - _AHEAD_MM[0]
    near = np.flatnonzero((_CHAMBER_MM[0] < _AHEAD_MM) & (_CHAMBER_MM[1] > _AHEAD_MM))
    chamber = int(near[smooth[near].argmin()])
    ahead = smooth[chamber:chamber + round(_TO_CORNEA_MM / step)]
    behind = smooth[max(chamber - round(_DEPTH_MM / step), 0):chamber + 1]
    if min(ahead.max(), behind.max()) - smooth[chamber] < _LEAST_HU:
        return None
    return float(_AHEAD_MM[chamber + int((ahead > (smooth[chamber] + ahead.max()) / 2).argmax())])


def _fit(ahead: np.ndarray, density: np.ndarray, front: float, blur: float) -> tuple[float, float]:
    """Fit the densities by a cornea that ends at ``front``.

    :param ahead: positions (N,) in mm.
    :param density: densities (N,) in HU.
    :param front: position of the cornea's front (mm).
    :param blur: standard deviation (mm) of the blur of edges.
    :return: root mean square error (HU), and difference in density between cornea and chamber (HU).
    """
    chamber, lid = ndtr((front - THICKNESS_MM - ahead) / blur), ndtr((ahead - front) / blur)
    tissues = np.stack([chamber, 1.0 - chamber - lid, lid], axis=1)
    levels = np.linalg.lstsq(tissues, density, rcond=None)[0]
    if levels[1] < levels[2]:  # no cornea is less dense than a lid
        tissues = np.stack([chamber, 1.0 - chamber], axis=1)
        levels = np.linalg.lstsq(tissues, density, rcond=None)[0]
    return float(np.sqrt(np.mean((density - tissues @ levels) ** 2))), float(levels[1] - levels[0])

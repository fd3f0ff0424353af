"""Facts about one segmented orbit that show whether its image is complete and of a kind that the model knows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.imaging.geometry import resample
from OrbitSegmentationLib.any_contrast.segment import GLOBE_CLASSES, SPACING, SegmentedOrbit
from OrbitSegmentationLib.impossible_places import emptiness
from OrbitSegmentationLib.orbit_frame import BOX_LOW

#: Smallest and largest radius (mm) of a globe.
_RADII = (10.0, 14.5)
#: Smallest number of visible points on a globe's surface from which its centre is estimated.
_LEAST_POINTS = 50
#: Thickness (mm) of the tissue around and behind a globe; distance in front of its centre at which air may begin.
_BED, _EQUATOR = 4.0, 4.0
#: Smallest volume (ml) of an empty space, which excludes dark spots in the vitreous.
_LARGE_SPACE = 2.0
#: Share of an empty space within the globe above which it is gas in an eye.
_SURROUNDED = 0.8
#: The space in front of the eye (mm from the globe's centre): smallest y, smallest x, largest distance along z.
_FRONT, _LATERAL, _HEIGHT = 15.0, -5.0, 12.0
_DARK_PERCENTILE = 30.0
#: Regions above and below an orbit (mm; x, y, lowest and highest |z|), and the voxel size for examining them (mm).
_BEYOND_X, _BEYOND_Y, _BEYOND_Z, _BEYOND_SPACING = (-20.0, 12.0), (-40.0, 0.0), (18.0, 32.0), 2.0


@dataclass(frozen=True)
class OrbitFacts:
    """Facts about the image of one orbit.

    :param seen: share of the orbit's surroundings that the scan shows, 0 to 1.
    :param emptied: share of the eyeball and its bed where the image is empty, 0 to 1, e.g. because the face was
        removed.
    :param certainty: clarity with which nerve and recti were recognised, 0 to 1.
    :param air_rank: share of the surroundings that is darker than the space in front of the eye, 0 to 1; near 0 in
            every CT and MRI, near 1 if the grey values are inverted. None if the scan does not show that space.
        :param above: brightness above the orbit minus that below it, -1 to 1: brain is brighter than the air of the
            maxillary sinus in every CT and MRI. None if the scan does not show both.
    """

    seen: float
    emptied: float
    certainty: float
    air_rank: float | None
    above: float | None


def orbit_facts(orbit: SegmentedOrbit, image: Image, is_ct: bool) -> OrbitFacts:
    """Return the facts about the image of an orbit.

    :param orbit: the segmented orbit.
    :param image: the scan that it was segmented in; CT in HU.
    :param is_ct: whether the scan is a CT.
    """
    grid = orbit.frame.grid(SPACING)
    outside = float(image.array.min()) - 1.0
    values, shown = _on_grid(image, grid, outside)
    empty = shown & (values <= emptiness(image, is_ct))
    globe = resample(Image(orbit.probabilities[list(GLOBE_CLASSES)].sum(axis=0), orbit.grid.affine), grid).array > 0.5
    return OrbitFacts(orbit.seen, _emptied_share(globe, empty), orbit.certainty, _air_rank(values, shown),
                      _brightness_above(orbit, image, outside))


def _on_grid(image: Image, grid: Grid, outside: float) -> tuple[np.ndarray, np.ndarray]:
    """Return grey values on a grid, and the mask of the part inside the scan; no voxel has the value ``outside``."""
    values = resample(image, grid, "linear", fill=outside).array
    return values, values >= outside + 1.0


def _emptied_share(globe: np.ndarray, empty: np.ndarray) -> float:
    """Return the share of the globe and its bed that lies in a large empty space, up to the equator.

    In front of the equator air is always near.
    """
    surface = globe & ~ndimage.binary_erosion(globe) & ~ndimage.binary_dilation(empty, iterations=2)
    points = np.argwhere(surface)
    if len(points) < _LEAST_POINTS:
        return 0.0
    center, radius = _sphere(points)
    offsets = np.indices(globe.shape).reshape(3, -1).T - center
    near = (np.linalg.norm(offsets, axis=1) <= radius + _BED / SPACING) & (offsets[:, 1] <= _EQUATOR / SPACING)
    return float(_large_pieces(empty, globe).ravel()[near].mean()) if near.any() else 0.0


def _large_pieces(mask: np.ndarray, globe: np.ndarray) -> np.ndarray:
    """Return the mask of large empty pieces, without gas in an eye, which the eye surrounds."""
    pieces, count = ndimage.label(mask)
    sizes = np.bincount(pieces.ravel()) * SPACING**3 / 1000
    of_globe = np.bincount(pieces[globe], minlength=count + 1) * SPACING**3 / 1000
    sizes[(of_globe > _SURROUNDED * sizes) | (np.arange(count + 1) == 0)] = 0.0
    return (sizes >= _LARGE_SPACE)[pieces]


def _sphere(points: np.ndarray) -> tuple[np.ndarray, float]:
    """Return centre and radius (voxels) of the least-squares sphere through points (N, 3), with a plausible radius."""
    system = np.column_stack([2.0 * points, np.ones(len(points))])
    solution = np.linalg.lstsq(system, (points**2).sum(axis=1), rcond=None)[0]
    radius = np.sqrt(max(solution[3] + (solution[:3] ** 2).sum(), 0.0))
    return solution[:3], float(np.clip(radius, _RADII[0] / SPACING, _RADII[1] / SPACING))


def _air_rank(values: np.ndarray, shown: np.ndarray) -> float | None:
    z, y, x = (low + SPACING * (np.arange(n) + 0.5)
               for low, n in zip(BOX_LOW[::-1], values.shape, strict=True))
    front = (y > _FRONT)[None, :, None] & (np.abs(z) < _HEIGHT)[:, None, None] & (x > _LATERAL)[None, None, :]
    if shown[front].mean() < 0.5:
        return None
    dark = np.percentile(values[front & shown], _DARK_PERCENTILE)
    return float((values[shown] < dark).mean())


def _brightness_above(orbit: SegmentedOrbit, image: Image, outside: float) -> float | None:
    near, far = _BEYOND_Z
    column = orbit.frame.grid(_BEYOND_SPACING, (_BEYOND_X[0], _BEYOND_Y[0], -far), (_BEYOND_X[1], _BEYOND_Y[1], far))
    values, shown = _on_grid(image, column, outside)
    count = round((far - near) / _BEYOND_SPACING)
    if min(shown[:count].mean(), shown[-count:].mean()) < 0.5:
        return None
    dark, bright = np.percentile(values[shown], (1, 90))
    scaled = np.clip((values - dark) / max(bright - dark, 1e-6), 0.0, 1.0)
    return float(scaled[-count:][shown[-count:]].mean() - scaled[:count][shown[:count]].mean())

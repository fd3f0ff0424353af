"""Measurement and placement of lesions: volume, diameter, elongation, angle to the ventricle, distances, region."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial import ConvexHull, cKDTree

from NeuroDifferentialLib.places.regions import Region
from NeuroOrbitLib.anatomy.brain import FLUID, INFRATENTORIAL, BrainPart
from NeuroOrbitLib.imaging.image import Grid

#: Distance (mm) from a voxel's centre, beside half a voxel, up to which a lesion touches a surface.
TOUCHING_MM = 1.0
#: Shares of a lesion's volume in a structure from which on it is named by the structure.
_CALLOSAL_SHARE, _DEEP_GREY_SHARE, _INFRATENTORIAL_SHARE = 0.4, 0.35, 0.5
#: Share of the whole cortex below which a piece of it is the rim of a lesion, which is as bright as grey matter.
_LEAST_CORTEX = 0.02
#: Smallest number of voxels of a lesion with a direction.
_FEWEST_FOR_SHAPE = 8
#: Smallest variance (mm2) of a voxel's own extent, so that the elongation of thin lesions is finite.
_LEAST_VARIANCE = 0.25


@dataclass(frozen=True)
class Lesion:
    """One lesion.

    :param number: value in the label map, from 1.
    :param region: region in which the lesion is.
    :param volume: volume (mm3).
    :param diameter: largest diameter (mm).
    :param elongation: ratio of the longest to the shortest principal axis, 1 for a sphere.
    :param ventricle_angle: angle (degrees) between the long axis and the surface of the nearest lateral ventricle, 90
        if perpendicular; None if the lesion is too small or round to have a direction.
    :param to_ventricle: smallest distance (mm) of its voxels to a lateral ventricle.
    :param to_cortex: smallest distance (mm) of its voxels to the cortex.
    :param to_lower_ventricles: smallest distance (mm) of its voxels to the third or fourth ventricle.
    :param temporal: whether most of it is in a temporal lobe.
    :param center: centre, RAS mm.
    :param parts: share of its volume in each part of the brain, by name.
    :param outside: share of its volume outside the brain.
    """

    number: int
    region: Region
    volume: float
    diameter: float
    elongation: float
    ventricle_angle: float | None
    to_ventricle: float
    to_cortex: float
    to_lower_ventricles: float
    temporal: bool
    center: tuple[float, float, float]
    parts: dict[str, float]
    outside: float = 0.0

    def as_row(self) -> dict[str, object]:
        """Return plain data for tables: names with units, numbers with fixed decimals."""
        return {
            "lesion": self.number, "region": self.region.value, "volume_mm3": round(self.volume, 1),
            "diameter_mm": round(self.diameter, 1), "elongation": round(self.elongation, 2),
            "ventricle_angle_deg": None if self.ventricle_angle is None else round(self.ventricle_angle),
            "to_lateral_ventricle_mm": _rounded(self.to_ventricle), "to_cortex_mm": _rounded(self.to_cortex),
            "to_third_or_fourth_ventricle_mm": _rounded(self.to_lower_ventricles), "temporal_lobe": self.temporal,
            "r_mm": round(self.center[0], 1), "a_mm": round(self.center[1], 1), "s_mm": round(self.center[2], 1),
        }


def measure_lesions(numbers: np.ndarray, parts: np.ndarray, grid: Grid) -> list[Lesion]:
    """Return the lesions of a label map, ordered by number.

    :param numbers: number of each voxel's lesion, (K, J, I); 0 for none.
    :param parts: :class:`BrainPart` values on the same grid.
    :param grid: grid of both in RAS axis order (I to the right, J to the front, K up).
    """
    spacing = grid.spacing[::-1]
    boxes = ndimage.find_objects(numbers)
    maps = _Distances.of(parts, numbers > 0, spacing, _near(boxes, numbers.shape))
    # Lesions get the part of their surroundings, so that a hole in a part does not name them.
    surroundings = _without_lesions(parts, numbers > 0, spacing)
    return [_measured(number, numbers[box] == number, box, maps, surroundings, grid)
            for number, box in enumerate(boxes, start=1) if box is not None]


@dataclass(frozen=True)
class _Distances:
    lateral: np.ndarray
    cortex: np.ndarray
    lower: np.ndarray
    temporal: np.ndarray
    outside: np.ndarray
    reach: float

    @classmethod
    def of(cls, parts: np.ndarray, lesions: np.ndarray, spacing: tuple[float, ...], near: np.ndarray) -> _Distances:
        lower = (parts == BrainPart.THIRD_VENTRICLE) | (parts == BrainPart.FOURTH_VENTRICLE)
        # The two finest directions are within a slice, whatever its plane; the third is the slice thickness.
        reach = TOUCHING_MM + sorted(spacing)[1]
        return cls(_to(parts == BrainPart.LATERAL_VENTRICLE, spacing, near),
                   _to(_cortex(parts, lesions), spacing, near), _to(lower, spacing, near),
                   _temporal_lobe(parts, spacing, near), parts == BrainPart.OUTSIDE, reach)


def _measured(number: int, own: np.ndarray, box: tuple[slice, ...], maps: _Distances, parts: np.ndarray, grid: Grid
              ) -> Lesion:
    spacing = grid.spacing[::-1]
    places = np.argwhere(own) + np.array([part.start for part in box])
    index = tuple(places.T)
    shares = np.bincount(parts[index], minlength=len(BrainPart)) / len(places)
    ras = grid.ras_from_ijk(places[:, ::-1])
    distances = [float(each[index].min()) for each in (maps.lateral, maps.cortex, maps.lower)]
    axis, elongation = _long_axis(places, spacing)
    return Lesion(
        number, _region(shares, distances, maps.reach), len(places) * grid.voxel_volume,
        _diameter(ras, places, spacing), elongation,
        _angle_to_ventricle(axis, places, maps.lateral, spacing) if axis is not None else None,
        *distances, bool(maps.temporal[index].mean() > 0.5), tuple(ras.mean(axis=0).tolist()),
        {part.title: round(float(shares[part]), 3) for part in BrainPart if shares[part] > 0},
        float(maps.outside[index].mean()))


def _region(shares: np.ndarray, distances: list[float], reach: float) -> Region:
    """Return the region by the part that the lesion is in, or else by the callosum, ventricle or cortex it touches."""
    lateral, cortex, lower = distances
    if shares[list(INFRATENTORIAL)].sum() >= _INFRATENTORIAL_SHARE:
        return Region.PERIEPENDYMAL if lower <= reach else Region.INFRATENTORIAL
    if lower <= reach and lower < lateral:
        return Region.PERIEPENDYMAL
    if shares[BrainPart.CORPUS_CALLOSUM] >= _CALLOSAL_SHARE:
        return Region.CALLOSAL
    if shares[BrainPart.DEEP_GREY] >= _DEEP_GREY_SHARE:
        return Region.DEEP_GREY
    if lateral <= reach:
        return Region.PERIVENTRICULAR
    return Region.JUXTACORTICAL if cortex <= reach else Region.DEEP_WHITE_MATTER


def _cortex(parts: np.ndarray, lesions: np.ndarray) -> np.ndarray:
    """Return the cortex, bool (K, J, I), without lesions and their rims, which look like grey matter inside white."""
    pieces, count = ndimage.label((parts == BrainPart.CORTEX) & ~lesions)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    sizes[0] = 0
    return (sizes > _LEAST_CORTEX * sizes.sum())[pieces]


def _near(boxes: list[tuple[slice, ...] | None], shape: tuple[int, ...]) -> np.ndarray:
    """Return the voxels whose distances are needed: the boxes of the lesions and one voxel around them."""
    result = np.zeros(shape, dtype=bool)
    for box in boxes:
        if box is not None:
            result[tuple(slice(max(part.start - 1, 0), part.stop + 1) for part in box)] = True
    return result


def _to(mask: np.ndarray, spacing: tuple[float, ...], near: np.ndarray) -> np.ndarray:
    """Return the distance (mm) to the nearest voxel of a mask, at the voxels ``near``; infinite elsewhere."""
    result = np.full(mask.shape, np.inf, dtype=np.float32)
    if mask.any() and near.any():
        surface = np.argwhere(mask & ~ndimage.binary_erosion(mask))
        found, _place = cKDTree(surface * np.array(spacing)).query(np.argwhere(near) * np.array(spacing))
        result[near] = np.where(mask[near], 0.0, found)
    return result


def _without_lesions(parts: np.ndarray, lesions: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    """Return the parts with grey matter and fluid inside lesions replaced by the nearest white matter."""
    doubtful = lesions & np.isin(parts, (*FLUID, BrainPart.OUTSIDE, BrainPart.CORTEX))
    if not doubtful.any() or doubtful.all():
        return parts
    solid = ~np.isin(parts, (*FLUID, BrainPart.OUTSIDE, BrainPart.CORTEX))
    nearest = ndimage.distance_transform_edt(~solid, spacing, return_distances=False, return_indices=True)
    return np.where(doubtful, parts[tuple(nearest)], parts)


def _temporal_lobe(parts: np.ndarray, spacing: tuple[float, ...], near: np.ndarray) -> np.ndarray:
    """Return white matter and cortex beside and below the hippocampus and amygdala, bool (K, J, I)."""
    medial = np.argwhere(parts == BrainPart.MEDIAL_TEMPORAL)
    if not len(medial):
        return np.zeros(parts.shape, dtype=bool)
    top = np.percentile(medial[:, 0], 75)
    low = np.arange(parts.shape[0])[:, None, None] <= top
    beside = _to(parts == BrainPart.MEDIAL_TEMPORAL, spacing, near) < 30.0
    return low & beside & np.isin(parts, (BrainPart.WHITE_MATTER, BrainPart.CORTEX, BrainPart.MEDIAL_TEMPORAL))


def _long_axis(places: np.ndarray, spacing: tuple[float, ...]) -> tuple[np.ndarray | None, float]:
    """Return the longest principal axis (unit vector in K, J, I mm; None if there is none) and the elongation."""
    if len(places) < _FEWEST_FOR_SHAPE:
        return None, 1.0
    among = np.cov((places * np.array(spacing)).T)
    # A lesion in a single slice is as thick as the slice, although its voxel centres are in one plane. A lesion that
    # is smaller than that within the slice counts as round, as it need not extend through the slice.
    own = np.clip(np.square(spacing) / 12 - _LEAST_VARIANCE, 0, np.linalg.eigvalsh(among)[2])
    values, vectors = np.linalg.eigh(among + np.diag(own))
    elongation = float(np.sqrt((values[2] + _LEAST_VARIANCE) / (max(values[0], 0.0) + _LEAST_VARIANCE)))
    return (vectors[:, 2] if values[2] > 1.2 * values[1] else None), elongation


def _angle_to_ventricle(axis: np.ndarray, places: np.ndarray, lateral: np.ndarray, spacing: tuple[float, ...]
                        ) -> float | None:
    """Return the angle (degrees) between the axis and the surface of the nearest lateral ventricle, None if unknown."""
    low = np.maximum(places.min(axis=0) - 1, 0)
    box = tuple(slice(start, stop) for start, stop in zip(low, places.max(axis=0) + 2, strict=True))
    if not np.isfinite(lateral[box]).all() or min(lateral[box].shape) < 2:
        return None
    normal = np.array([float(step.mean()) for step in np.gradient(lateral[box], *spacing)])
    length = float(np.linalg.norm(normal))
    if length < 0.2:
        return None
    return float(np.degrees(np.arcsin(min(abs(float(axis @ normal)) / length, 1.0))))


def _diameter(points: np.ndarray, places: np.ndarray, spacing: tuple[float, ...]) -> float:
    """Return the largest distance (mm) of two voxel centres, plus the size of a voxel in that direction.

    :param points: voxel centres (N, 3), RAS mm.
    :param places: indices (N, 3) along K, J, I of the same voxels.
    :param spacing: voxel size (mm) along K, J, I.
    """
    if len(points) == 1:
        return float(sorted(spacing)[1])
    chosen = _outermost(points)
    one, other = np.triu_indices(len(chosen), 1)
    steps = (places[chosen[one]] - places[chosen[other]]) * np.array(spacing)
    edges = np.linalg.norm(steps * np.array(spacing), axis=1) / np.linalg.norm(steps, axis=1)
    return float((np.linalg.norm(points[chosen[one]] - points[chosen[other]], axis=1) + edges).max())


def _outermost(points: np.ndarray) -> np.ndarray:
    """Return the indices of points that include the two that are farthest apart."""
    if len(points) <= 40:
        return np.arange(len(points))
    _left, lengths, axes = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    turned = points @ axes[lengths > 1e-6 * lengths[0]].T  # within one slice: two columns
    if turned.shape[1] == 1:
        return np.array([turned.argmin(), turned.argmax()])
    return ConvexHull(turned).vertices


def _rounded(value: float) -> float | None:
    return round(value, 1) if np.isfinite(value) else None

"""Brain with folded cortex, fluid around it, ventricles and the optic chiasm."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from NeuroOrbitLib.anatomy.structures import label_value
from NeuroOrbitLib.phantom.head.loft import in_ellipsoid
from NeuroOrbitLib.phantom.head.paint import Canvas
from NeuroOrbitLib.phantom.head.shape import CRANIAL_CAVITY, HeadShape
from NeuroOrbitLib.phantom.orbit.cavity import wall_sections
from NeuroOrbitLib.phantom.orbit.tube import Tube, round_tube, smooth_path
from NeuroOrbitLib.phantom.pattern import wave_pattern
from NeuroOrbitLib.phantom.tissue import Tissue

CHIASM = label_value("optic_chiasm")
CHIASM_CENTER = (0.0, -54.0, 9.0)


def paint_brain(shape: HeadShape, canvas: Canvas) -> None:
    """Fill the cranial cavity: fluid, grey and white matter, then the chiasm with its nerves."""
    places = np.flatnonzero(canvas.points[:, 2] > -38.0)
    places = places[CRANIAL_CAVITY.inside(canvas.points[places])]
    places = places[_above_skull_base(shape, canvas.folded(places))]
    points = canvas.points[places]
    canvas.tissues[places] = _brain_tissue(shape, points)
    _paint_chiasm(shape, canvas)


def _above_skull_base(shape: HeadShape, folded: np.ndarray) -> np.ndarray:
    """Return whether points (P, 3), x >= 0, lie above the floors of the anterior and middle cranial fossae."""
    x, y, z = folded.T
    local_y = y
    center_x, center_z, half_width, half_height = wall_sections(shape.right.cavity, local_y)
    across = (x - shape.interpupillary_distance / 2 - center_x) / (half_width + 3.0)
    over_orbit = np.abs(across) < 1
    height = (np.clip(1 - np.abs(across) ** 2.6, 0, 1)) ** (1 / 2.6) * (half_height + shape.roof_wall + 0.5)
    roof = np.where(over_orbit, center_z + height, 0)
    anterior = np.maximum(roof, 9.5 + 4.0 * np.clip((x - 12.0) / 14.0, 0, 1))
    # The body of the sphenoid falls off to the sides and, behind the sella, to the clivus.
    sphenoid = 4.0 - 16.0 * (x / 20.0) ** 4 - 14.0 * np.clip((-54.0 - y) / 14.0, 0, 2) ** 2
    # The lesser wing: step from the anterior down to the middle fossa.
    return np.where(y > -37.0, z > anterior, z > sphenoid)


def _brain_tissue(shape: HeadShape, points: np.ndarray) -> np.ndarray:
    fold = wave_pattern(points, 19.0, shape.folds)
    inner = CRANIAL_CAVITY.inside(points, -1.8)
    deep = CRANIAL_CAVITY.inside(points, -14.0)
    near_base = ~_above_skull_base(shape, _lowered(points))
    sulcus = (np.abs(fold) < 0.07) & ~deep
    fissure = (np.abs(points[:, 0]) < 0.8) & (points[:, 2] > 6.0) & ~_callosum(points)
    gray = (np.abs(fold) < 0.36) & ~deep | ~CRANIAL_CAVITY.inside(points, -4.8)
    deep_gray = in_ellipsoid(_folded(points), (16.0, -75.0, 38.0), (9.0, 16.0, 9.0))
    ventricle = in_ellipsoid(_folded(points), (9.0, -80.0, 50.0), (5.0, 28.0, 6.5))
    tissue = np.full(len(points), Tissue.WHITE_MATTER, dtype=np.uint8)
    tissue[gray | deep_gray] = Tissue.GRAY_MATTER
    tissue[sulcus | fissure | ~inner | near_base | ventricle | _cistern(points)] = Tissue.CSF
    return tissue


def _lowered(points: np.ndarray) -> np.ndarray:
    lower = _folded(points)
    lower[:, 2] -= 2.0
    return lower


def _folded(points: np.ndarray) -> np.ndarray:
    folded = points.copy()
    folded[:, 0] = np.abs(folded[:, 0])
    return folded


def _callosum(points: np.ndarray) -> np.ndarray:
    return in_ellipsoid(points, (0.0, -80.0, 42.0), (30.0, 38.0, 22.0))


def _cistern(points: np.ndarray) -> np.ndarray:
    """Return the suprasellar cistern, through which the optic nerves run."""
    return in_ellipsoid(points, (0.0, -55.0, 8.0), (17.0, 15.0, 7.0))


def _paint_chiasm(shape: HeadShape, canvas: Canvas) -> None:
    """Paint the intracranial optic nerves, the chiasm and the beginning of the tracts."""
    near = canvas.near((0.0, -76.0, -2.0), (22.0, -38.0, 22.0))
    if not len(near):
        return
    points = canvas.points[near].astype(np.float64)
    for tube in _chiasm_tubes(shape):
        hit, level, _ = tube.level(points)
        canvas.tissues[near[hit[level < 1]]] = Tissue.OPTIC_NERVE
    body = near[in_ellipsoid(points, CHIASM_CENTER, (6.5, 4.5, 2.3))]
    canvas.tissues[body], canvas.labels[body] = Tissue.OPTIC_NERVE, CHIASM


@lru_cache(maxsize=8)
def _chiasm_tubes(shape: HeadShape) -> list[Tube]:
    """Return the tubes of the optic tracts and intracranial optic nerves; the label of the nerves ends in the orbit."""
    tubes = []
    chiasm = np.array(CHIASM_CENTER)
    for side in "RL":
        exit_point = shape.from_orbit(np.array(shape.orbit(side).nerve.canal_exit), side)
        tract = chiasm + np.array([np.sign(exit_point[0]) * 12.0, -14.0, 3.0])
        tubes.append(round_tube(smooth_path(np.array([chiasm, tract])), 4.2))
        tubes.append(round_tube(smooth_path(np.array([exit_point, chiasm])), 4.2))
    return tubes

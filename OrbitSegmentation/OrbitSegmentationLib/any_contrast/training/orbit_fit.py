"""Fit of the parametric orbit to a real one: gaze, an affine, then recti and nerve onto their labelled voxels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import least_squares
from scipy.spatial import cKDTree

from NeuroOrbitLib.phantom.head.labelmaps import rectus_of
from NeuroOrbitLib.phantom.orbit.muscle import muscle_tube
from NeuroOrbitLib.phantom.orbit.raster import nerve_path
from NeuroOrbitLib.phantom.orbit.shape import GlandShape, MuscleShape, NerveShape, OrbitShape
from NeuroOrbitLib.phantom.orbit.tube import at_depth, smooth_path
from NeuroOrbitLib.phantom.orbit.vessels import random_vessels

_RECTI = ("superior rectus", "inferior rectus", "medial rectus", "lateral rectus")
#: The levator lies on the superior rectus, and the label maps do not separate them.
_GUIDES = {"levator palpebrae superioris": "superior rectus"} | {name: name for name in _RECTI}
#: Distance (mm) from the depth of a control point within which labelled voxels move it, and largest shift (mm).
_NEAR_DEPTH, _LARGEST_SHIFT = 4.0, 3.0
_FEWEST_VOXELS = 12
#: Factor by which the parametric walls are moved outwards, as the real walls hold the muscles: otherwise they would
#: push deep lateral recti inwards by more than half a millimetre.
_WALL_ROOM = 1.08
#: Centre of the nerve's head (mm) in the eyeball's frame, the mean over 24 orbits of label maps.
_NERVE_HEAD = (-5.4, -10.5, 1.9)
#: Largest turn of the eye of a tilted head (degrees), and the share of the random gaze that is added.
_LARGEST_GAZE, _GAZE_LEFT_TO_CHANCE = 30.0, 0.6
#: Number of rounds in which muscles and nerve approach their labelled voxels, since curves are smooth, and walls and
#: globe push them back; largest shift (mm) of the nerve at the mouth of the optic canal.
_ROUNDS, _LARGEST_MOUTH_SHIFT = 4, 2.5
#: SD (mm; x, y, z) of the random shifts of muscles from their labelled course.
_JITTER = (0.4, 0.8, 0.4)
#: SD (mm; x, y, z) of the random shifts of the nerve at a third and two thirds of its course, common to both and of
#: each, and its sag there below the label maps: these sag by 0.4 mm, three readers' outlines by 0, 1 and 2 mm.
_NERVE_JITTER, _NERVE_JITTER_OF_EACH, _NERVE_SAG = (0.7, 0.0, 0.9), (0.4, 0.0, 0.4), -0.5
#: Mean and SD (mm) of the nerve's sag in entirely parametric orbits, where it otherwise bows upwards.
_PARAMETRIC_SAG = (-0.8, 1.2)
#: Relative SD of thickness and width of muscles, in addition to the variation between people.
_SIZE_SPREAD = 0.12
#: SD of the lacrimal gland's place around the eye's axis (degrees); relative SD of its length, height and thickness.
_GLAND_TURN, _GLAND_SPREAD = 10.0, 0.18
#: SD of the prior of the fit (log scales, shears), beyond which the phantom's anatomy outweighs the labels.
_PRIOR_SD = np.array([0.10, 0.10, 0.10, 0.12, 0.12])


def fitted_orbit(muscle_points: np.ndarray, nerve_points: np.ndarray, shape: OrbitShape) -> (
        tuple[np.ndarray, OrbitShape]):
    """Return a parametric orbit fitted to a real one.

    :param muscle_points: positions (N, 3) of voxels labelled as muscle in the right-eye frame of the real orbit, mm.
    :param nerve_points: positions (M, 3) of voxels labelled as nerve in the same frame, mm.
    :param shape: the parametric orbit.
    :return: matrix of :func:`fit_orbit`, and the orbit that follows the labels.
    """
    shape = replace(shape, cavity=replace(shape.cavity, scale=_WALL_ROOM * shape.cavity.scale))
    shape = look_where_the_nerve_leaves(nerve_points, shape)
    fit = fit_orbit(muscle_points, shape)
    followed = follow_muscles(in_parametric_orbit(muscle_points, fit, shape), shape)
    return fit, follow_nerve(in_parametric_orbit(nerve_points, fit, shape), followed)


def in_parametric_orbit(points: np.ndarray, fit: np.ndarray, shape: OrbitShape) -> np.ndarray:
    """Return points around the real globe as points of the parametric orbit with its globe at rest.

    The fit fades out towards the globe, so that the eyeball stays round.

    :param points: positions (..., 3) relative to the real globe's centre, mm.
    :param fit: 3x3 matrix of :func:`fit_orbit`.
    :param shape: the parametric orbit.
    """
    distance = np.linalg.norm(points, axis=-1, keepdims=True) / shape.globe.radius
    weight = np.clip((distance - 1.1) / 0.8, 0.0, 1.0)
    return points + weight * (points @ (fit - np.eye(3)).T)


def look_where_the_nerve_leaves(nerve_points: np.ndarray, shape: OrbitShape) -> OrbitShape:
    """Return the orbit with eyeball and nerve's head turned to where the labelled nerve leaves the eyeball.

    Heads are tilted in scanners, and eyes look elsewhere. The gaze of ``shape`` is added in part.

    :param nerve_points: positions (M, 3) of voxels labelled as nerve, mm, see :func:`fitted_orbit`.
    :param shape: the parametric orbit.
    """
    distance = np.linalg.norm(nerve_points, axis=1)
    radius = shape.globe.radius
    behind = nerve_points[(distance > radius - 1.0) & (distance < radius + 3.5) & (nerve_points[:, 1] < 0)]
    globe = replace(shape.globe, nerve_head=_NERVE_HEAD)
    if len(behind) < _FEWEST_VOXELS:
        return replace(shape, globe=globe)
    turn = _gaze_that_turns(np.array(_NERVE_HEAD), behind.mean(axis=0))
    gaze = np.clip(turn, -_LARGEST_GAZE, _LARGEST_GAZE) + _GAZE_LEFT_TO_CHANCE * np.array(shape.gaze)
    return replace(shape, globe=globe, gaze=(float(gaze[0]), float(gaze[1])))


def _gaze_that_turns(start: np.ndarray, direction: np.ndarray) -> tuple[float, float]:
    """Return the gaze (abduction, elevation; degrees) that turns a point ``start`` behind the eye to ``direction``."""
    x, y, z = start / np.linalg.norm(start)
    target = direction / np.linalg.norm(direction)
    # Elevation sets the height, y sin + z cos; abduction then turns the rest sideways.
    height = np.clip(target[2] / np.hypot(y, z), -1, 1)
    pitch = np.arctan2(y, z) + np.arccos(height)
    backwards = y * np.cos(pitch) - z * np.sin(pitch)
    yaw = np.arctan2(backwards, x) - np.arctan2(target[1], target[0])
    return float(np.degrees(yaw)), float(np.degrees(pitch))


def fit_orbit(muscle_points: np.ndarray, shape: OrbitShape) -> np.ndarray:
    """Return the matrix from a real orbit's right-eye frame to the phantom's, both in mm from the globe's centre.

    :param muscle_points: positions (N, 3) of voxels labelled as extraocular muscle, mm.
    :param shape: the phantom orbit to fit.
    :return: 3x3 matrix of scales along x, y, z and shears of x and z with y, as orbits differ in divergence.
    """
    center_lines = np.concatenate([smooth_path(np.array(shape.muscle(name).path)) for name in _RECTI])
    tree = cKDTree(center_lines)
    behind_globe = muscle_points[(muscle_points[:, 1] < -4) & (muscle_points[:, 1] > -38)]

    def residuals(parameters: np.ndarray) -> np.ndarray:
        distances = tree.query(behind_globe @ fit_matrix(parameters).T)[0]
        # The prior has the weight of a hundred voxels that are off by a millimetre.
        return np.concatenate([distances / np.sqrt(max(len(behind_globe), 1)), parameters / _PRIOR_SD * 0.5])

    if len(behind_globe) < 50:
        return np.eye(3)
    return fit_matrix(least_squares(residuals, np.zeros(5), loss="soft_l1").x)


def fit_matrix(parameters: np.ndarray) -> np.ndarray:
    """Return the 3x3 matrix of log scales (x, y, z) and shears (x with y, z with y), parameters of shape (5,)."""
    matrix = np.diag(np.exp(parameters[:3]))
    matrix[0, 1], matrix[2, 1] = parameters[3:]
    return matrix


def follow_muscles(local: np.ndarray, shape: OrbitShape) -> OrbitShape:
    """Return the orbit with the middle part of each rectus moved to its labelled voxels.

    Origins and insertions, which label maps show poorly, stay.

    :param local: positions (N, 3) of voxels labelled as muscle in ``shape``, mm, see :func:`in_parametric_orbit`.
    :param shape: the parametric orbit.
    """
    local = local[local[:, 1] < -4].astype(float)
    if not len(local):
        return shape
    recti = rectus_of(local, np.array(shape.apex))
    before = shape
    for _ in range(_ROUNDS):
        shape = _muscles_nearer({name: local[recti == shape.muscle(name).label] for name in _RECTI}, shape, before)
    return shape


def _muscles_nearer(points: dict[str, np.ndarray], shape: OrbitShape, before: OrbitShape) -> OrbitShape:
    shifts = {name: _shifts(shape.muscle(name), muscle_tube(shape.muscle(name), shape).samples, points[name])
              for name in _RECTI}
    return replace(shape, muscles=tuple(
        _moved(muscle, shifts.get(_GUIDES.get(muscle.name, ""), ()), before.muscle(muscle.name))
        for muscle in shape.muscles))


def follow_nerve(local: np.ndarray, shape: OrbitShape) -> OrbitShape:
    """Return the orbit with the course of its nerve moved to the labelled voxels, up to the mouth of the optic canal.

    :param local: positions (N, 3) of voxels labelled as optic nerve in ``shape``, mm.
    :param shape: the parametric orbit.
    """
    local, before = local.astype(float), shape
    for _ in range(_ROUNDS):
        shape = _nerve_nearer(local, shape, before)
    return shape


def _nerve_nearer(local: np.ndarray, shape: OrbitShape, before: OrbitShape) -> OrbitShape:
    line, nerve = nerve_path(shape), shape.nerve
    length = shape.apex[1] - line[0, 1]
    third, two_thirds, mouth = (_shift(line, local, line[0, 1] + part * length) for part in (1 / 3, 2 / 3, 1))
    mouth = _limited(mouth + nerve.annulus - np.array(before.nerve.annulus), _LARGEST_MOUTH_SHIFT)
    moved = replace(
        nerve, third_shift=_vector(_limited(nerve.third_shift + third, _LARGEST_SHIFT)),
        two_thirds_shift=_vector(_limited(nerve.two_thirds_shift + two_thirds, _LARGEST_SHIFT)),
        annulus=_vector(before.nerve.annulus + mouth), canal_entrance=_vector(before.nerve.canal_entrance + mouth))
    return replace(shape, nerve=moved)


def jittered(shape: OrbitShape, rng: np.random.Generator) -> OrbitShape:
    """Return the orbit with random variations of courses and sizes of its muscles, its nerve's course and its gland.

    Label maps are not exact, and people differ. Sizes and courses vary more than between people, so that a network
    relies on the image rather than on the usual anatomy.
    """
    return replace(shape, muscles=tuple(_jittered_muscle(muscle, rng) for muscle in shape.muscles),
                   gland=_jittered_gland(shape.gland, rng), nerve=_jittered_nerve(shape.nerve, rng))


def with_random_sag(shape: OrbitShape, rng: np.random.Generator) -> OrbitShape:
    """Return an entirely parametric orbit with a nerve that sags randomly, as in people."""
    return replace(shape, nerve=replace(shape.nerve, sag=float(rng.normal(*_PARAMETRIC_SAG))))


def _jittered_nerve(nerve: NerveShape, rng: np.random.Generator) -> NerveShape:
    common = rng.normal((0.0, 0.0, _NERVE_SAG), _NERVE_JITTER)
    third, two_thirds = (_vector(shift + common + rng.normal(0.0, _NERVE_JITTER_OF_EACH))
                         for shift in (nerve.third_shift, nerve.two_thirds_shift))
    return replace(nerve, third_shift=third, two_thirds_shift=two_thirds)


def _jittered_gland(gland: GlandShape, rng: np.random.Generator) -> GlandShape:
    """Return the gland with a random position around the globe and a random size, as it varies with age and disease."""
    x, y, z = gland.center
    turn = np.radians(rng.normal(0.0, _GLAND_TURN))
    center = (x * np.cos(turn) - z * np.sin(turn), y, x * np.sin(turn) + z * np.cos(turn))
    length, height, thickness = rng.lognormal(0.0, _GLAND_SPREAD, 3) * (gland.length, gland.height, gland.thickness)
    return replace(gland, center=_vector(np.array(center)), length=float(length), height=float(height),
                   thickness=float(thickness))


def with_random_vessels(shape: OrbitShape, rng: np.random.Generator) -> OrbitShape:
    """Return the orbit with random vessels and nerves that cross the fat around its optic nerve."""
    superior_rectus = muscle_tube(shape.muscle("superior rectus"), shape).samples
    return replace(shape, vessels=random_vessels(rng, nerve_path(shape), superior_rectus))


def _jittered_muscle(muscle: MuscleShape, rng: np.random.Generator) -> MuscleShape:
    middle = (_vector(rng.normal(point, _JITTER)) for point in muscle.path[1:-1])
    return replace(muscle, path=(muscle.path[0], *middle, muscle.path[-1]),
                   thickness=float(muscle.thickness * rng.lognormal(0.0, _SIZE_SPREAD)),
                   width=float(muscle.width * rng.lognormal(0.0, _SIZE_SPREAD)))


def _shifts(muscle: MuscleShape, line: np.ndarray, points: np.ndarray) -> list[np.ndarray]:
    """Return the shift (x, 0, z) of each control point of a muscle's path to the labelled voxels at its depth."""
    return [np.zeros(3), *(_shift(line, points, control[1]) for control in muscle.path[1:-1]), np.zeros(3)]


def _shift(line: np.ndarray, points: np.ndarray, depth: float) -> np.ndarray:
    """Return the shift (x, 0, z) from a centre line (N, 3) to the points near a depth (y); 0 if there are too few."""
    near = points[np.abs(points[:, 1] - depth) < _NEAR_DEPTH]
    if len(near) < _FEWEST_VOXELS:
        return np.zeros(3)
    shift = near.mean(axis=0) - at_depth(line, near[:, 1].mean())
    shift[1] = 0.0
    return _limited(shift, _LARGEST_SHIFT)


def _limited(shift: np.ndarray, largest: float) -> np.ndarray:
    return shift * min(1.0, largest / max(float(np.linalg.norm(shift)), 1e-6))


def _vector(values: np.ndarray) -> tuple[float, float, float]:
    return tuple(float(value) for value in values)


def _moved(muscle: MuscleShape, shifts: Sequence[np.ndarray], before: MuscleShape) -> MuscleShape:
    if len(shifts) != len(muscle.path):
        return muscle
    start = np.array(before.path)
    moves = np.array(muscle.path) - start + np.array(shifts)
    return replace(muscle, path=tuple(_vector(point + _limited(move, _LARGEST_SHIFT))
                                      for point, move in zip(start, moves, strict=True)))

"""The face around the orbits: lids, nose, sinuses, cheek bones, chewing muscles."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.phantom.head.loft import in_ellipsoid
from NeuroOrbitLib.phantom.head.paint import Canvas
from NeuroOrbitLib.phantom.head.shape import SKIN_SURFACE, HeadShape
from NeuroOrbitLib.phantom.orbit.cavity import septum_depth
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape
from NeuroOrbitLib.phantom.orbit.surgery import front_of
from NeuroOrbitLib.phantom.orbit.tube import round_tube, smooth_path
from NeuroOrbitLib.phantom.pattern import wave_pattern
from NeuroOrbitLib.phantom.tissue import Tissue

LID_THICKNESS = 3.2
NOSE = (((0.0, 13.0, -6.0), (11.0, 10.0, 20.0)), ((0.0, 20.0, -26.0), (12.0, 19.0, 16.0)),
        ((0.0, 20.0, -38.0), (17.0, 14.0, 10.0)))


def skin_bumps(shape: HeadShape, points: np.ndarray) -> np.ndarray:
    """Return whether points (P, 3) lie in the protruding nose or in the closed lids over the globes."""
    bumps = np.zeros(len(points), dtype=bool)
    places = np.flatnonzero((points[:, 1] > -6.0) & (np.abs(points[:, 2]) < 60.0))
    for center, half_axes in NOSE:
        bumps[places] |= in_ellipsoid(points[places], center, half_axes)
    for side in "RL":
        bumps[places] |= over_globe(shape.orbit(side), shape.to_orbit(points[places], side))
    return bumps


def over_globe(orbit: OrbitShape, local: np.ndarray) -> np.ndarray:
    """Return whether points (P, 3) in an orbit's frame lie in its globe or the closed lids over it."""
    middle, radius = front_of(orbit)
    reach = radius + LID_THICKNESS
    from_globe = local - middle.astype(local.dtype)
    return in_ellipsoid(from_globe, (0.0, 0.0, 0.0), (1.3 * reach, reach + 0.6, 1.15 * reach))


def paint_lids(orbit: OrbitShape, canvas: Canvas, near: np.ndarray, local: np.ndarray, in_front: np.ndarray) -> None:
    """Paint lid muscle and tarsus in front of the septum, with a little fat above and below the globe."""
    depth = septum_depth(orbit.cavity, local, 0.0)
    lids = in_front & (depth < 2.0)
    soft = np.isin(canvas.tissues[near], (Tissue.MUSCLE, Tissue.SUBCUTANEOUS_FAT, Tissue.BONE, Tissue.THIN_BONE,
                                          Tissue.MARROW, Tissue.MUCOSA, Tissue.AIR))
    canvas.tissues[near[lids & soft]] = Tissue.EYELID
    middle, radius = front_of(orbit)
    fat = lids & soft & (depth > -2.5) & (np.linalg.norm(local - middle, axis=1) > radius + 1.5)
    canvas.tissues[near[fat]] = Tissue.SUBCUTANEOUS_FAT


def paint_soft_face(shape: HeadShape, canvas: Canvas) -> None:
    """Paint muscles and fat outside the skull."""
    _paint_face_fat(shape, canvas)
    _paint_temporal_fossa(canvas)


def paint_facial_skeleton(shape: HeadShape, canvas: Canvas) -> None:
    """Paint facial bones and air spaces."""
    _paint_skull_base(canvas)
    _paint_cheek_bones(canvas)
    _paint_maxilla(shape, canvas)
    _paint_nose(shape, canvas)
    _paint_ethmoid(shape, canvas)
    _paint_frontal_and_sphenoid(shape, canvas)


def _paint_face_fat(shape: HeadShape, canvas: Canvas) -> None:
    """Paint the cheeks and the deep face: muscle bundles in fat."""
    places = canvas.near((0.0, -110.0, -95.0), (80.0, 40.0, -2.0))
    fatty = wave_pattern(canvas.points[places], 26.0, shape.folds + 1) > 0.1
    deep = SKIN_SURFACE.inside(canvas.points[places], -3.0)
    canvas.tissues[places[fatty & deep]] = Tissue.SUBCUTANEOUS_FAT


def _paint_temporal_fossa(canvas: Canvas) -> None:
    """Paint the temporalis, lateral to the skull, with the fat pad in front of it."""
    places = canvas.near((36.0, -70.0, -48.0), (72.0, 0.0, 48.0))
    points = canvas.folded(places)
    belly = in_ellipsoid(points, (54.0, -30.0, 0.0), (17.0, 32.0, 48.0))
    belly &= SKIN_SURFACE.inside(canvas.points[places], -5.0)
    canvas.tissues[places[belly]] = Tissue.TEMPORALIS


def _paint_skull_base(canvas: Canvas) -> None:
    """Paint the sphenoid with its greater wings, and the bone below the temporal lobes."""
    places = canvas.near((0.0, -75.0, -34.0), (66.0, -26.0, 12.0))
    points = canvas.folded(places)
    body = in_ellipsoid(points, (0.0, -50.0, -8.0), (20.0, 22.0, 16.0), 4.0)
    trigone = in_ellipsoid(points, (28.0, -35.0, -4.0), (13.0, 5.0, 17.0))
    canvas.tissues[places[body | trigone]] = Tissue.MARROW
    core = in_ellipsoid(points, (0.0, -50.0, -8.0), (18.5, 20.5, 14.5), 4.0)
    core |= in_ellipsoid(points, (28.0, -35.0, -4.0), (11.0, 3.5, 15.0))
    canvas.tissues[places[(body | trigone) & ~core]] = Tissue.BONE


def _paint_cheek_bones(canvas: Canvas) -> None:
    """Paint the zygoma below and beside the lateral rim, and the zygomatic arch."""
    places = canvas.near((36.0, -80.0, -36.0), (76.0, 8.0, 6.0))
    points = canvas.folded(places).astype(np.float64)
    zygoma = in_ellipsoid(points, (50.0, -6.0, -16.0), (7.0, 8.5, 11.0))
    core = in_ellipsoid(points, (50.0, -6.0, -16.0), (4.5, 6.0, 8.5))
    canvas.tissues[places[zygoma]] = Tissue.BONE
    canvas.tissues[places[core]] = Tissue.MARROW
    arch = round_tube(smooth_path(np.array([[53.0, -12, -20], [63, -30, -21], [67, -52, -22], [66, -75, -20]])), 5.0)
    near, level, _ = arch.level(points)
    canvas.tissues[places[near[level < 1]]] = Tissue.BONE


def _paint_maxilla(shape: HeadShape, canvas: Canvas) -> None:
    """Paint the maxillary sinus under each orbit, in a thin bony box, and the palate below."""
    places = canvas.near((0.0, -42.0, -66.0), (56.0, 12.0, -6.0))
    points = canvas.folded(places)
    scale = shape.sinus_scale
    palate = in_ellipsoid(points, (0.0, -16.0, -54.0), (35.0, 28.0, 10.0))
    canvas.tissues[places[palate]] = Tissue.MARROW
    for size, tissue in ((1.6, Tissue.BONE), (0.6, Tissue.MUCOSA), (0.0, Tissue.AIR)):
        half_axes = (13.5 * scale + size, 17.0 * scale + size, 17.5 * scale + size)
        sinus = in_ellipsoid(points, (30.0, -12.0, -29.0), half_axes, 4.0)
        # The sinus narrows downwards and towards the cheek.
        sinus &= points[:, 0] + 0.35 * np.maximum(-30.0 - points[:, 2], 0) < 43.0 * scale + size
        canvas.tissues[places[sinus]] = tissue


def _paint_nose(shape: HeadShape, canvas: Canvas) -> None:
    """Paint nasal bones, nasal cavity, septum and turbinates."""
    places = canvas.near((0.0, -48.0, -48.0), (18.0, 26.0, 8.0))
    points = canvas.folded(places)
    x, y, z = points.T
    bone = in_ellipsoid(points, (0.0, 5.0, -3.0), (12.5, 13.5, 14.0))
    inside = in_ellipsoid(points, (0.0, 4.0, -4.0), (10.5, 11.5, 13.0))
    canvas.tissues[places[bone]] = Tissue.BONE
    canvas.tissues[places[inside]] = Tissue.MUCOSA
    canvas.tissues[places[inside & (x > 1.5) & (x < 6.0) & (y < 13.0)]] = Tissue.AIR
    cavity = in_ellipsoid(points, (0.0, -14.0, -26.0), (13.0, 32.0, 20.0), 4.0)
    canvas.tissues[places[cavity]] = Tissue.MUCOSA
    meander = 1.5 * wave_pattern(canvas.points[places], 30.0, shape.folds + 2, 3)
    air = cavity & (x > 1.4) & (x < 11.8)
    for height, length in ((-34.0, 24.0), (-20.0, 20.0)):
        turbinate = ((x - 6.5 - 0.2 * meander) / 3.8) ** 2 + ((z - height - meander) / 5.0) ** 2 < 1
        air &= ~(turbinate & (np.abs(y + 14.0) < length))
    canvas.tissues[places[air]] = Tissue.AIR
    septum = cavity & (x < 0.5)
    canvas.tissues[places[septum]] = Tissue.THIN_BONE


def _paint_ethmoid(shape: HeadShape, canvas: Canvas) -> None:
    """Paint air cells with thin, crooked septa between the medial walls of the orbits."""
    places = canvas.near((0.0, -36.0, -11.0), (14.5, 8.0, 9.5))
    points = canvas.points[places]
    half_width = shape.interpupillary_distance / 2 - 18.4 + 1.0
    block = np.abs(points[:, 0]) < half_width
    bend = wave_pattern(points, 22.0, shape.folds + 3, 4)
    walls = np.abs(np.sin(np.pi * (points[:, 1] + 2.0 * bend) / 8.5)) < 0.16
    walls |= np.abs(np.sin(np.pi * (points[:, 2] + 1.5 * bend) / 8.0)) < 0.14
    walls |= np.abs(np.abs(points[:, 0]) - 5.5 - 0.8 * bend) < 0.7
    lining = np.abs(points[:, 0]) < 1.1
    tissue = np.where(walls, Tissue.MUCOSA, Tissue.AIR)
    tissue[walls & (np.abs(bend) < 0.6)] = Tissue.THIN_BONE
    tissue[lining] = Tissue.THIN_BONE
    tissue[points[:, 2] > 8.6] = Tissue.BONE
    canvas.tissues[places[block]] = tissue[block]


def _paint_frontal_and_sphenoid(shape: HeadShape, canvas: Canvas) -> None:
    """Paint the frontal bone between the brows with its sinus, and the sphenoid sinus."""
    scale = shape.sinus_scale
    places = canvas.near((0.0, -64.0, -22.0), (24.0, 20.0, 40.0))
    points = canvas.folded(places)
    glabella = in_ellipsoid(points, (0.0, 4.0, 19.0), (24.0, 11.5, 12.0))
    bend = 1.5 * wave_pattern(canvas.points[places], 16.0, shape.folds + 4, 4)
    points[:, 0] += bend
    frontal = in_ellipsoid(points, (9.0, 6.0, 20.0), (8.5 * scale, 5.0 * scale, 9.0 * scale))
    lining = in_ellipsoid(points, (9.0, 6.0, 20.0), (9.5 * scale, 6.0 * scale, 10.0 * scale))
    for mask, tissue in ((glabella, Tissue.BONE), (glabella & lining, Tissue.MUCOSA), (glabella & frontal, Tissue.AIR)):
        canvas.tissues[places[mask]] = tissue
    sphenoid = in_ellipsoid(points, (8.2, -48.0, -6.5), (7.4 * scale, 11.5 * scale, 9.5 * scale), 4.0)
    canvas.tissues[places[sphenoid]] = Tissue.AIR

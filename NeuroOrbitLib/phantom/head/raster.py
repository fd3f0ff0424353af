"""The structure and the tissue at given points of a head (RAS mm, origin between the globes)."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.phantom.head.brain import paint_brain
from NeuroOrbitLib.phantom.head.face import over_globe, paint_facial_skeleton, paint_lids, paint_soft_face, skin_bumps
from NeuroOrbitLib.phantom.head.paint import Canvas
from NeuroOrbitLib.phantom.head.shape import CRANIAL_CAVITY, SKIN_SURFACE, HeadShape
from NeuroOrbitLib.phantom.orbit.raster import CAVITY, orbit_bounds, rasterise_orbit_with_parts
from NeuroOrbitLib.phantom.orbit.tube import indices_in_box
from NeuroOrbitLib.phantom.orbit.wall import in_or_near_cavity, wall_bone
from NeuroOrbitLib.phantom.tissue import Tissue

CHUNK = 400_000


def rasterise_head(shape: HeadShape, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return label and tissue at each point.

    :param shape: the head.
    :param points: positions (..., 3) in the head frame (R, A, S; mm), on any grid.
    :return: label values of the product (uint8) and :class:`Tissue` classes (uint8), both ``points.shape[:-1]``.
    """
    flat = np.asarray(points, dtype=np.float32).reshape(-1, 3)
    labels = np.zeros(len(flat), dtype=np.uint8)
    tissues = np.zeros(len(flat), dtype=np.uint8)
    for start in range(0, len(flat), CHUNK):
        part = slice(start, start + CHUNK)
        labels[part], tissues[part] = _rasterise_chunk(shape, flat[part])
    return labels.reshape(points.shape[:-1]), tissues.reshape(points.shape[:-1])


def _rasterise_chunk(shape: HeadShape, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    labels = np.zeros(len(points), dtype=np.uint8)
    tissues = np.zeros(len(points), dtype=np.uint8)
    around = shape.surroundings
    in_head = np.flatnonzero(is_in_head(shape, points))
    if not len(in_head):
        return labels, tissues
    canvas = Canvas(points[in_head])
    if around is None:
        _paint_outside_orbits(shape, canvas)
    else:
        canvas.tissues[:] = around.at(points)
    for side in "RL":
        _paint_orbit(shape, canvas, side)
    labels[in_head], tissues[in_head] = canvas.labels, canvas.tissues
    return labels, tissues


def is_in_head(shape: HeadShape, points: np.ndarray) -> np.ndarray:
    """Return whether points (P, 3) of the head frame can show the head: beyond the skin there is nothing, not even the
    front of an orbit that reaches so far. Orbits are painted in a real head wherever they lie, also where its map has
    air.
    """
    if shape.surroundings is not None:
        return np.ones(len(points), dtype=bool)
    return SKIN_SURFACE.inside(points) | skin_bumps(shape, points)


def _paint_outside_orbits(shape: HeadShape, canvas: Canvas) -> None:
    """Paint scalp, skull, face and brain as if there were no orbits, but with room left for them."""
    points = canvas.points
    canvas.tissues[:] = Tissue.SKIN
    canvas.fill(SKIN_SURFACE.inside(points, -2.0), Tissue.SUBCUTANEOUS_FAT)
    canvas.fill(SKIN_SURFACE.inside(points, -2.0 - shape.scalp_fat), Tissue.MUSCLE)
    paint_soft_face(shape, canvas)
    _paint_vault(shape, canvas)
    paint_facial_skeleton(shape, canvas)
    paint_brain(shape, canvas)


def _paint_vault(shape: HeadShape, canvas: Canvas) -> None:
    """Paint outer table, marrow and inner table around the cranial cavity."""
    thickness = shape.skull_thickness
    places = np.flatnonzero(canvas.points[:, 2] > -32.0)
    points = canvas.points[places]
    skull = CRANIAL_CAVITY.inside(points, thickness)
    for grow, tissue in ((thickness, Tissue.BONE), (0.72 * thickness, Tissue.MARROW), (0.3 * thickness, Tissue.BONE)):
        canvas.tissues[places[skull & CRANIAL_CAVITY.inside(points, grow)]] = tissue


def _paint_orbit(shape: HeadShape, canvas: Canvas, side: str) -> None:
    orbit = shape.orbit(side)
    local = shape.to_orbit(canvas.points, side)
    low, high = orbit_bounds(orbit)
    near = indices_in_box(local, low - 10.0, high + 10.0)
    if not len(near):
        return
    local = local[near]
    canvas.tissues[near[wall_bone(shape, orbit, local)]] = Tissue.THIN_BONE
    in_front = in_or_near_cavity(orbit, local)
    if shape.surroundings is not None:  # the lids end where the face of the map does, but for those over the globe
        in_front &= (canvas.tissues[near] != Tissue.AIR) | over_globe(orbit, local)
    paint_lids(orbit, canvas, near, local, in_front)
    labels, parts = rasterise_orbit_with_parts(orbit, local)
    inside = parts > 0
    canvas.tissues[near[inside]] = parts[inside]
    inside = (labels > 0) & (labels != CAVITY)
    canvas.labels[near[inside]] = labels[inside] + (1 if side == "L" else 0)

"""Label maps of phantom heads on any grid, without their images: what measuring is tested on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from NeuroOrbitLib.imaging.geometry import grid_around
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.phantom.head.raster import rasterise_head
from NeuroOrbitLib.phantom.head.shape import HeadShape, random_head_shape
from NeuroOrbitLib.phantom.scanner.rendering import Pose

SIZE_MM, CENTER = (128.0, 72.0, 56.0), (0.0, -14.0, 1.0)


def head(seed: int = 3, severity: float = 0.0) -> HeadShape:
    """A random head."""
    return random_head_shape(np.random.default_rng(seed), "F", severity)


def label_map(shape: HeadShape, spacing: tuple[float, float, float] = (0.8, 0.8, 0.8),
              pose: Pose | None = None) -> Image:
    """Labels of a head that lies in ``pose``, on a straight grid around its orbits."""
    pose = pose or Pose.neutral()
    size = np.array(SIZE_MM) + (0.0 if pose.rotation is None or np.allclose(pose.rotation, np.eye(3)) else 26.0)
    return labels_on(shape, grid_around(pose.to_patient(np.array(CENTER)), tuple(size), spacing), pose)


def tilted_label_map(shape: HeadShape, spacing: tuple[float, float, float], degrees: float) -> Image:
    """Labels of a head in slices of a tilted gantry: the table moves along z, so that the axes are sheared.

    :param spacing: of pixels, and the distance of the slices' planes (mm). :param degrees: by which they are tilted.
    """
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    directions = np.array([[1.0, 0, 0], [0, cosine, sine], [0, 0, 1 / cosine]]).T
    sizes = np.add(SIZE_MM, (0.0, 40.0, 40.0))
    count = np.ceil(sizes / spacing).astype(int)
    affine = np.eye(4)
    affine[:3, :3] = directions * spacing
    affine[:3, 3] = np.array(CENTER) - affine[:3, :3] @ ((count - 1) / 2)
    return labels_on(shape, Grid(tuple(count[::-1]), affine), Pose.neutral())


def labels_on(shape: HeadShape, grid: Grid, pose: Pose) -> Image:
    """Labels of a head that lies in ``pose``, on any grid."""
    indices = np.stack(np.meshgrid(*[np.arange(count) for count in grid.shape], indexing="ij"), axis=-1)
    points = pose.to_head(grid.ras_from_ijk(indices[..., ::-1]))
    return Image(rasterise_head(shape, points)[0], grid.affine)


def swollen(shape: HeadShape, side: str, muscle: str, factor: float) -> HeadShape:
    """The head with one muscle of one side ("R" or "L") enlarged."""
    orbit = shape.orbit(side)
    muscles = tuple(replace(each, swelling=factor) if each.name == muscle else each for each in orbit.muscles)
    return replace(shape, **{{"R": "right", "L": "left"}[side]: replace(orbit, muscles=muscles)})

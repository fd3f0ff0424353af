"""A plain brain of ellipsoids as a label map with FreeSurfer's values, for tests without real heads."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.brain.head import LabelledBrain, brain_parts


def toy_labels(spacing: float = 2.0) -> Image:
    """Return a head label map of ellipsoids (int16), axes RAS, as large as an adult's head."""
    size = np.round(np.array((190, 220, 180)) / spacing).astype(int)
    affine = np.diag([spacing, spacing, spacing, 1.0])
    affine[:3, 3] = -spacing * (size - 1) / 2
    k, j, i = np.meshgrid(*[np.arange(count) for count in size[::-1]], indexing="ij")
    x, y, z = np.moveaxis(np.stack([i, j, k], axis=-1) * spacing + affine[:3, 3], -1, 0)

    def ball(center: tuple[float, float, float], radii: tuple[float, float, float]) -> np.ndarray:
        return sum(((axis - c) / r) ** 2 for axis, c, r in zip((x, y, z), center, radii, strict=True)) < 1

    labels = np.zeros(x.shape, dtype=np.int16)
    left = x < 0
    for value, radii in ((511, (86, 104, 84)), (515, (80, 98, 78)), (24, (74, 92, 72))):
        labels[ball((0, 0, 0), radii)] = value
    cerebrum = ball((0, 0, 8), (70, 88, 60)) & (np.abs(x) > 1.5 + spacing / 4)
    inner = ball((0, 0, 8), (64, 82, 54)) & (np.abs(x) > 5)
    labels[cerebrum] = np.where(left, 3, 42)[cerebrum]
    labels[inner] = np.where(left, 2, 41)[inner]
    bridge = (np.abs(x) < 8) & ball((0, 0, 24), (10, 38, 10)) & (z > 22)
    labels[bridge] = np.where(left, 2, 41)[bridge]
    for sign, values in ((-1, (10, 17, 4)), (1, (49, 53, 43))):
        labels[ball((sign * 16, -4, 2), (9, 16, 9))] = values[0]
        labels[ball((sign * 30, -14, -18), (7, 15, 6))] = values[1]
        labels[ball((sign * 9, -2, 15), (6, 34, 8))] = values[2]
    labels[ball((0, -8, 0), (3, 12, 9))] = 14
    labels[ball((0, -42, -42), (48, 28, 24)) & ball((0, 0, 0), (72, 90, 70))] = 8
    labels[ball((0, -42, -42), (26, 14, 10))] = 7
    labels[ball((0, -18, -38), (12, 11, 34)) & ball((0, 0, 0), (73, 91, 71))] = 16
    labels[ball((0, -29, -34), (4, 5, 8))] = 15
    return Image(labels, affine)


def toy_brain(spacing: float = 2.0) -> LabelledBrain:
    """Return the plain brain, ready for lesions."""
    labels = toy_labels(spacing)
    return LabelledBrain("toy", labels, brain_parts(labels))

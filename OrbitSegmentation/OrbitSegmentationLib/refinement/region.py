"""The region that a fill is limited to, as large as the seeds suggest, so that the rest of the head costs no time."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.imaging.boxes import Box, box_around

#: Distance (mm) that a structure may reach beyond its seeds: a click in the middle of an eyeball fills the eyeball.
DEFAULT_MARGIN = 12.0


def seed_region(foreground: np.ndarray, spacing: tuple[float, float, float], margin: float) -> Box | None:
    """Return the box around the foreground seeds, grown by a margin on every side as far as the image reaches.

    :param foreground: seeds, bool (K, J, I).
    :param spacing: voxel size (mm) along K, J, I.
    :param margin: margin on every side (mm).
    :return: box, or ``None`` without seeds.
    """
    box = box_around(foreground)
    if box is None:
        return None
    voxels = np.ceil(margin / np.asarray(spacing) - 1e-6).astype(int)
    return box.grown(tuple(int(count) for count in voxels)).inside(foreground.shape)


def inner_faces(box: Box, shape: tuple[int, int, int]) -> np.ndarray:
    """Return the outermost voxels of the box, except where the image ends; bool, shape of the box.

    As the structure lies within the box, these are background. An axis along which the box has fewer than three voxels
    has no faces, so that a single slice may be filled entirely.
    """
    faces = np.zeros(box.shape, dtype=bool)
    for axis, (start, stop, size) in enumerate(zip(box.start, box.stop, shape, strict=True)):
        layers = np.moveaxis(faces, axis, 0)
        if len(layers) < 3:
            continue
        layers[0] |= start > 0
        layers[-1] |= stop < size
    return faces

"""The region that a fill may use: as large as the seeds suggest, so that the rest of the head costs no time."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.imaging.boxes import Box, box_around

#: How far beyond its seeds a structure may reach (mm): a click in the middle of an eyeball fills the eyeball.
DEFAULT_MARGIN = 12.0


def seed_region(foreground: np.ndarray, spacing: tuple[float, float, float], margin: float) -> Box | None:
    """The box around the foreground seeds, grown by ``margin`` mm on every side as far as the image reaches.

    :param foreground: seeds (K, J, I); :param spacing: voxel size along K, J, I (mm).
    :return: ``None`` without seeds.
    """
    box = box_around(foreground)
    if box is None:
        return None
    voxels = np.ceil(margin / np.asarray(spacing) - 1e-6).astype(int)
    return box.grown(tuple(int(count) for count in voxels)).inside(foreground.shape)


def inner_faces(box: Box, shape: tuple[int, int, int]) -> np.ndarray:
    """The outermost voxels of the box, except where it ends with the image; bool, shape of the box.

    What is sought lies within the box, so these are background. An axis along which the box has fewer than three
    voxels has no faces: all of a single slice may be filled.
    """
    faces = np.zeros(box.shape, dtype=bool)
    for axis, (start, stop, size) in enumerate(zip(box.start, box.stop, shape, strict=True)):
        layers = np.moveaxis(faces, axis, 0)
        if len(layers) < 3:
            continue
        layers[0] |= start > 0
        layers[-1] |= stop < size
    return faces

"""A small head with two simple orbits, for tests of the papers' networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging.image import Image
from Testing.dicom_series import write_image

EYES = {Side.RIGHT: np.array([31.0, 30.0, 0.0]), Side.LEFT: np.array([-31.0, 31.0, 1.0])}
# Middle of each structure from the eye's middle on the right side, half axes, HU.
PARTS = {
    "eyeball": ((0, 0, 0), (12, 12, 12), 10),
    "optic_nerve": ((-5, -24, 0), (3, 13, 3), 36),
    "superior_rectus": ((-5, -14, 11), (5, 12, 3), 50),
    "inferior_rectus": ((-5, -14, -12), (5, 12, 3), 50),
    "medial_rectus": ((-14, -12, 0), (3, 12, 5), 50),
    "lateral_rectus": ((10, -14, 0), (3, 12, 5), 50),
}


def make_toy_head(spacing: float = 2.0, seed: int = 0) -> tuple[Image, Image]:
    """(CT, label map) of a block of fat with two orbits; axes I, J, K run to left, posterior, superior."""
    counts = np.round(np.array([130.0, 110.0, 56.0]) / spacing).astype(int)
    affine = np.diag([-spacing, -spacing, spacing, 1.0])
    affine[:3, 3] = [64.0, 62.0, -27.0]
    labels = Image(np.zeros(counts[::-1], dtype=np.uint8), affine)
    k, j, i = np.indices(labels.array.shape)
    points = labels.grid.ras_from_ijk(np.stack([i, j, k], axis=-1))
    hounsfield = np.full(labels.array.shape, -95.0)
    for side, eye in EYES.items():
        for key, (middle, half_axes, value) in PARTS.items():
            offset = np.array(middle, dtype=float) * [side.x_sign, 1, 1]
            inside = (((points - eye - offset) / half_axes) ** 2).sum(axis=-1) <= 1
            inside &= labels.array == 0
            labels.array[inside] = label_value(key, side)
            hounsfield[inside] = value
    noise = np.random.default_rng(seed).normal(0, 8, hounsfield.shape)
    return Image((hounsfield + noise).astype(np.int16), affine), labels


@pytest.fixture(scope="session")
def effect_modules():
    """The modules of the effects, loaded once as when the application starts."""
    from slicerhost import session

    session.start().load_modules([Path(__file__).resolve().parents[2]])


@pytest.fixture(scope="session")
def toy_head() -> tuple[Image, Image]:
    """(CT, label map), 2 mm voxels; do not change the arrays."""
    return make_toy_head()


@pytest.fixture(scope="session")
def toy_eyes() -> dict[Side, np.ndarray]:
    """Middle of each eyeball of the toy head, RAS mm."""
    return EYES


@pytest.fixture(scope="session")
def toy_head_maker():
    """Function (spacing, seed) -> (CT, label map)."""
    return make_toy_head


@pytest.fixture(scope="session")
def dicom_series_writer():
    """Function (image, folder) that writes a DICOM series."""
    return write_image

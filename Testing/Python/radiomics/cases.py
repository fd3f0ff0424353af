"""Small scans with regions for the tests of radiomics."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.radiomics.profiles import Profile
from NeuroOrbitLib.radiomics.settings import Extraction

ALL_IMAGES = {"Original": {}, "Wavelet": {}, "Square": {}, "SquareRoot": {}, "Logarithm": {}, "Exponential": {},
              "Gradient": {}, "LBP2D": {}, "LoG": {"sigma": [1.0, 2.5]}}


def scan_with_regions(seed: int, shape: tuple[int, int, int] = (9, 17, 18),
                      spacing: tuple[float, float, float] = (0.7, 0.7, 3.0), kind: type = np.int16,
                      lowest: float = -150.0) -> tuple[Image, Image]:
    """A textured scan and two ellipsoids, labels 101 and 102 (none of the orbit's); spacing in mm along I, J, K."""
    random = np.random.default_rng(seed)
    texture = gaussian_filter(random.normal(size=shape), 0.8) + 0.3 * random.normal(size=shape)
    values = (lowest + (texture - texture.min()) / np.ptp(texture) * 800).astype(kind)
    labels = np.zeros(shape, np.uint8)
    places = np.indices(shape)
    for label, share in ((101, 0.3), (102, 0.7)):
        distance = sum(((axis - share * size) / max(1.4, random.uniform(0.18, 0.3) * size)) ** 2
                       for axis, size in zip(places, shape, strict=True))
        labels[distance < 1] = label
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = random.uniform(-50, 50, 3)
    return Image(values, affine), Image(labels, affine)


def profile(**parameters: object) -> Profile:
    """A profile of one pass from the content of a parameter file."""
    return Profile("test", "", (Extraction.from_parameters(parameters),))

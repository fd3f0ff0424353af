"""Colours of heat maps in pictures, as in the colour table Iron of 3D Slicer."""

from __future__ import annotations

import numpy as np


def heat_pixels(heat: np.ndarray, largest: float) -> np.ndarray:
    """Return heat from 0 (black) over red to ``largest`` (yellow) as pixels, uint8 (..., 3)."""
    level = np.clip(heat / (largest if largest > 0 else 1.0), 0.0, 1.0)
    # Along the table the hue runs from 0 to a sixth of the circle and the value from 0 to 1, at full saturation.
    pixels = np.stack([level, level * level, np.zeros_like(level)], axis=-1)
    return (255 * pixels).astype(np.uint8)

"""Slices as small pictures for reports."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

import numpy as np


def png_data_url(pixels: np.ndarray) -> str:
    """A picture for an HTML page that needs no other file.

    :param pixels: uint8 (rows, columns, 3), red, green, blue.
    """
    import SimpleITK as sitk

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        sitk.WriteImage(sitk.GetImageFromArray(np.ascontiguousarray(pixels), isVector=True), str(path))
        return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode("ascii")


def gray_pixels(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Grey values between ``low`` (black) and ``high`` (white) as pixels, uint8 (..., 3)."""
    scaled = np.clip((values - low) / max(high - low, 1e-9), 0.0, 1.0)
    return np.repeat((255 * scaled).astype(np.uint8)[..., None], 3, axis=-1)


def blended(under: np.ndarray, over: np.ndarray, mask: np.ndarray, opacity: float) -> np.ndarray:
    """Pixels ``over`` laid over those of ``under`` where ``mask`` holds, with ``opacity`` from 0 to 1."""
    share = opacity * mask[..., None]
    return ((1 - share) * under + share * over).astype(np.uint8)

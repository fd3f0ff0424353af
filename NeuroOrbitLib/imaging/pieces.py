"""Connected pieces of a mask."""

from __future__ import annotations

import numpy as np
from scipy import ndimage


def largest_piece(mask: np.ndarray) -> np.ndarray:
    """Return the largest piece of a mask (bool, any axes) whose voxels share faces; an empty mask stays empty."""
    pieces, count = ndimage.label(mask)
    return mask if count < 2 else pieces == np.bincount(pieces.ravel())[1:].argmax() + 1

"""What the network sees of a slice: two views of its brightness and how far each pixel is from the rough border."""

from __future__ import annotations

import numpy as np

from OrbitSegmentationLib.refinement.correction.distance import signed_distance

#: Pixel of the network (mm): smaller structures than an optic nerve are not drawn by hand.
PIXEL = 0.5
CHANNELS = 3
#: Distances (pixels) that count as the neighbourhood of the border, and that saturate the distance channel.
_NEAR, _DISTANCE_SCALE = 10.0, 6.0


def network_input(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Channels (3, rows, columns), float32, about -1..1.

    Brightness is relative to what lies around the border and inside the mask: neither modality nor display matter.

    :param image: (rows, columns) on the network's pixels, any unit.
    :param mask: rough mask on the same pixels, not empty and not everything.
    """
    distance = signed_distance(mask, (1.0, 1.0))
    near = image[np.abs(distance) < _NEAR]
    low, high = np.percentile(near, (2, 98))
    overall = 2 * np.clip((image - low) / max(high - low, 1e-6), -0.5, 1.5) - 1
    inside = float(np.median(image[mask]))
    spread = float(np.median(np.abs(near - inside)))
    contrast = np.tanh((image - inside) / max(2 * spread, 1e-6 + 0.02 * (high - low)))
    return np.stack([overall, contrast, np.tanh(distance / _DISTANCE_SCALE)]).astype(np.float32)

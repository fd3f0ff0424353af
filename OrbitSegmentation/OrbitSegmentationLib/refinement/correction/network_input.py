"""The network's input for a slice: two channels of brightness, and the distance of each pixel to the rough border."""

from __future__ import annotations

import numpy as np

from OrbitSegmentationLib.refinement.correction.distance import signed_distance

#: Pixel size of the network (mm): structures smaller than an optic nerve are not drawn by hand.
PIXEL = 0.5
CHANNELS = 3
#: Distance (pixels) within which pixels are near the border, and scale (pixels) of the distance channel.
_NEAR, _DISTANCE_SCALE = 10.0, 6.0


def network_input(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the input channels (3, rows, columns), float32, about -1..1.

    Brightness is relative to the surroundings of the border and to the inside of the mask, so that neither modality nor
    display settings matter.

    :param image: intensities (rows, columns) on the network's pixels, in any unit.
    :param mask: rough mask on the same pixels, bool, neither empty nor full.
    """
    distance = signed_distance(mask, (1.0, 1.0))
    near = image[np.abs(distance) < _NEAR]
    low, high = np.percentile(near, (2, 98))
    overall = 2 * np.clip((image - low) / max(high - low, 1e-6), -0.5, 1.5) - 1
    inside = float(np.median(image[mask]))
    spread = float(np.median(np.abs(near - inside)))
    contrast = np.tanh((image - inside) / max(2 * spread, 1e-6 + 0.02 * (high - low)))
    return np.stack([overall, contrast, np.tanh(distance / _DISTANCE_SCALE)]).astype(np.float32)

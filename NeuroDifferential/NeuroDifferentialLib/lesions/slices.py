"""Input of the lesion network for a slice: every channel, brightness of two neighbours, and distance of slices."""

from __future__ import annotations

import numpy as np

from NeuroDifferentialLib.lesions.channels import BELIEF, CHANNEL_COUNT, FLAIR
from NeuroDifferentialLib.slices.planes import UNIT_MM, neighbours

#: Channels whose neighbouring slices are part of the input.
_NEIGHBOUR_CHANNELS = (FLAIR, BELIEF)
#: Number of input channels for a slice: its own channels, four of its neighbours, and the distance of slices.
INPUT_COUNT = CHANNEL_COUNT + 2 * len(_NEIGHBOUR_CHANNELS) + 1


def slice_inputs(seen: np.ndarray, axis: int, index: int, spacing: tuple[float, float, float]) -> np.ndarray:
    """Return the network's input for one slice, float32 (inputs, rows, columns), 0 to 1.

    :param seen: channels from :func:`~NeuroDifferentialLib.lesions.channels.channels`, uint8 (channels, K, J, I); may
        be a memory-mapped file.
    :param axis: axis across which the slice is taken, 0 to 2 for K, J, I.
    :param index: index of the slice along the axis.
    :param spacing: voxel size (mm) along K, J, I.
    """
    beside = neighbours(index, seen.shape[axis + 1], spacing[axis])
    near = [_cut(seen, channel, axis, place) for channel in _NEIGHBOUR_CHANNELS for place in beside]
    own = [_cut(seen, channel, axis, index) for channel in range(CHANNEL_COUNT)]
    result = np.empty((INPUT_COUNT, *own[0].shape), np.float32)
    for number, channel in enumerate((*own, *near)):
        np.multiply(channel, np.float32(1 / 255), out=result[number])
    result[-1] = spacing[axis] / UNIT_MM
    return result


def _cut(seen: np.ndarray, channel: int, axis: int, index: int) -> np.ndarray:
    return np.take(seen[channel], index, axis=axis)

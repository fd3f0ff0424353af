"""The slices of a scan as the lesion network sees them: every channel, brightness of two neighbours, their distance."""

from __future__ import annotations

import numpy as np

from NeuroDifferentialLib.lesions.channels import BELIEF, CHANNEL_COUNT, FLAIR
from NeuroDifferentialLib.slices.planes import UNIT_MM, neighbours

#: Channels of which the slices on both sides are shown as well.
_NEIGHBOUR_CHANNELS = (FLAIR, BELIEF)
#: What the network sees of a slice: the channels, four of neighbours, the distance of slices.
INPUT_COUNT = CHANNEL_COUNT + 2 * len(_NEIGHBOUR_CHANNELS) + 1


def slice_inputs(seen: np.ndarray, axis: int, index: int, spacing: tuple[float, float, float]) -> np.ndarray:
    """Return what the network sees of one slice, float32 (inputs, rows, columns), 0 to 1.

    :param seen: of :func:`~NeuroDifferentialLib.lesions.channels.channels`, uint8 (channels, K, J, I); it may be mapped
        from a file. :param axis: 0 to 2 for K, J, I, across which the slice lies. :param index: its place along it.
    :param spacing: voxel size along K, J, I (mm).
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

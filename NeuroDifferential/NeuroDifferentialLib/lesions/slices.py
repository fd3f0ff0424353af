"""The slices of a scan as the lesion network sees them: every channel, brightness of two neighbours, their distance."""

from __future__ import annotations

import numpy as np

from NeuroDifferentialLib.lesions.channels import BELIEF, CHANNEL_COUNT, FLAIR

#: Channels of which the slices on both sides are shown as well, those about so far away (mm).
_NEIGHBOUR_CHANNELS, _NEIGHBOUR_MM = (FLAIR, BELIEF), 1.5
#: Distance of slices (mm) that counts as 1.
_UNIT_MM = 5.0
#: Voxels that are longer than this many times their shortest side are slices.
_THIN = 1.8
#: What the network sees of a slice: the channels, four of neighbours, the distance of slices.
INPUT_COUNT = CHANNEL_COUNT + 2 * len(_NEIGHBOUR_CHANNELS) + 1


def slice_inputs(seen: np.ndarray, axis: int, index: int, spacing: tuple[float, float, float]) -> np.ndarray:
    """Return what the network sees of one slice, float32 (inputs, rows, columns), 0 to 1.

    :param seen: of :func:`~NeuroDifferentialLib.lesions.channels.channels`, uint8 (channels, K, J, I); it may be mapped
        from a file. :param axis: 0 to 2 for K, J, I, across which the slice lies. :param index: its place along it.
    :param spacing: voxel size along K, J, I (mm).
    """
    away = max(1, round(_NEIGHBOUR_MM / spacing[axis]))
    last = seen.shape[axis + 1] - 1
    near = [_cut(seen, channel, axis, min(max(index + step, 0), last))
            for channel in _NEIGHBOUR_CHANNELS for step in (-away, away)]
    own = [_cut(seen, channel, axis, index) for channel in range(CHANNEL_COUNT)]
    result = np.empty((INPUT_COUNT, *own[0].shape), np.float32)
    for number, channel in enumerate((*own, *near)):
        np.multiply(channel, np.float32(1 / 255), out=result[number])
    result[-1] = spacing[axis] / _UNIT_MM
    return result


def planes(spacing: tuple[float, float, float]) -> tuple[int, ...]:
    """Return the axes (0 to 2 for K, J, I) across which a scan is looked at: all three unless slices are thick."""
    thickest = int(np.argmax(spacing))
    return (0, 1, 2) if spacing[thickest] < _THIN * min(spacing) else (thickest,)


def _cut(seen: np.ndarray, channel: int, axis: int, index: int) -> np.ndarray:
    return np.take(seen[channel], index, axis=axis)

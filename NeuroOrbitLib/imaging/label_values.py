"""The values that a label map holds."""

from __future__ import annotations

import numpy as np

_COUNTED_AT_ONCE = 2**20


def values_in(labels: np.ndarray) -> set[int]:
    """Return the values in an array of small non-negative integers, 0 included, without sorting it.

    This must be fast, as it runs while somebody draws or waits for a result. In arrays of single bytes each value is
    searched for, which ends at its first occurrence; wider integers are counted.

    :param labels: array of any shape.
    :raises ValueError: if a value is negative.
    """
    if labels.dtype == np.uint8:
        content = labels.tobytes()
        return {value for value in range(int(labels.max(initial=0)) + 1) if value in content}
    flat, found = labels.ravel(), set()
    for start in range(0, flat.size, _COUNTED_AT_ONCE):
        found.update(np.flatnonzero(np.bincount(flat[start:start + _COUNTED_AT_ONCE])).tolist())
    return found

"""Whether slice views cut a segmentation along its axes."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from slicerhost.segmenteditor.brush import matrix_to_array

_TOLERANCE_RADIANS = 1e-3


def slices_are_rotated(slice_nodes: Iterable[Any], ijk_to_ras: Any) -> bool:
    """Return whether a slice axis is parallel to none of the axes of a vtkMatrix4x4."""
    axes = matrix_to_array(ijk_to_ras)[:3, :3]
    axes = axes / np.linalg.norm(axes, axis=0)
    for node in slice_nodes:
        directions = matrix_to_array(node.GetSliceToRAS())[:3, :2]
        directions = directions / np.linalg.norm(directions, axis=0)
        cosines = np.clip(np.abs(directions.T @ axes), 0.0, 1.0)
        if (np.arccos(cosines.max(axis=1)) > _TOLERANCE_RADIANS).any():
            return True
    return False

"""Connected pieces of muscles and nerves in thick slices, found by the network's output between the slices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from scipy import ndimage

from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.imaging.geometry import box_covering, crop_grid, resample
from NeuroOrbitLib.imaging.thin_slices import has_coarse_voxels
from OrbitSegmentationLib.any_contrast.on_scan import class_values, likely_classes
from OrbitSegmentationLib.any_contrast.segment import SegmentedOrbit
from OrbitSegmentationLib.muscle_pieces import PATHS

_NEIGHBOURS = ndimage.generate_binary_structure(3, 3)


def connected_in_thick_slices(orbits: Sequence[SegmentedOrbit], grid: Grid,
                              label_of_class: Sequence[int]) -> np.ndarray | None:
    """Return the label value of each voxel of a scan that lies in the largest connected piece of a muscle or nerve.

    Orbits are segmented on grids finer than thick slices. There, a muscle that crosses the slices obliquely is one
    piece, although its sections in two slices do not touch each other.

    :param orbits: segmented orbits.
    :param grid: grid of the scan.
    :param label_of_class: right-eye label value of each class, 0 for classes that are not shown.
    :return: label values, uint8 (K, J, I), 0 elsewhere; None for a scan without coarse voxels, whose label map shows
        the connections itself.
    """
    if not has_coarse_voxels(grid.spacing):
        return None
    connected = np.zeros(grid.shape, dtype=np.uint8)
    for orbit in orbits:
        box = box_covering(grid, orbit.grid)
        if box is not None:
            values = class_values(orbit.frame.side, label_of_class)
            pieces = Image(_largest_pieces(orbit, values), orbit.grid.affine)
            here = resample(pieces, crop_grid(grid, box), "nearest").array
            np.copyto(connected[box.slices], here, where=here > 0)
    return connected


def _largest_pieces(orbit: SegmentedOrbit, values: np.ndarray) -> np.ndarray:
    """Return the largest piece of each muscle and nerve (K, J, I), dilated by a voxel for the offset of the scan's."""
    fine = values[likely_classes(torch.from_numpy(orbit.probabilities), values)]
    result = np.zeros_like(fine)
    for value in np.intersect1d(PATHS, values):
        numbers, count = ndimage.label(fine == value, _NEIGHBOURS)
        if count:
            largest = numbers == 1 + np.bincount(numbers.ravel())[1:].argmax()
            result[ndimage.binary_dilation(largest) & (result == 0)] = value
    return result

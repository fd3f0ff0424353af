"""Sampling of a scan as input of the networks, and of their outputs on other grids."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.imaging.geometry import resample
from NeuroOrbitLib.imaging.intensity import AIR_HU, sparse
from NeuroOrbitLib.imaging.thin_slices import has_thick_slices, number_of_parts
from NeuroOrbitLib.phantom.scanner.randomised_image import CT_WINDOW, scale_for_network


def network_input(image: Image, grid: Grid, is_ct: bool, smoothed: Image | None = None, shown: float = 1.0) -> Tensor:
    """Return a scan's grey values on ``grid`` as input of a network, (1, 1, K, J, I), with air outside of the scan.

    :param image: the scan; CT in HU.
    :param grid: grid of the input.
    :param is_ct: whether the scan is a CT.
    :param smoothed: scan already smoothed for such grids by
        :func:`~NeuroOrbitLib.imaging.resampling.antialiased`; None to smooth it here.
    :param shown: share of the box inside the scan, see
        :func:`~NeuroOrbitLib.phantom.scanner.randomised_image.scale_for_network`.
    """
    return scale_for_network(torch.from_numpy(scan_on_grid(image, grid, is_ct, smoothed)), is_ct, shown)[None, None]


def scan_on_grid(image: Image, grid: Grid, is_ct: bool, smoothed: Image | None = None) -> np.ndarray:
    """Return the grey values of a scan on ``grid`` (K, J, I); parameters as for :func:`network_input`."""
    fill = float(AIR_HU) if is_ct else _darkest(image.array)
    source = image if smoothed is None else smoothed
    return resample(source, grid, fill=fill, antialias=smoothed is None).array


def seen_share(box: Grid, scan: Grid, every: int = 4) -> float:
    """Return the share (0 to 1) of a box's voxels that lie inside the scan.

    :param every: step of the sampled voxels along each axis.
    """
    kji = np.stack(np.meshgrid(*[np.arange(0, n, every) for n in box.shape], indexing="ij"), axis=-1).reshape(-1, 3)
    inside = scan.ijk_from_ras(box.ras_from_ijk(kji[:, ::-1]))
    limits = np.array(scan.shape[::-1]) - 0.5
    return float(((inside >= -0.5) & (inside <= limits)).all(axis=1).mean())


def grey_range(image: Image, is_ct: bool) -> tuple[float, float]:
    """Return the grey values that are approximately black and white in a network's input."""
    if is_ct:
        return CT_WINDOW
    low, high = np.percentile(sparse(image.array), (1.0, 99.0)).tolist()
    return low, high


def _darkest(voxels: np.ndarray) -> float:
    """Return the level of black in MRI: the 1st percentile, as noise or a single voxel may lie far below."""
    return float(np.percentile(sparse(voxels), 1.0))


def channels_on_grid(channels: Tensor, from_grid: Grid, to_grid: Grid, outside: str = "border") -> Tensor:
    """Return channels (C, K, J, I) on another grid, interpolated linearly.

    :param outside: "border" repeats the outermost values outside of ``from_grid``, "zeros" fades to 0.
    """
    matrix = _to_unit(from_grid) @ np.linalg.inv(from_grid.affine) @ to_grid.affine @ np.linalg.inv(_to_unit(to_grid))
    theta = torch.as_tensor(matrix[None, :3], dtype=torch.float32, device=channels.device)
    points = functional.affine_grid(theta, [1, channels.shape[0], *to_grid.shape], align_corners=True)
    return functional.grid_sample(channels[None], points, "bilinear", outside, align_corners=True)[0]


def shares_of_voxels(channels: Tensor, from_grid: Grid, to_grid: Grid) -> Tensor:
    """Return channels (C, K, J, I) on another grid, averaged over thick slices, and 0 outside of ``from_grid``.

    A thick slice shows the mean of what lies in it, so that its label does not depend on its middle alone.
    """
    if not has_thick_slices(to_grid.spacing):
        return channels_on_grid(channels, from_grid, to_grid, outside="zeros")
    thickest = int(np.argmax(to_grid.spacing))
    parts = number_of_parts(to_grid.spacing[thickest], 1.0)
    total = torch.zeros(())
    for place in (np.arange(parts) + 0.5) / parts - 0.5:
        affine = to_grid.affine.copy()
        affine[:3, 3] += place * affine[:3, thickest]
        total = total + channels_on_grid(channels, from_grid, Grid(to_grid.shape, affine), outside="zeros")
    return total / parts


def _to_unit(grid: Grid) -> np.ndarray:
    """Return the 4x4 matrix from voxel indices (I, J, K) to torch's coordinates, from -1 (first centre) to 1 (last)."""
    counts = np.array(grid.shape[::-1], dtype=float)
    matrix = np.diag([*(2.0 / np.maximum(counts - 1.0, 1.0)), 1.0])
    # torch puts the only voxel of an axis at 0.
    matrix[:3, 3] = np.where(counts > 1, -1.0, 0.0)
    return matrix

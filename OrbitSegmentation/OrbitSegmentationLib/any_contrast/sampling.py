"""What both networks see of a scan, and their answers on other grids."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.imaging.geometry import resample
from NeuroOrbitLib.imaging.intensity import AIR_HU, sparse
from NeuroOrbitLib.imaging.thin_slices import has_thick_slices
from NeuroOrbitLib.phantom.scanner.randomised_image import CT_WINDOW, scale_for_network


def network_input(image: Image, grid: Grid, is_ct: bool, smoothed: Image | None = None, shown: float = 1.0) -> Tensor:
    """Grey values on ``grid`` as a network takes them, (1, 1, K, J, I); where the scan has none, those of air.

    :param smoothed: what :func:`~NeuroOrbitLib.imaging.resampling.antialiased` made of the scan for such grids, to
        spare doing it again.
    :param shown: see :func:`~NeuroOrbitLib.phantom.scanner.randomised_image.scale_for_network`.
    """
    return scale_for_network(torch.from_numpy(scan_on_grid(image, grid, is_ct, smoothed)), is_ct, shown)[None, None]


def scan_on_grid(image: Image, grid: Grid, is_ct: bool, smoothed: Image | None = None) -> np.ndarray:
    """Grey values of a scan on ``grid`` (K, J, I); arguments as for :func:`network_input`."""
    fill = float(AIR_HU) if is_ct else _darkest(image.array)
    source = image if smoothed is None else smoothed
    return resample(source, grid, fill=fill, antialias=smoothed is None).array


def seen_share(box: Grid, scan: Grid, every: int = 4) -> float:
    """Share of a box's voxels that lie inside the scan.

    :param every: look at each so many voxels along each axis.
    """
    kji = np.stack(np.meshgrid(*[np.arange(0, n, every) for n in box.shape], indexing="ij"), axis=-1).reshape(-1, 3)
    inside = scan.ijk_from_ras(box.ras_from_ijk(kji[:, ::-1]))
    limits = np.array(scan.shape[::-1]) - 0.5
    return float(((inside >= -0.5) & (inside <= limits)).all(axis=1).mean())


def grey_range(image: Image, is_ct: bool) -> tuple[float, float]:
    """Return about which grey values a network shows as black and as white."""
    if is_ct:
        return CT_WINDOW
    low, high = np.percentile(sparse(image.array), (1.0, 99.0)).tolist()
    return low, high


def _darkest(voxels: np.ndarray) -> float:
    """What passes for black in MRI: its 1st percentile, as noise or a single voxel may lie far below."""
    return float(np.percentile(sparse(voxels), 1.0))


def channels_on_grid(channels: Tensor, from_grid: Grid, to_grid: Grid, outside: str = "border") -> Tensor:
    """Channels (C, K, J, I) on another grid, all interpolated linearly in one go.

    :param outside: "border" repeats the outermost values outside of ``from_grid``, "zeros" fades to 0.
    """
    matrix = _to_unit(from_grid) @ np.linalg.inv(from_grid.affine) @ to_grid.affine @ np.linalg.inv(_to_unit(to_grid))
    theta = torch.as_tensor(matrix[None, :3], dtype=torch.float32, device=channels.device)
    points = functional.affine_grid(theta, [1, channels.shape[0], *to_grid.shape], align_corners=True)
    return functional.grid_sample(channels[None], points, "bilinear", outside, align_corners=True)[0]


def shares_of_voxels(channels: Tensor, from_grid: Grid, to_grid: Grid) -> Tensor:
    """Return channels (C, K, J, I) on another grid, 0 outside of ``from_grid``; in thick slices their means.

    What a thick slice shows is the mean of what lies in it, so what is in its middle alone does not tell its label.
    """
    if not has_thick_slices(to_grid.spacing):
        return channels_on_grid(channels, from_grid, to_grid, outside="zeros")
    thickest = int(np.argmax(to_grid.spacing))
    parts = round(to_grid.spacing[thickest])
    total = torch.zeros(())
    for place in (np.arange(parts) + 0.5) / parts - 0.5:
        affine = to_grid.affine.copy()
        affine[:3, 3] += place * affine[:3, thickest]
        total = total + channels_on_grid(channels, from_grid, Grid(to_grid.shape, affine), outside="zeros")
    return total / parts


def _to_unit(grid: Grid) -> np.ndarray:
    """4x4 matrix from voxel indices (I, J, K) to torch's coordinates, -1 at the first voxel's centre, 1 at the last."""
    counts = np.array(grid.shape[::-1], dtype=float)
    matrix = np.diag([*(2.0 / np.maximum(counts - 1.0, 1.0)), 1.0])
    # torch puts the only voxel of an axis at 0.
    matrix[:3, 3] = np.where(counts > 1, -1.0, 0.0)
    return matrix

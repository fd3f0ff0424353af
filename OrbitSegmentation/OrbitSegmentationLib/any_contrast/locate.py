"""Finds the globes in a scan of any size, position and contrast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.imaging.geometry import resample
from NeuroOrbitLib.phantom.randomised_image import scale_for_network
from OrbitSegmentationLib.orbit_frame import OrbitFrame

#: Voxel size of the locator in mm.
SPACING = 4.0
#: The locator was trained on boxes of this many voxels; smaller scans are padded to it.
SMALLEST_BOX = 64
#: Heat below which there is no globe.
LEAST_HEAT = 0.3
#: Distances between the globe centres that adult and child heads have (mm).
GLOBE_DISTANCES = (40.0, 90.0)
_PEAK_RADIUS = 10.0


@dataclass(frozen=True)
class Globe:
    """A globe that was found.

    :param frame: centre and side.
    :param heat: how sure the locator is, 0 to 1.
    """

    frame: OrbitFrame
    heat: float


def find_globes(image: Image, locator: nn.Module, is_ct: bool) -> list[Globe]:
    """The right and the left globe, whichever are in the scan, in this order.

    :param image: a scan; CT in HU.
    :param locator: network from (1, 1, K, J, I) to heat logits (1, 2, K, J, I), channel 0 the right globe.
    """
    grid = locator_grid(image.grid)
    fill = -1024.0 if is_ct else float(image.array.min())
    coarse = torch.from_numpy(resample(image, grid, fill=fill, antialias=True).array)
    device = next(locator.parameters()).device
    with torch.inference_mode():
        scaled = scale_for_network(coarse, is_ct)[None, None].to(device)
        heat = _symmetric_heat(locator, scaled).cpu()
    found = [_globe(heat[channel], grid, side) for channel, side in enumerate((Side.RIGHT, Side.LEFT))]
    return _plausible([globe for globe in found if globe.heat >= LEAST_HEAT])


def locator_grid(grid: Grid, multiple: int = 8) -> Grid:
    """A RAS-aligned grid of the locator's spacing that covers ``grid`` and suits the network."""
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in grid.shape[::-1]])).reshape(3, -1).T
    ras = grid.ras_from_ijk(corners)
    low, high = ras.min(axis=0), ras.max(axis=0)
    counts = np.maximum(np.ceil((high - low) / SPACING).astype(int) + 1, SMALLEST_BOX)
    counts = -(-counts // multiple) * multiple
    affine = np.diag([SPACING, SPACING, SPACING, 1.0])
    affine[:3, 3] = (low + high) / 2 - SPACING * (counts - 1) / 2
    return Grid(tuple(counts[::-1]), affine)


def _symmetric_heat(locator: nn.Module, image: Tensor) -> Tensor:
    """Heat (2, K, J, I), the mean over the image and its mirror image: neither side is favoured."""
    straight = torch.sigmoid(locator(image).float())
    mirrored = torch.sigmoid(locator(image.flip(-1)).float()).flip(1, -1)
    return ((straight + mirrored) / 2)[0]


def _globe(heat: Tensor, grid: Grid, side: Side) -> Globe:
    """The hottest place of one channel, between voxels."""
    values = heat.numpy()
    peak = np.array(np.unravel_index(int(values.argmax()), values.shape))
    reach = round(_PEAK_RADIUS / SPACING)
    box = tuple(slice(max(p - reach, 0), p + reach + 1) for p in peak)
    weights = values[box] ** 2
    kji = np.argwhere(np.ones_like(weights)) + np.array([part.start for part in box])
    center = (kji * weights.reshape(-1, 1)).sum(axis=0) / max(weights.sum(), 1e-12)
    return Globe(OrbitFrame(tuple(grid.ras_from_ijk(center[::-1])), side), float(values.max()))


def _plausible(globes: list[Globe]) -> list[Globe]:
    """Without the less sure one of a pair that no head can have."""
    if len(globes) < 2:
        return globes
    right, left = (np.array(globe.frame.center) for globe in globes)
    if right[0] > left[0] and GLOBE_DISTANCES[0] <= np.linalg.norm(right - left) <= GLOBE_DISTANCES[1]:
        return globes
    return [max(globes, key=lambda globe: globe.heat)]

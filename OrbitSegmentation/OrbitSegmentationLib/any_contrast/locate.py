"""Finds the globes in a scan of any size, position and contrast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor, nn

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging import Grid, Image
from OrbitSegmentationLib.any_contrast.sampling import network_input
from OrbitSegmentationLib.orbit_frame import OrbitFrame

#: Voxel size of the locator in mm.
SPACING = 4.0
#: The locator was trained on boxes of this many voxels; smaller scans are padded to it.
SMALLEST_BOX = 64
#: Heat below which there is no globe; globes in real scans reach 0.9.
LEAST_HEAT = 0.7
#: Distances between the globe centres that adult and child heads have (mm).
GLOBE_DISTANCES = (40.0, 90.0)
_PEAK_RADIUS = 10.0
_MOST_PEAKS = 12


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
    device = next(locator.parameters()).device
    with torch.inference_mode():
        heat = _symmetric_heat(locator, network_input(image, grid, is_ct).to(device)).cpu()
    return _sided(_best_pair(_peaks(heat, grid)), heat, grid)


def locator_grid(grid: Grid, multiple: int = 8) -> Grid:
    """A RAS-aligned grid of the locator's spacing that covers ``grid`` and suits the network."""
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in grid.shape[::-1]])).reshape(3, -1).T
    ras = grid.ras_from_ijk(corners)
    low, high = ras.min(axis=0), ras.max(axis=0)
    # Rounded, so that the last digits of an affine do not decide about a voxel more.
    counts = np.maximum(np.ceil(np.round((high - low) / SPACING, 4)).astype(int) + 1, SMALLEST_BOX)
    counts = -(-counts // multiple) * multiple
    affine = np.diag([SPACING, SPACING, SPACING, 1.0])
    affine[:3, 3] = (low + high) / 2 - SPACING * (counts - 1) / 2
    return Grid(tuple(counts[::-1]), affine)


def _symmetric_heat(locator: nn.Module, image: Tensor) -> Tensor:
    """Heat (2, K, J, I), the mean over the image and its mirror image: neither side is favoured."""
    straight = torch.sigmoid(locator(image).float())
    mirrored = torch.sigmoid(locator(image.flip(-1)).float()).flip(1, -1)
    return ((straight + mirrored) / 2)[0]


@dataclass(frozen=True)
class _Peak:
    """A place that may be a globe: RAS mm and heat of both sides together."""

    center: np.ndarray
    heat: float


def _peaks(heat: Tensor, grid: Grid) -> list[_Peak]:
    """The places hotter than all around them, hottest first. Which side they are on matters later only."""
    total = heat.sum(dim=0).clamp(max=1.0).numpy()
    highest = ndimage.maximum_filter(total, size=2 * round(_PEAK_RADIUS / SPACING) + 1)
    places = np.argwhere((total == highest) & (total >= LEAST_HEAT))
    peaks = [_Peak(_center(total, place, grid), float(total[tuple(place)])) for place in places]
    return sorted(peaks, key=lambda peak: -peak.heat)[:_MOST_PEAKS]


def _center(heat: np.ndarray, peak: np.ndarray, grid: Grid) -> np.ndarray:
    """RAS mm of the middle of the heat around a peak, between voxels."""
    reach = round(_PEAK_RADIUS / SPACING)
    box = tuple(slice(max(p - reach, 0), p + reach + 1) for p in peak)
    weights = heat[box] ** 2
    kji = np.argwhere(np.ones_like(weights)) + np.array([part.start for part in box])
    return grid.ras_from_ijk(((kji * weights.reshape(-1, 1)).sum(axis=0) / weights.sum())[::-1])


def _best_pair(peaks: list[_Peak]) -> list[_Peak]:
    """The hottest two peaks that lie beside each other as the eyes of a head do; else the hottest one, if any."""
    pairs = [(first, second) for number, first in enumerate(peaks) for second in peaks[number + 1:]
             if _are_a_pair(first.center - second.center)]
    if not pairs:
        return peaks[:1]
    return list(max(pairs, key=lambda pair: pair[0].heat + pair[1].heat))


def _are_a_pair(offset: np.ndarray) -> bool:
    distance = float(np.linalg.norm(offset))
    return GLOBE_DISTANCES[0] <= distance <= GLOBE_DISTANCES[1] and abs(offset[0]) > 0.7 * distance


def _sided(peaks: list[_Peak], heat: Tensor, grid: Grid) -> list[Globe]:
    """Right before left: of two by their places, of one by the side whose heat is higher there."""
    if len(peaks) == 2:
        ordered = sorted(peaks, key=lambda peak: -peak.center[0])
        return [Globe(OrbitFrame(tuple(p.center), side), p.heat) for p, side in zip(ordered, Side, strict=True)]
    return [Globe(OrbitFrame(tuple(p.center), _side_at(p.center, heat, grid)), p.heat) for p in peaks]


def _side_at(center: np.ndarray, heat: Tensor, grid: Grid) -> Side:
    k, j, i = grid.ijk_from_ras(center).round().astype(int)[::-1]
    return Side.RIGHT if heat[0, k, j, i] >= heat[1, k, j, i] else Side.LEFT

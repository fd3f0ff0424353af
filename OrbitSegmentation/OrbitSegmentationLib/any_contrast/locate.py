"""Finds the globes in a scan of any size, position and contrast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor, nn

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging import Grid, Image
from OrbitSegmentationLib.any_contrast.sampling import network_input, seen_share
from OrbitSegmentationLib.head_pose import UPRIGHT, HeadPose, pose_of_eyes
from OrbitSegmentationLib.orbit_frame import OrbitFrame

#: Voxel size of the locator in mm.
SPACING = 4.0
#: The locator was trained on boxes of this many voxels; smaller scans are padded to it.
SMALLEST_BOX = 64
#: Heat below which there is no globe.
LEAST_HEAT = 0.2
#: Distances between the globe centres that heads have, newborn to adult (mm).
GLOBE_DISTANCES = (30.0, 90.0)
#: The least share of that distance that runs from right to left: even a head that is turned and tilted by 45 degrees
#: each has 0.5.
_LEAST_SIDEWAYS = 0.45
_PEAK_RADIUS = 10.0
_GLOBE_SIZE = 24.0
_MOST_PEAKS = 12
#: What is brighter than this in the network's input belongs to the patient.
_FOREGROUND = 0.1
#: So many pairs, and so many single globes, are looked at before a scan is said to show no orbits.
_MOST_TRIED = 3


def find_globes(image: Image, locator: nn.Module, is_ct: bool, pose: HeadPose = UPRIGHT) -> list[list[OrbitFrame]]:
    """What may be the globes of a scan, likelier before less likely: first pairs (right before left), then single ones.

    A single one is given the side of the head that it lies on.

    :param image: a scan; CT in HU.
    :param locator: network from (1, 1, K, J, I) to heat logits (1, 1, K, J, I).
    :param pose: how the head may lie: the scan is looked at along its axes.
    """
    grid = locator_grid(image.grid, pose=pose)
    device = next(locator.parameters()).device
    shown = 1.0 if is_ct else seen_share(grid, image.grid, every=2)
    seen = network_input(image, grid, is_ct, shown=shown)
    with torch.inference_mode():
        heat = _symmetric_heat(locator, seen.to(device)).cpu().numpy()
    peaks, middle = _peaks(heat, grid, pose), _middle_of_patient(seen[0, 0].numpy(), grid)
    single = ([_frame(peak, Side.RIGHT if _rightward(peak.center - middle, pose) > 0 else Side.LEFT, pose)]
              for peak in peaks[:_MOST_TRIED])
    return [*(_sided(pair, pose) for pair in _pairs(peaks, pose)[:_MOST_TRIED]), *single]


def locator_grid(grid: Grid, multiple: int = 8, pose: HeadPose = UPRIGHT) -> Grid:
    """A grid of the locator's spacing along the head's axes that covers ``grid`` and suits the network."""
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in grid.shape[::-1]])).reshape(3, -1).T
    along = pose.along(grid.ras_from_ijk(corners))
    low, high = along.min(axis=0), along.max(axis=0)
    # Rounded, so that the last digits of an affine do not decide about a voxel more.
    counts = np.maximum(np.ceil(np.round((high - low) / SPACING, 4)).astype(int) + 1, SMALLEST_BOX)
    counts = -(-counts // multiple) * multiple
    axes, affine = pose.scale * pose.matrix, np.eye(4)
    affine[:3, :3] = SPACING * axes
    affine[:3, 3] = axes @ ((low + high) / 2 - SPACING * (counts - 1) / 2)
    return Grid(tuple(counts[::-1]), affine)


def _middle_of_patient(seen: np.ndarray, grid: Grid) -> np.ndarray:
    """Where (RAS mm) the middle of everything that belongs to the patient lies; of the scan if nothing does.

    :param seen: grey values (K, J, I), 0 to 1.
    """
    places = np.argwhere(seen > _FOREGROUND)
    kji = places.mean(axis=0) if len(places) else (np.array(seen.shape) - 1) / 2
    return grid.ras_from_ijk(kji[::-1])


def _rightward(offset: np.ndarray, pose: HeadPose) -> float:
    return float(pose.along(offset)[0])


def _symmetric_heat(locator: nn.Module, image: Tensor) -> Tensor:
    """Heat (K, J, I), the mean over the image and its mirror image: neither side is favoured."""
    straight = torch.sigmoid(locator(image).float())
    mirrored = torch.sigmoid(locator(image.flip(-1)).float()).flip(-1)
    return ((straight + mirrored) / 2)[0, 0]


@dataclass(frozen=True)
class _Peak:
    """A place that may be a globe: RAS mm and heat."""

    center: np.ndarray
    heat: float


def _peaks(heat: np.ndarray, grid: Grid, pose: HeadPose) -> list[_Peak]:
    """The places hotter than all around them, hottest first; of those within one globe the hottest."""
    highest = ndimage.maximum_filter(heat, size=2 * round(_PEAK_RADIUS / SPACING) + 1)
    places = np.argwhere((heat == highest) & (heat >= LEAST_HEAT))
    kept: list[_Peak] = []
    for place in sorted(places, key=lambda place: -heat[tuple(place)]):
        peak = _Peak(_center(heat, place, grid), float(heat[tuple(place)]))
        if all(np.linalg.norm(pose.along(peak.center - other.center)) > _GLOBE_SIZE for other in kept):
            kept.append(peak)
    return kept[:_MOST_PEAKS]


def _center(heat: np.ndarray, peak: np.ndarray, grid: Grid) -> np.ndarray:
    """RAS mm of the middle of the heat around a peak, between voxels."""
    reach = round(_PEAK_RADIUS / SPACING)
    box = tuple(slice(max(p - reach, 0), p + reach + 1) for p in peak)
    weights = heat[box] ** 2
    kji = np.argwhere(np.ones_like(weights)) + np.array([part.start for part in box])
    return grid.ras_from_ijk(((kji * weights.reshape(-1, 1)).sum(axis=0) / weights.sum())[::-1])


def _pairs(peaks: list[_Peak], pose: HeadPose) -> list[tuple[_Peak, _Peak]]:
    """Peaks that lie beside each other as the eyes of a head do, the hottest pair first."""
    pairs = [(first, second) for number, first in enumerate(peaks) for second in peaks[number + 1:]
             if are_a_pair(first.center - second.center, pose)]
    return sorted(pairs, key=lambda pair: -(pair[0].heat + pair[1].heat))


def are_a_pair(offset: np.ndarray, pose: HeadPose = UPRIGHT) -> bool:
    """Whether two globes may belong to one head.

    :param offset: from one to the other, RAS mm. :param pose: how the head lies, roughly.
    """
    distance, sideways = float(np.linalg.norm(offset)), abs(_rightward(offset, pose)) * pose.scale
    return GLOBE_DISTANCES[0] <= distance <= GLOBE_DISTANCES[1] and sideways > _LEAST_SIDEWAYS * distance


def _sided(pair: tuple[_Peak, _Peak], pose: HeadPose) -> list[OrbitFrame]:
    """Right before left, by their places; in the pose in which the two are level."""
    right, left = sorted(pair, key=lambda peak: -_rightward(peak.center, pose))
    level = pose_of_eyes(right.center, left.center, pose)
    return [_frame(peak, side, level) for peak, side in zip((right, left), Side, strict=True)]


def _frame(peak: _Peak, side: Side, pose: HeadPose) -> OrbitFrame:
    return OrbitFrame(tuple(peak.center), side, pose)

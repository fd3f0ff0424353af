"""Search for the globes in a scan of any size, position and contrast."""

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
#: Number of voxels along each axis of the boxes that the locator was trained on; smaller scans are padded.
SMALLEST_BOX = 64
#: Number of which the network's input has a multiple of voxels along each axis.
_MULTIPLE = 8
#: Heat below which there is no globe.
LEAST_HEAT = 0.2
#: Smallest and largest distance between the centres of two globes, from newborn to adult (mm).
GLOBE_DISTANCES = (30.0, 90.0)
#: Smallest share of that distance along the right-left axis; even a head that is turned and tilted by 45 degrees each
#: has 0.5.
_LEAST_SIDEWAYS = 0.45
_PEAK_RADIUS = 10.0
_GLOBE_SIZE = 24.0
_MOST_PEAKS = 12
#: Grey value in the network's input above which a voxel belongs to the patient.
_FOREGROUND = 0.1
#: Largest number of pairs, and of single globes, that are tried before a scan is considered to show no orbits.
_MOST_TRIED = 3


def find_globes(image: Image, locator: nn.Module, is_ct: bool, pose: HeadPose = UPRIGHT) -> list[list[OrbitFrame]]:
    """Return candidates for the globes of a scan: first pairs (right before left), then single ones, likeliest first.

    A single globe gets the side of the head that it lies on.

    :param image: the scan; CT in HU.
    :param locator: network from (1, 1, K, J, I) to heat logits (1, 1, K, J, I).
    :param is_ct: whether the scan is a CT.
    :param pose: assumed pose of the head, along whose axes the scan is resampled.
    :return: frames of two globes or one for each candidate.
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


def locator_grid(grid: Grid, pose: HeadPose = UPRIGHT) -> Grid:
    """Return a grid of the locator's voxel size along the head's axes that covers ``grid`` and fits the network.

    :param grid: grid of the scan.
    :param pose: assumed pose of the head.
    """
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in grid.shape[::-1]])).reshape(3, -1).T
    along = pose.along(grid.ras_from_ijk(corners))
    low, high = along.min(axis=0), along.max(axis=0)
    # Rounded, so that the last digits of an affine do not decide about another voxel.
    counts = np.maximum(np.ceil(np.round((high - low) / SPACING, 4)).astype(int) + 1, SMALLEST_BOX)
    counts = -(-counts // _MULTIPLE) * _MULTIPLE
    axes, affine = pose.scale * pose.matrix, np.eye(4)
    affine[:3, :3] = SPACING * axes
    affine[:3, 3] = axes @ ((low + high) / 2 - SPACING * (counts - 1) / 2)
    return Grid(tuple(counts[::-1]), affine)


def _middle_of_patient(seen: np.ndarray, grid: Grid) -> np.ndarray:
    """Return the centre (RAS mm) of the voxels that belong to the patient, or that of the scan if there are none.

    :param seen: grey values (K, J, I), 0 to 1.
    """
    places = np.argwhere(seen > _FOREGROUND)
    kji = places.mean(axis=0) if len(places) else (np.array(seen.shape) - 1) / 2
    return grid.ras_from_ijk(kji[::-1])


def _rightward(offset: np.ndarray, pose: HeadPose) -> float:
    return float(pose.along(offset)[0])


def _symmetric_heat(locator: nn.Module, image: Tensor) -> Tensor:
    """Return the heat (K, J, I) as the mean over the image and its mirror image, so that no side is favoured."""
    straight = torch.sigmoid(locator(image).float())
    mirrored = torch.sigmoid(locator(image.flip(-1)).float()).flip(-1)
    return ((straight + mirrored) / 2)[0, 0]


@dataclass(frozen=True)
class _Peak:
    """A candidate for a globe: position in RAS mm and heat."""

    center: np.ndarray
    heat: float


def _peaks(heat: np.ndarray, grid: Grid, pose: HeadPose) -> list[_Peak]:
    """Return the local maxima of the heat, the hottest first; only the hottest one within the size of a globe."""
    highest = ndimage.maximum_filter(heat, size=2 * round(_PEAK_RADIUS / SPACING) + 1)
    places = np.argwhere((heat == highest) & (heat >= LEAST_HEAT))
    kept: list[_Peak] = []
    for place in sorted(places, key=lambda place: -heat[tuple(place)]):
        peak = _Peak(_center(heat, place, grid), float(heat[tuple(place)]))
        if all(np.linalg.norm(pose.along(peak.center - other.center)) > _GLOBE_SIZE for other in kept):
            kept.append(peak)
    return kept[:_MOST_PEAKS]


def _center(heat: np.ndarray, peak: np.ndarray, grid: Grid) -> np.ndarray:
    """Return the centre of the heat around a peak in RAS mm, with subvoxel precision."""
    reach = round(_PEAK_RADIUS / SPACING)
    box = tuple(slice(max(p - reach, 0), p + reach + 1) for p in peak)
    weights = heat[box] ** 2
    kji = np.argwhere(np.ones_like(weights)) + np.array([part.start for part in box])
    return grid.ras_from_ijk(((kji * weights.reshape(-1, 1)).sum(axis=0) / weights.sum())[::-1])


def _pairs(peaks: list[_Peak], pose: HeadPose) -> list[tuple[_Peak, _Peak]]:
    """Return the pairs of peaks that lie beside each other like the eyes of a head, the hottest pair first."""
    pairs = [(first, second) for number, first in enumerate(peaks) for second in peaks[number + 1:]
             if are_a_pair(first.center - second.center, pose)]
    return sorted(pairs, key=lambda pair: -(pair[0].heat + pair[1].heat))


def are_a_pair(offset: np.ndarray, pose: HeadPose = UPRIGHT) -> bool:
    """Return whether two globes may belong to one head.

    :param offset: vector from one globe to the other, RAS mm.
    :param pose: approximate pose of the head.
    """
    distance, sideways = float(np.linalg.norm(offset)), abs(_rightward(offset, pose)) * pose.scale
    return GLOBE_DISTANCES[0] <= distance <= GLOBE_DISTANCES[1] and sideways > _LEAST_SIDEWAYS * distance


def _sided(pair: tuple[_Peak, _Peak], pose: HeadPose) -> list[OrbitFrame]:
    """Return the frames of a pair, right before left by position, in the pose in which the two are level."""
    right, left = sorted(pair, key=lambda peak: -_rightward(peak.center, pose))
    level = pose_of_eyes(right.center, left.center, pose)
    return [_frame(peak, side, level) for peak, side in zip((right, left), Side, strict=True)]


def _frame(peak: _Peak, side: Side, pose: HeadPose) -> OrbitFrame:
    return OrbitFrame(tuple(peak.center), side, pose)

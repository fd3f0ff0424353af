"""Segmentation of the optic chiasm, which lies at a known place behind the eyes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from NeuroOrbitLib.imaging import Grid, Image
from OrbitSegmentationLib.any_contrast.confidence import expected_dice
from OrbitSegmentationLib.any_contrast.sampling import network_input
from OrbitSegmentationLib.head_pose import UPRIGHT, HeadPose
from OrbitSegmentationLib.orbit_frame import OrbitFrame, box_shape

#: Network from an image (1, 1, K, J, I) to logits (1, 2, K, J, I) of background and chiasm.
ChiasmNetwork = Callable[[Tensor], Tensor]

#: Voxel size of the network in mm.
SPACING = 1.0
#: Corners of the box that holds the chiasm, in mm (x right, y anterior, z superior) from the midpoint between the eyes.
#: In sixteen heads the chiasm lay 45 to 63 mm behind that point, between 12 mm below and 27 mm above it.
BOX_LOW, BOX_HIGH = (-20.0, -80.0, -24.0), (20.0, -32.0, 40.0)
#: Number of voxels (K, J, I) of the box.
BOX_SHAPE = box_shape(SPACING, BOX_LOW, BOX_HIGH)
#: Smallest and largest volume (ml) of a chiasm; published means are 0.2 to 0.35.
VOLUMES = (0.1, 1.0)
#: Smallest expected Dice of a chiasm that is shown.
LEAST_EXPECTED_DICE = 0.5


@dataclass(frozen=True)
class Chiasm:
    """The chiasm of one scan.

    :param grid: grid of the box that was examined.
    :param probability: probability of the chiasm on ``grid``, (K, J, I), 0 to 1.
    """

    grid: Grid
    probability: np.ndarray

    @property
    def is_clear(self) -> bool:
        """Whether a structure of a chiasm's size was segmented with enough confidence."""
        inside = self.probability > 0.5
        volume = float(inside.sum()) * self.grid.voxel_volume / 1000
        expected = expected_dice(self.probability[inside].sum(), self.probability.sum(), inside.sum())
        return VOLUMES[0] <= volume <= VOLUMES[1] and expected >= LEAST_EXPECTED_DICE


def find_chiasm(image: Image, eyes: Sequence[OrbitFrame], network: ChiasmNetwork, is_ct: bool) -> Chiasm | None:
    """Return the chiasm of a scan that shows both eyes; None if it is not recognised clearly.

    :param image: the scan; CT in HU.
    :param eyes: frames of the right and the left orbit.
    :param network: chiasm network, which is applied to the box and to its mirror image.
    :param is_ct: whether the scan is a CT.
    """
    grid = chiasm_grid(*(np.array(eye.center) for eye in eyes), eyes[0].pose)
    seen = network_input(image, grid, is_ct)
    with torch.inference_mode():
        straight, mirrored = network(seen), network(seen.flip(-1)).flip(-1)
    probability = (straight.float().softmax(dim=1) + mirrored.float().softmax(dim=1))[0, 1] / 2
    chiasm = Chiasm(grid, probability.cpu().numpy())
    return chiasm if chiasm.is_clear else None


def chiasm_grid(right: np.ndarray, left: np.ndarray, pose: HeadPose = UPRIGHT) -> Grid:
    """Return the grid of the box in RAS, level with the eyes.

    :param right, left: centres of the globes, RAS mm.
    :param pose: pose of the head, from which its nod and size are taken.
    """
    lateral = (right - left) / np.linalg.norm(right - left)
    front = pose.matrix[:, 1]
    anterior = front - (front @ lateral) * lateral
    anterior /= np.linalg.norm(anterior)
    axes = np.column_stack([lateral, anterior, np.cross(lateral, anterior)])
    affine = np.eye(4)
    affine[:3, :3] = SPACING * pose.scale * axes
    affine[:3, 3] = (right + left) / 2 + pose.scale * axes @ (np.array(BOX_LOW) + SPACING / 2)
    return Grid(BOX_SHAPE, affine)

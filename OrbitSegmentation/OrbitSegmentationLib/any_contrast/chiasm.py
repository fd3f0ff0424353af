"""Finds the optic chiasm, which lies at a known place behind the eyes."""

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

#: Network from an image (1, 1, K, J, I) to logits (1, 2, K, J, I): background, chiasm.
ChiasmNetwork = Callable[[Tensor], Tensor]

#: Voxel size of the network in mm.
SPACING = 1.0
#: The box that holds the chiasm: mm (x right, y anterior, z superior) from the middle between the eyes. In sixteen
#: heads the chiasm lay at 45 to 63 mm behind it, between 12 mm below and 27 mm above.
BOX_LOW, BOX_HIGH = (-20.0, -80.0, -24.0), (20.0, -32.0, 40.0)
#: Its voxels (K, J, I).
BOX_SHAPE = box_shape(SPACING, BOX_LOW, BOX_HIGH)
#: Volumes (ml) that a chiasm can have; published means are 0.2 to 0.35.
VOLUMES = (0.1, 1.0)
#: The Dice to be expected of a chiasm that is worth showing.
LEAST_EXPECTED_DICE = 0.5


@dataclass(frozen=True)
class Chiasm:
    """The chiasm of one scan.

    :param grid: of the box that was looked at.
    :param probability: (K, J, I) on it.
    """

    grid: Grid
    probability: np.ndarray

    @property
    def is_clear(self) -> bool:
        """Whether something of a chiasm's size was seen, and clearly enough."""
        inside = self.probability > 0.5
        volume = float(inside.sum()) * self.grid.voxel_volume / 1000
        expected = expected_dice(self.probability[inside].sum(), self.probability.sum(), inside.sum())
        return VOLUMES[0] <= volume <= VOLUMES[1] and expected >= LEAST_EXPECTED_DICE


def find_chiasm(image: Image, eyes: Sequence[OrbitFrame], network: ChiasmNetwork, is_ct: bool) -> Chiasm | None:
    """The chiasm of a scan that shows both eyes; None where it is not seen clearly.

    :param eyes: the right and the left orbit.
    :param network: sees the box straight and mirrored.
    """
    grid = chiasm_grid(*(np.array(eye.center) for eye in eyes), eyes[0].pose)
    seen = network_input(image, grid, is_ct)
    with torch.inference_mode():
        straight, mirrored = network(seen), network(seen.flip(-1)).flip(-1)
    probability = (straight.float().softmax(dim=1) + mirrored.float().softmax(dim=1))[0, 1] / 2
    chiasm = Chiasm(grid, probability.cpu().numpy())
    return chiasm if chiasm.is_clear else None


def chiasm_grid(right: np.ndarray, left: np.ndarray, pose: HeadPose = UPRIGHT) -> Grid:
    """The box's voxels in RAS, level with the eyes.

    :param right, left: centres of the globes, RAS mm.
    :param pose: how the head lies, which tells how far it is nodded.
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

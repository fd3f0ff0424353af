"""Training samples of the chiasm network: the box behind the eyes in any contrast, with the optic chiasm."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from NeuroOrbitLib.anatomy.structures import label_value
from NeuroOrbitLib.imaging.geometry import resample_labels
from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.phantom.head.labelmaps import OPTIC_CHIASM
from NeuroOrbitLib.phantom.head.raster import rasterise_head
from NeuroOrbitLib.phantom.head.shape import random_head_shape
from NeuroOrbitLib.phantom.scanner.randomised_image import synthesise
from OrbitSegmentationLib.any_contrast.chiasm import BOX_HIGH, BOX_LOW, BOX_SHAPE, SPACING, chiasm_grid
from OrbitSegmentationLib.any_contrast.training.head_labels import (
    UNSPECIFIED_SOFT_TISSUE,
    LabelledHead,
    load_head,
    tissues_from_labels,
)
from OrbitSegmentationLib.any_contrast.training.poses import (
    PoseSpread,
    anatomy_points,
    pick_nearest,
    random_bend,
    random_linear,
)

#: Larger for nods than for turns, as the box is level with the line between the eyes.
_SPREAD = PoseSpread(rotation_degrees=(12.0, 4.0, 4.0), scale=0.14, single_axis_scale=0.05, shear=0.03, shift_mm=3.0,
                     bend_mm=2.0)
#: Margin (mm) around the network's box, for turned and shifted boxes.
_ROOM = 16.0
#: Smallest number of chiasm voxels in a label map; with fewer the chiasm is there, but hardly labelled.
_FEWEST_VOXELS = 50
_CHIASM = label_value("optic_chiasm")


@dataclass(frozen=True)
class Surroundings:
    """The surroundings of one chiasm, level with the eyes, in voxels of the network's size.

    :param tissues: tissue classes, uint8 (K, J, I).
    :param chiasm: mask of the chiasm (0 or 1), uint8, same shape.
    """

    tissues: Tensor
    chiasm: Tensor


class ChiasmSamples:
    """Samples from label maps and parametric heads; every draw has a new pose, shape and contrast.

    :param label_maps: files of head label maps.
    :param phantom_heads: number of parametric heads.
    :param seed: seed of the parametric heads.
    :param draws_per_head: number of samples of each head in an epoch.
    """

    def __init__(self, label_maps: list[Path], phantom_heads: int, seed: int, draws_per_head: int = 16) -> None:
        self.draws_per_head = draws_per_head
        real = [from_labels(load_head(path)) for path in label_maps]
        self.places = [place for place in real if int(place.chiasm.sum()) >= _FEWEST_VOXELS]
        self.places += [parametric(np.random.default_rng([seed, number])) for number in range(phantom_heads)]

    def __len__(self) -> int:
        return len(self.places) * self.draws_per_head

    def sample(self, index: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return image (1, K, J, I) and classes (K, J, I; long, 1 is the chiasm)."""
        place = self.places[index // self.draws_per_head]
        middle = (np.array(BOX_LOW) + np.array(BOX_HIGH)) / 2
        linear, bend = random_linear(_SPREAD, random), random_bend(_SPREAD, random)
        # Heads turn about the eyes, which lie far in front of the box.
        shift = np.clip(random.normal(0, _SPREAD.shift_mm, 3), -8, 8) + 0.3 * (linear @ middle - middle)
        linear_shift = middle - linear @ middle + shift
        low, room = np.array(BOX_LOW), np.array(BOX_LOW) - _ROOM
        fine = anatomy_points(low, tuple(2 * n for n in BOX_SHAPE), SPACING / 2, linear, linear_shift, bend)
        image = synthesise(pick_nearest(place.tissues, room, SPACING, fine), SPACING, random, UNSPECIFIED_SOFT_TISSUE)
        coarse = anatomy_points(low, BOX_SHAPE, SPACING, linear, linear_shift, bend)
        classes = pick_nearest(place.chiasm, room, SPACING, coarse).long()
        if random.random() < 0.5:
            return image[None], classes
        return image.flip(-1)[None], classes.flip(-1)


def from_labels(head: LabelledHead) -> Surroundings:
    """Return the surroundings in a head label map of the SynthSeg convention."""
    grid = _roomy(*(np.array(frame.center) for frame in head.frames))
    labels = resample_labels(head.labels, grid).array
    return Surroundings(torch.from_numpy(tissues_from_labels(labels)),
                        torch.from_numpy((labels == OPTIC_CHIASM).astype(np.uint8)))


def parametric(rng: np.random.Generator) -> Surroundings:
    """Return the surroundings in a random, entirely parametric head."""
    shape = random_head_shape(rng, severity=0.0)
    grid = _roomy(*(shape.from_orbit(np.array(shape.orbit(side).globe_center), side) for side in "RL"))
    labels, tissues = rasterise_head(shape, grid.voxel_centers())
    return Surroundings(torch.from_numpy(tissues), torch.from_numpy((labels == _CHIASM).astype(np.uint8)))


def _roomy(right: np.ndarray, left: np.ndarray) -> Grid:
    """Return the grid of the network's box with a margin around it."""
    box, steps = chiasm_grid(right, left), round(_ROOM / SPACING)
    affine = box.affine.copy()
    affine[:3, 3] = box.ras_from_ijk(np.full(3, -float(steps)))
    return Grid(tuple(count + 2 * steps for count in box.shape), affine)

"""Test that sides are never confused, with heads in random poses that are stored in random axis orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.pipeline import segment_image
from Testing.Experiments.validation.orbit.case import ScoredCase

#: Number of poses in a case; a block is cached as a whole.
BLOCK = 25
#: Largest rotation (degrees) about all axes at once, for every other head, and about one axis alone (nod, roll, yaw),
#: for the others: the range that the product is made for.
_LARGEST_TURN, _LARGEST_ALONE = 30.0, (30.0, 45.0, 45.0)
_GLOBES = {side: label_value("eyeball", side) for side in Side}


@dataclass(frozen=True)
class Block:
    """Some poses of the head of a case.

    :param first: number of the first pose.
    """

    case: ScoredCase
    first: int


def turn_heads(block: Block, package: ModelPackage, _views: int | None = None) -> dict[str, Any]:
    """Segment a head in each pose of a block, each orbit from one view.

    :return: ``poses``, ``swapped`` (eyes labelled as those of the other side) and ``missed`` (eyes not found).
    """
    truth = block.case.load()
    places = {side: _middle(truth.labels, value) for side, value in _GLOBES.items()}
    swapped = missed = 0
    for number in range(block.first, block.first + BLOCK):
        image, motion = posed(truth.image, np.random.default_rng([77, number]))
        found = found_globes(image, package)
        there = {side: motion[:3, :3] @ place + motion[:3, 3] for side, place in places.items()}
        swapped += swaps(found, there)
        missed += len(Side) - len(found)
    return {"poses": BLOCK, "swapped": swapped, "missed": missed}


def _turns(rng: np.random.Generator) -> np.ndarray:
    """Return random degrees of nod, roll and yaw."""
    if rng.random() < 0.5:
        return rng.uniform(-_LARGEST_TURN, _LARGEST_TURN, 3)
    axis, turns = rng.integers(3), np.zeros(3)
    turns[axis] = rng.uniform(-_LARGEST_ALONE[axis], _LARGEST_ALONE[axis])
    return turns


def posed(image: Image, rng: np.random.Generator) -> tuple[Image, np.ndarray]:
    """Return the same patient in another pose and axis order, with the 4x4 motion (RAS mm) of the patient."""
    motion = np.eye(4)
    motion[:3, :3] = Rotation.from_euler("xyz", _turns(rng), degrees=True).as_matrix()
    motion[:3, 3] = rng.normal(0, 40, 3)
    affine, array = motion @ image.affine, image.array
    order = rng.permutation(3)
    array, affine = array.transpose([2 - axis for axis in order[::-1]]), affine[:, [*order, 3]]
    for axis in np.flatnonzero(rng.random(3) < 0.5):
        array = np.flip(array, 2 - axis)
        affine[:3, 3] += affine[:3, axis] * (array.shape[2 - axis] - 1)
        affine[:3, axis] *= -1
    return Image(np.ascontiguousarray(array), affine), motion


def swaps(found: Mapping[Side, np.ndarray], there: Mapping[Side, np.ndarray]) -> int:
    """Return how many eyes are nearest to an eye of the other side; all given as R, A, S (mm)."""
    return sum(min(there, key=lambda true: np.linalg.norm(place - there[true])) is not side
               for side, place in found.items())


def found_globes(image: Image, package: ModelPackage) -> dict[Side, np.ndarray]:
    """Return the centre (R, A, S; mm) of each eyeball found, from one view of each orbit; none for refused scans."""
    try:
        labels = segment_image(image, package, views=1).labels
    except Problem:
        return {}
    return {side: _middle(labels, value) for side, value in _GLOBES.items() if (labels.array == value).any()}


def _middle(labels: Image, value: int) -> np.ndarray:
    return labels.grid.ras_from_ijk(np.argwhere(labels.array == value).mean(axis=0)[::-1])

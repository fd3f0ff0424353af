"""Tests that eyes, and only eyes, are found in heads excluded from training and in parts of them, in any contrast."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging.geometry import box_covering, crop, grid_around
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.phantom.scanner.randomised_image import synthesise
from OrbitSegmentationLib.any_contrast.training.head_labels import (
    UNSPECIFIED_SOFT_TISSUE,
    load_head,
    tissues_from_labels,
)
from Testing.Experiments.validation.orbit.case import ScoredCase, Truth, sources_version
from Testing.Experiments.validation.orbit.kept_out import kept_out_heads
from Testing.Experiments.validation.orbit.sides import found_globes, swaps

#: Largest distance (mm) from the true centre at which an eye counts as found.
NEAR_MM = 8.0
_SEED = 29
WHOLE_HEADS = "whole heads from label maps kept out of training, voxels of 2 mm, any contrast"
#: Fields of view: description, sides of the eyes in them, and size (mm).
_FIELDS = (("both eyes", tuple(Side), (110.0, 70.0, 30.0)), ("the right eye", (Side.RIGHT,), (64.0, 70.0, 56.0)),
           ("the left eye", (Side.LEFT,), (64.0, 70.0, 56.0)))
#: Distance (mm) of the centre of a field of view behind the centre of the eyes.
_BEHIND = 12.0


def whole_head_cases(contrasts: int) -> Iterator[ScoredCase]:
    """Yield heads of the excluded label maps with voxels of 2 mm, ``contrasts`` images of each."""
    version = sources_version("NeuroOrbitLib/phantom")
    for head in kept_out_heads():
        for seed in range(contrasts):
            yield ScoredCase("whole heads", f"{head.name.split('.')[0]} head {seed}", _loader(head, seed), version)


def eyes_of_heads(contrasts: int) -> dict[str, list[ScoredCase]]:
    """Return whole heads, and small fields of view cropped from them: title of each group and its cases."""
    heads = list(whole_head_cases(contrasts))
    groups = {WHOLE_HEADS: heads}
    for words, sides, size in _FIELDS:
        title = f"fields of view of {' x '.join(f'{length:g}' for length in size)} mm around {words} of these heads"
        groups[title] = [replace(head, group=title, load=_field_of(head, sides, size)) for head in heads]
    return groups


def find_eyes_of(case: ScoredCase, package: ModelPackage, _views: int | None = None) -> dict[str, Any]:
    """Segment a head or a part of it, with one view of each orbit.

    :return: ``scans``, ``eyes`` (in the scans), ``missed`` (eyes not found), ``swapped`` (eyes labelled as those of the
        other side) and ``elsewhere`` (eyes found where there is none).
    """
    truth = case.load()
    there = _eyes(truth)
    found = found_globes(truth.image, package)
    near = {side for side in there for place in found.values() if np.linalg.norm(place - there[side]) <= NEAR_MM}
    elsewhere = sum(bool(min(np.linalg.norm(place - other) for other in there.values()) > NEAR_MM)
                    for place in found.values())
    return {"scans": 1, "eyes": len(there), "missed": len(there) - len(near), "swapped": swaps(found, there),
            "elsewhere": elsewhere}


def _eyes(truth: Truth) -> dict[Side, np.ndarray]:
    """Return the centre (R, A, S; mm) of each eye in the scan."""
    places = {side: np.argwhere(truth.labels.array == label_value("eyeball", side)) for side in Side}
    return {side: truth.labels.grid.ras_from_ijk(found[0][::-1]) for side, found in places.items() if len(found)}


def _field_of(head: ScoredCase, sides: Sequence[Side], size: tuple[float, float, float]) -> Callable[[], Truth]:
    """Return a function that loads the field of view around some eyes from a scan of a head."""
    def load() -> Truth:
        truth = head.load()
        eyes = _eyes(truth)
        middle = np.mean([eyes[side] for side in sides], axis=0) - (0, _BEHIND, 0)
        field = grid_around(middle, size, truth.image.spacing)
        box = box_covering(truth.image.grid, field)
        return Truth(crop(truth.image, box), crop(truth.labels, box))

    return load


def _loader(path, seed: int):
    def load() -> Truth:
        head = load_head(path)
        tissues = torch.from_numpy(tissues_from_labels(head.labels.array))
        even = tuple(slice(0, count - count % 2) for count in tissues.shape)
        image = synthesise(tissues[even], 2.0, np.random.default_rng([_SEED, seed]), UNSPECIFIED_SOFT_TISSUE)
        affine = head.labels.affine @ np.diag([2.0, 2.0, 2.0, 1.0])
        affine[:3, 3] = head.labels.grid.ras_from_ijk(np.full(3, 0.5))
        scan = Image(1000.0 * image.numpy(), affine)
        # Only the centre of each globe is needed.
        eyes = np.zeros(scan.array.shape, np.uint8)
        for frame in head.frames:
            middle = np.round(scan.grid.ijk_from_ras(np.array(frame.center))).astype(int)
            eyes[tuple(middle[::-1])] = label_value("eyeball", frame.side)
        return Truth(scan, scan.with_array(eyes))

    return load

"""Whole heads that were kept out of training, in any contrast: are the eyes found, and only they?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.phantom.randomised_image import synthesise
from OrbitSegmentationLib.default_model.head_labels import UNSPECIFIED_SOFT_TISSUE, load_head, tissues_from_labels
from Testing.Validation.orbit.case import Case, Truth, sources_version
from Testing.Validation.orbit.kept_out import kept_out_heads
from Testing.Validation.orbit.sides import found_globes, swaps

#: An eye counts as found when its middle is this near to the true one (mm).
NEAR_MM = 8.0
_SEED = 29


def whole_head_cases(contrasts: int) -> Iterator[Case]:
    """Heads of the label maps that were kept out of training in voxels of 2 mm; ``contrasts``: images of each."""
    version = sources_version("NeuroOrbitLib/phantom")
    for head in kept_out_heads():
        for seed in range(contrasts):
            yield Case("whole heads", f"{head.name.split('.')[0]} head {seed}", _loader(head, seed), version)


def find_eyes_of(case: Case, package: ModelPackage, _views: int | None = None) -> dict[str, Any]:
    """Segment a head, each orbit from one view.

    :return: ``heads``, ``missed`` (eyes not found), ``swapped`` (eyes labelled as those of the other side) and
        ``elsewhere`` (eyes found where there is none).
    """
    truth = case.load()
    there = {side: truth.labels.grid.ras_from_ijk(np.argwhere(truth.labels.array == value)[0][::-1])
             for side in Side for value in [label_value("eyeball", side)]}
    found = found_globes(truth.image, package)
    near = {side for side in Side for place in found.values() if np.linalg.norm(place - there[side]) <= NEAR_MM}
    elsewhere = sum(bool(min(np.linalg.norm(place - other) for other in there.values()) > NEAR_MM)
                    for place in found.values())
    return {"heads": 1, "missed": len(Side) - len(near), "swapped": swaps(found, there), "elsewhere": elsewhere}


def _loader(path, seed: int):
    def load() -> Truth:
        head = load_head(path)
        tissues = torch.from_numpy(tissues_from_labels(head.labels.array))
        even = tuple(slice(0, count - count % 2) for count in tissues.shape)
        image = synthesise(tissues[even], 2.0, np.random.default_rng([_SEED, seed]), UNSPECIFIED_SOFT_TISSUE)
        affine = head.labels.affine @ np.diag([2.0, 2.0, 2.0, 1.0])
        affine[:3, 3] = head.labels.grid.ras_from_ijk(np.full(3, 0.5))
        scan = Image(1000.0 * image.numpy(), affine)
        # The middle of each globe is all that is asked for.
        eyes = np.zeros(scan.array.shape, np.uint8)
        for frame in head.frames:
            middle = np.round(scan.grid.ijk_from_ras(np.array(frame.center))).astype(int)
            eyes[tuple(middle[::-1])] = label_value("eyeball", frame.side)
        return Truth(scan, scan.with_array(eyes))

    return load

"""The learned way: the network's probability of each bright voxel, grown from sure seeds, kept inside white matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.lesions.classical import (
    ClassicalSettings,
    FoundLesions,
    surrounding_white,
    white_around,
    without_small,
)
from NeuroDifferentialLib.lesions.features import candidates, features
from NeuroDifferentialLib.lesions.scan import PreparedScan
from NeuroDifferentialLib.network import networks
from NeuroOrbitLib.models.package import ModelPackage

_TOUCHING = np.ones((3, 3, 3), dtype=bool)
_BLOCK = 100_000


@dataclass(frozen=True)
class LearnedSettings:
    """How probabilities become lesions; chosen on drawn patients alone.

    :param seed: probability that a lesion reaches somewhere. :param lowest: probability down to which it reaches.
    :param white: share of white matter in the surroundings of a lesion. :param around_mm: how far those reach.
    :param smallest_mm3: smaller lesions are dropped, and those of fewer than ``smallest_voxels`` voxels.
    """

    seed: float = 0.8
    lowest: float = 0.5
    white: float = 0.5
    around_mm: float = 2.0
    smallest_mm3: float = 9.0
    smallest_voxels: int = 3


def probabilities(scan: PreparedScan, package: ModelPackage) -> np.ndarray:
    """Return the probability of lesion of each voxel (K, J, I), float32; 0 where nothing is bright."""
    import torch

    network = networks.load(package, "cpu")
    chosen = candidates(scan)
    values = torch.from_numpy(features(scan, chosen))
    with torch.inference_mode():
        odds = [network(block) for block in values.split(_BLOCK)]
    result = np.zeros(chosen.shape, np.float32)
    if odds:
        result[chosen] = torch.cat(odds).sigmoid().numpy()
    return result


def grown_lesions(probability: np.ndarray, scan: PreparedScan, settings: LearnedSettings) -> np.ndarray:
    """Return the lesions, bool (K, J, I): components above the lower probability that hold a seed in white matter."""
    above = probability > settings.lowest
    pieces, count = ndimage.label(above, structure=_TOUCHING)
    if not count:
        return above
    wanted = ndimage.maximum(probability, pieces, np.arange(1, count + 1)) > settings.seed
    rules = ClassicalSettings(around_mm=settings.around_mm, smallest_mm3=settings.smallest_mm3,
                              smallest_voxels=settings.smallest_voxels)
    wanted &= white_around(scan, surrounding_white(scan), pieces, wanted, rules) >= settings.white
    return without_small(np.concatenate([[False], wanted])[pieces], scan, rules)


def find_lesions(scan: PreparedScan, package: ModelPackage, settings: LearnedSettings | None = None) -> FoundLesions:
    """Return the lesions that the network of a package finds."""
    probability = probabilities(scan, package)
    return FoundLesions(grown_lesions(probability, scan, settings or LearnedSettings(**package.facts.settings)),
                        probability)

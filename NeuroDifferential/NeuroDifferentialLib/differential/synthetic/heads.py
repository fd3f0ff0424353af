"""Heads for synthetic patients: the average brain of the extension's atlas, stretched and bent at random."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.anatomy.priors import brain_priors
from NeuroOrbitLib.anatomy.brain import FREESURFER_VALUES, BrainPart
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.brain.head import LabelledBrain
from NeuroOrbitLib.phantom.brain.zones import Zones

#: Different heads; patients of both classes share them alike.
HEADS = 12
#: Relative SD of the size along each axis; SD (mm) and smoothness (mm) of the bending.
_STRETCH, _BEND, _SMOOTHNESS = 0.05, 3.0, 24.0
_MARGIN = 8
#: Thickness (mm) of skull and scalp together, and of the skull.
_HEAD_WALL, _SKULL = 14.0, 8.0
_SCALP_VALUE, _SKULL_VALUE = 511, 515


@lru_cache(maxsize=HEADS)
def head(number: int) -> LabelledBrain:
    """Return one of the heads on voxels of 2 mm, in a skull and scalp; the same number gives the same head."""
    priors = brain_priors()
    places = _bent(priors.probabilities.shape[1:], np.random.default_rng([number, 59]))
    parts = np.stack([ndimage.map_coordinates(share, places, order=1, mode="nearest")
                      for share in priors.probabilities]).argmax(axis=0)
    parts = np.pad(parts, _MARGIN).astype(np.uint8)
    affine = priors.affine.copy()
    affine[:3, 3] -= affine[:3, :3] @ np.full(3, float(_MARGIN))
    return LabelledBrain(f"head-{number}", Image(_labels(parts, priors.grid.spacing[::-1]), affine), parts)


@lru_cache(maxsize=HEADS)
def zones_of(number: int) -> Zones:
    """Return where each pattern of lesions may lie in a head."""
    brain = head(number)
    return Zones.of(brain.parts, brain.labels.spacing[::-1])


def _bent(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """The place in the average brain of every voxel of a random head, (3, K, J, I) in voxels."""
    size = np.array(shape)[:, None, None, None]
    places = np.indices(shape, dtype=np.float32)
    middle = (size - 1) / 2.0
    stretch = np.exp(rng.normal(0, _STRETCH, 3))[:, None, None, None]
    bend = []
    for _axis in range(3):
        field = ndimage.gaussian_filter(rng.standard_normal(shape).astype(np.float32), _SMOOTHNESS / 2.0 / 2.0)
        bend.append(field * (_BEND / 2.0 / max(float(field.std()), 1e-9)))
    return middle + (places - middle) * stretch + np.stack(bend)


def _labels(parts: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    values = np.array([FREESURFER_VALUES[part][0] if part else 0 for part in BrainPart], np.int16)
    labels = values[parts]
    depth = ndimage.distance_transform_edt(parts == BrainPart.OUTSIDE, spacing)
    labels[(depth > 0) & (depth < _HEAD_WALL)] = _SCALP_VALUE
    labels[(depth > 0) & (depth < _SKULL)] = _SKULL_VALUE
    return labels

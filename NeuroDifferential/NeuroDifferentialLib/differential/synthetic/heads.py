"""Heads of synthetic patients, drawn from the extension's atlas with random folds, sulci and proportions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.anatomy.priors import BrainPriors, brain_priors
from NeuroOrbitLib.anatomy.brain import FREESURFER_VALUES, BrainPart
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.pieces import largest_piece
from NeuroOrbitLib.phantom.brain.head import LabelledBrain
from NeuroOrbitLib.phantom.brain.zones import Zones

#: Number of different heads, which patients of both classes share alike.
HEADS = 12
#: Edge of a voxel (mm).
VOXEL = 1.5
#: Relative SD of the size along each axis; SD (mm) and smoothness (mm) of the deformation.
_STRETCH, _BEND, _SMOOTHNESS = 0.05, 1.5, 20.0
#: Range of widths (mm) of the folds of the cortex, and the strength with which they make white matter or fluid more
#: likely (SD of the logarithm).
_FOLD_WIDTHS, _FOLD = (2.4, 4.8), 1.2
#: Logarithm that is added to the cortex, so that it remains the layer between white matter and fluid.
_LAYER = 0.1
#: Share of cortex and fluid from which on folds act fully; elsewhere parts are as in the atlas.
_FOLDED = 0.3
_RARE = 1e-3
#: Air around the head (mm), thickness of skull and scalp together (mm), and thickness of the skull (mm).
_MARGIN, _HEAD_WALL, _SKULL = 9.0, 14.0, 8.0
_SCALP_VALUE, _SKULL_VALUE = 511, 515
_CORTICES = (BrainPart.CORTEX, BrainPart.CEREBELLAR_CORTEX)
_INSIDE_CORTEX = (BrainPart.WHITE_MATTER, BrainPart.CEREBELLAR_WHITE_MATTER)
_AROUND_CORTEX = (BrainPart.CSF, BrainPart.OUTSIDE)


@lru_cache(maxsize=HEADS)
def head(number: int) -> LabelledBrain:
    """Return one of the heads, with skull and scalp; the same number (from 0) gives the same head."""
    priors, rng = brain_priors(), np.random.default_rng([number, 59])
    places = _bent(priors, rng)
    shares = {part: ndimage.map_coordinates(priors.probabilities[part], places, order=1, mode="nearest")
              for part in BrainPart}
    parts = np.pad(_folded(shares, rng), round(_MARGIN / VOXEL))
    affine = np.diag([VOXEL, VOXEL, VOXEL, 1.0])
    affine[:3, 3] = priors.grid.center - VOXEL * (np.array(parts.shape[::-1]) - 1) / 2
    return LabelledBrain(f"head-{number}", Image(_labels(parts), affine), parts)


@lru_cache(maxsize=HEADS)
def zones_of(number: int) -> Zones:
    """Return the zones of a head in which each pattern of lesions may occur."""
    brain = head(number)
    return Zones.of(brain.parts, brain.labels.spacing[::-1])


def _bent(priors: BrainPriors, rng: np.random.Generator) -> np.ndarray:
    """Return the position in the atlas of every voxel of a random head, (3, K, J, I) in voxels of the atlas."""
    size, spacing = np.array(priors.probabilities.shape[1:]), np.array(priors.grid.spacing[::-1])
    shape = tuple(int(edge) for edge in np.rint(size * spacing / VOXEL))
    stretch = np.exp(rng.normal(0, _STRETCH, 3))
    places = np.empty((3, *shape), np.float32)
    for axis in range(3):
        steps = (np.arange(shape[axis]) - (shape[axis] - 1) / 2) * VOXEL / spacing[axis] * stretch[axis]
        bend = _field(shape, _SMOOTHNESS / VOXEL, rng) * (_BEND / spacing[axis])
        places[axis] = (size[axis] - 1) / 2 + steps.reshape([-1 if axis == other else 1 for other in range(3)]) + bend
    return places


def _folded(shares: Mapping[BrainPart, np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Return the part of every voxel, uint8: the most probable one after random folding of the cortex.

    Where heads differ in their folds, the atlas contains only shares of white matter, cortex and fluid. A random field
    of waves makes white matter more likely where it is high and fluid where it is low, with cortex between them, as in
    gyri and sulci.
    """
    varied = sum(shares[part] for part in (*_CORTICES, BrainPart.CSF))
    wave = np.clip(varied / _FOLDED, 0, 1) * _FOLD * _waves(varied.shape, rng)
    gains = {**dict.fromkeys(_INSIDE_CORTEX, wave), **dict.fromkeys(_AROUND_CORTEX, -wave),
             **dict.fromkeys(_CORTICES, _LAYER)}
    parts = np.stack([np.log(shares[part] + _RARE) + gains.get(part, 0.0) for part in BrainPart]).argmax(axis=0)
    parts = parts.astype(np.uint8)
    outside = np.isin(parts, _AROUND_CORTEX)
    alone = np.isin(parts, _INSIDE_CORTEX) & ~largest_piece(~outside & ~np.isin(parts, _CORTICES))
    alone |= (parts == BrainPart.CSF) & ~largest_piece(outside)
    nearest = np.where(shares[BrainPart.CORTEX] >= shares[BrainPart.CEREBELLAR_CORTEX], *_CORTICES)
    parts[alone] = nearest[alone]
    parts[(parts == BrainPart.OUTSIDE) & ~largest_piece(parts == BrainPart.OUTSIDE)] = BrainPart.CSF
    return parts


def _waves(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Return a random field of unit SD whose waves all have about the same length."""
    noise = rng.standard_normal(shape).astype(np.float32)
    fine, coarse = (ndimage.gaussian_filter(noise, width / VOXEL, mode="wrap") for width in _FOLD_WIDTHS)
    waves = fine - coarse
    return waves / waves.std()


def _field(shape: tuple[int, ...], width: float, rng: np.random.Generator) -> np.ndarray:
    """Return a random field of unit SD that varies over ``width`` voxels."""
    coarse = rng.standard_normal([round(size / width) + 3 for size in shape]).astype(np.float32)
    steps = [np.arange(size) / width + 1 for size in shape]
    field = ndimage.map_coordinates(coarse, np.meshgrid(*steps, indexing="ij"), order=3, output=np.float32)
    return field / max(float(field.std()), 1e-9)


def _labels(parts: np.ndarray) -> np.ndarray:
    values = np.array([FREESURFER_VALUES[part][0] if part else 0 for part in BrainPart], np.int16)
    labels = values[parts]
    depth = ndimage.distance_transform_edt(parts == BrainPart.OUTSIDE, (VOXEL,) * 3)
    labels[(depth > 0) & (depth < _HEAD_WALL)] = _SCALP_VALUE
    labels[(depth > 0) & (depth < _SKULL)] = _SKULL_VALUE
    return labels

"""Masks as another reader might have drawn them: with outlines slightly larger or smaller, noisy and displaced.

If a cohort has no second reader, features are measured again on such masks, and those that change are left out
(Zwanenburg et al. 2019).
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter, shift

from NeuroOrbitLib.imaging.boxes import box_around
from NeuroOrbitLib.imaging.image import Image

#: SD of the smooth noise on the outlines, largest growth or shrinkage (about a pixel of clinical scans), and largest
#: translation within the slice, all in mm. They do not grow with the voxel size of coarser scans.
CONTOUR_NOISE, GROWTH, TRANSLATION = 0.25, 0.4, 0.25
_SMOOTHNESS = 1.0


def perturbed(labels: Image, drawn_anew: Collection[int], seed: int) -> Image:
    """Return a label map with some labels drawn anew; the others are unchanged, except where these grow into them.

    Each label drawn anew grows or shrinks, moves within its slices and gets smooth noise on its outline. A label that
    would vanish keeps its outline.

    :param labels: label map.
    :param drawn_anew: label values of the structures to perturb.
    :param seed: seed of the perturbation; the same seed gives the same masks.
    """
    values = [value for value in drawn_anew if (labels.array == value).any()]
    box = box_around(np.isin(labels.array, values))
    if box is None:
        return labels
    region = box.grown((1, 6, 6) if labels.array.shape[0] > 1 else (0, 6, 6)).inside(labels.array.shape)
    thick = int(np.argmax(labels.spacing[::-1]))
    rng = np.random.default_rng([seed, 71])
    part = labels.array[region.slices]
    steps = np.array(labels.spacing[::-1])
    depths = np.stack([_depth(part == value, steps, thick, rng) for value in values])
    best = depths.argmax(axis=0)
    drawn = np.where(depths.max(axis=0) > 0, np.array(values)[best], 0)
    result = labels.array.copy()
    own = np.isin(part, values)
    inside = result[region.slices]
    inside[own] = 0
    inside[drawn > 0] = drawn[drawn > 0]
    return labels.with_array(result)


def _depth(mask: np.ndarray, steps: np.ndarray, thick: int, rng: np.random.Generator) -> np.ndarray:
    """Return the depth of each voxel inside the redrawn structure (mm within the slice), negative outside."""
    sampling = steps.copy()
    sampling[thick] = 1e3  # outlines are drawn slice by slice
    signed = distance_transform_edt(mask, sampling=sampling) - distance_transform_edt(~mask, sampling=sampling)
    signed = np.clip(signed - 0.5 * min(steps) * np.sign(signed), -10.0, 10.0)
    sigma, offsets = _SMOOTHNESS / steps, rng.uniform(-TRANSLATION, TRANSLATION, size=3) / steps
    sigma[thick] = offsets[thick] = 0.0
    noise = gaussian_filter(rng.normal(size=mask.shape), sigma)
    noise *= CONTOUR_NOISE / max(float(noise.std()), 1e-9)
    moved = shift(signed, offsets, order=1, mode="nearest") + noise + rng.uniform(-GROWTH, GROWTH)
    return moved if (moved > 0).any() else signed

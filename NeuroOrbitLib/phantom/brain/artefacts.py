"""Artefacts that look like lesions in FLAIR: flowing fluid, choroid plexus, septum, bright skin fat, motion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.brain import VENTRICLES, WHITE_MATTER_PARTS, BrainPart
from NeuroOrbitLib.imaging.boxes import box_around
from NeuroOrbitLib.phantom.tissue import Tissue


@dataclass(frozen=True)
class FalseLesions:
    """The brightness of false lesions, relative to grey matter; 0 for none.

    :param flow: brightness of fluid that flows during inversion, in the ventricles and around the brainstem.
    :param plexus: brightness of the choroid plexus in the lateral ventricles.
    :param septum: brightness of the septum pellucidum between the lateral ventricles.
    :param rim: largest brightness of the lateral ventricles' lining.
    :param rim_width: distance (mm) within which the lining fades.
    :param cortex: SD of the brightness within cortex and hippocampus.
    """

    flow: float = 0.6
    plexus: float = 1.2
    septum: float = 0.9
    rim: float = 0.2
    rim_width: float = 1.5
    cortex: float = 0.10

    @classmethod
    def random(cls, rng: np.random.Generator) -> FalseLesions:
        """Return the random brightness of false lesions as in usual scans."""
        return cls(rng.uniform(0, 1.2) * (rng.random() < 0.5), rng.uniform(0.3, 1.4), rng.uniform(0.4, 1.3),
                   rng.uniform(0.1, 0.9), rng.uniform(0.8, 2.5), rng.uniform(0.04, 0.14))

    @classmethod
    def none(cls) -> FalseLesions:
        """Return a scan without false lesions."""
        return cls(0.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def add_false_lesions(image: np.ndarray, parts: np.ndarray, levels: np.ndarray, amounts: FalseLesions,
                      rng: np.random.Generator) -> np.ndarray:
    """Return a FLAIR image (K, J, I; ideal signal) with false lesions.

    :param image: FLAIR image, ideal signal (K, J, I).
    :param parts: :class:`BrainPart` values, same shape; axes superior, anterior, right.
    :param levels: signal of each tissue, (tissues,).
    :param amounts: brightness of the false lesions.
    :param rng: random generator.
    """
    grey, result = float(levels[Tissue.GRAY_MATTER]), image.copy()
    lateral = parts == BrainPart.LATERAL_VENTRICLE
    if amounts.flow:
        result = np.maximum(result, amounts.flow * grey * _flow(parts, rng))
    if amounts.plexus and lateral.any():
        result = np.maximum(result, amounts.plexus * grey * _plexus(lateral, rng))
    if amounts.septum and lateral.any():
        result = np.maximum(result, amounts.septum * grey * _septum(lateral))
    if amounts.rim and lateral.any():
        result += amounts.rim * grey * _lining(parts, lateral, amounts.rim_width, rng)
    if amounts.cortex:
        folded = np.isin(parts, (BrainPart.CORTEX, BrainPart.MEDIAL_TEMPORAL))
        result[folded] += amounts.cortex * grey * smooth_field(parts.shape, 6.0, rng)[folded]
    return result


def smooth_field(shape: tuple[int, ...], width: float, rng: np.random.Generator) -> np.ndarray:
    """Return a random field (K, J, I), float32, of unit SD that varies over ``width`` voxels."""
    coarse = rng.standard_normal([max(round(size / width), 2) for size in shape]).astype(np.float32)
    zoom = [size / small for size, small in zip(shape, coarse.shape, strict=True)]
    field = ndimage.zoom(coarse, zoom, order=1, mode="nearest", grid_mode=True)[tuple(slice(0, n) for n in shape)]
    return field / max(float(field.std()), 1e-6)


def moved_head(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Return the image (K, J, I) with faint copies of itself along the phase axis J."""
    step = int(rng.integers(8, max(image.shape[1] // 4, 10)))
    ghosts = np.roll(image, step, axis=1) + np.roll(image, -step, axis=1)
    return image + strength * ghosts


def _lining(parts: np.ndarray, lateral: np.ndarray, width: float, rng: np.random.Generator) -> np.ndarray:
    """Return the share (0 to 1) of the lining around the lateral ventricles, uneven and fading into white matter."""
    box = box_around(lateral).grown(round(4 * width) + 1).inside(lateral.shape)
    near = lateral[box.slices]
    depth = np.maximum(ndimage.distance_transform_edt(~near) - 1.0, 0.0)
    uneven = np.clip(0.5 + 0.35 * smooth_field(near.shape, 10.0, rng), 0.0, 1.0)
    white = np.isin(parts[box.slices], WHITE_MATTER_PARTS)
    result = np.zeros(parts.shape, np.float32)
    result[box.slices] = np.where(white, uneven * np.exp(-depth / width), 0)
    return result


def _flow(parts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the share of flow signal: blobs in the ventricles and in the fluid before and beside the brainstem."""
    fluid = np.isin(parts, VENTRICLES)
    stem = parts == BrainPart.BRAINSTEM
    if stem.any():
        fluid |= (parts == BrainPart.CSF) & ndimage.binary_dilation(stem, iterations=8)
    field = ndimage.gaussian_filter(rng.standard_normal(parts.shape).astype(np.float32), 3.0)
    return np.where(fluid, np.clip(field / field.std() - 0.7, 0, 1), 0).astype(np.float32)


def _plexus(lateral: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the share of choroid plexus: strands in the back half of the lateral ventricles, where they are wide."""
    places = np.argwhere(lateral)
    behind = np.arange(lateral.shape[1])[None, :, None] < np.percentile(places[:, 1], 45)
    wide = ndimage.distance_transform_edt(lateral) > 1.5
    field = ndimage.gaussian_filter(rng.standard_normal(lateral.shape).astype(np.float32), 1.5)
    return (lateral & behind & wide & (field > 0.8 * field.std())).astype(np.float32)


def _septum(lateral: np.ndarray) -> np.ndarray:
    """Return the share of the septum pellucidum: fluid beside the sagittal plane between the ventricles."""
    middle = round(float(np.median(np.argwhere(lateral)[:, 2])))
    result = np.zeros(lateral.shape, np.float32)
    plane = slice(max(middle - 1, 0), middle + 1)
    result[:, :, plane] = lateral[:, :, plane]
    return result

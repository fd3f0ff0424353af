"""Brightness of the tissues of an orbit in an MRI relative to its muscles, which distinguishes T2 from T1 and FLAIR."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_dilation, binary_erosion, distance_transform_edt

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, Side, label_value
from NeuroOrbitLib.imaging.boxes import box_around
from NeuroOrbitLib.imaging.image import Image

#: Ratio of the vitreous's signal to that of the muscles from which a scan is a T2, and below which it is none.
VITREOUS_T2, VITREOUS_UNSURE = 1.5, 1.2
#: Distance behind the eyeballs (mm) within which the surroundings of the optic nerve are certainly orbital fat.
BEHIND_EYE = 15.0


def tissue_contrast(scan: Image, labels: Image) -> tuple[float, float]:
    """Return the median signals of the vitreous and of the retrobulbar fat, each as a ratio to that of the muscles.

    A ratio is NaN if one of its tissues has too few voxels.

    :param scan: the MRI.
    :param labels: label map of the vocabulary on the same grid.
    """
    values = scan.array.astype(np.float32)
    muscles = np.isin(labels.array, [label_value(key, side) for key in EXTRAOCULAR_MUSCLES for side in Side])
    globes = np.isin(labels.array, [label_value("eyeball", side) for side in Side])
    inner = binary_erosion(globes, iterations=2)
    muscle = _median(values, muscles)
    return _median(values, inner if inner.any() else globes) / muscle, _median(values, _retrobulbar(labels)) / muscle


def _retrobulbar(labels: Image) -> np.ndarray:
    """Return the mask of the retrobulbar fat: its label or else unlabelled voxels around the optic nerves.

    The latter only reach :data:`BEHIND_EYE` behind the eyeballs: farther back the nerve leaves the orbit and is
    surrounded by bone, vessels and brain.
    """
    fat = np.isin(labels.array, [label_value("orbital_fat", side) for side in Side])
    if fat.sum() >= 50:
        return fat
    mask = np.zeros(labels.array.shape, dtype=bool)
    nerves, eyes = (np.isin(labels.array, [label_value(key, side) for side in Side])
                    for key in ("optic_nerve", "eyeball"))
    box = box_around(nerves)
    if box is None or not eyes.any():
        return mask
    steps = tuple(reversed(labels.spacing))
    grown = box.grown(tuple(int(np.ceil(BEHIND_EYE / step)) for step in steps)).inside(mask.shape)
    from_nerve, from_eye = (distance_transform_edt(~there[grown.slices], sampling=steps) for there in (nerves, eyes))
    others = binary_dilation(labels.array[grown.slices] > 0)
    mask[grown.slices] = (from_nerve > 2.0) & (from_nerve < 7.0) & (from_eye < BEHIND_EYE) & ~others
    return mask


def _median(values: np.ndarray, mask: np.ndarray) -> float:
    return float(np.median(values[mask])) if mask.sum() >= 20 else float("nan")

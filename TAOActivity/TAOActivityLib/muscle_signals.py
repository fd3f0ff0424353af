"""Signals of the muscles, measured in every training crop, which the network learns in addition to the label.

The measurements come from the image and its segmentation, not from the label, so that they may be used with true and
with permuted labels. The classifier itself needs no segmentation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from NeuroOrbitLib.anatomy.structures import RECTI, Side, label_value
from NeuroOrbitLib.classifiers.cohort import Cohort

#: Smallest number of voxels for which a muscle is measured.
SMALLEST = 20


def muscle_signals(cohort: Cohort, places: Sequence[int]) -> np.ndarray:
    """Return the signals (cases, 7) of the cases at ``places``, NaN where unknown; mirror images have the same.

    They are the mean z-score of each rectus over both sides, the highest of these means, and the logarithms of the
    highest ratios to the brain and to the temporal muscle within the crop.
    """
    images = cohort.arrays("image", places).astype(np.float32)
    return np.array([[*_recti(image, cohort.array("labels", place)), _log(cohort.cases[place].numbers["brain_ratio"]),
                      _log(cohort.cases[place].numbers["temporalis_ratio"])]
                     for place, image in zip(places, images, strict=True)])


def _recti(image: np.ndarray, labels: np.ndarray) -> list[float]:
    masks = [np.isin(labels, [label_value(key, side) for side in Side]) for key in RECTI]
    means = [float(image[mask].mean()) if mask.sum() >= SMALLEST else float("nan") for mask in masks]
    return [*means, max((mean for mean in means if np.isfinite(mean)), default=float("nan"))]


def _log(ratio: float) -> float:
    return float(np.log(ratio)) if ratio > 0 else float("nan")

"""What of a crop is compared with the crops of a model's training: grey values, muscles, and the network's features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, Side, label_value
from NeuroOrbitLib.classifiers import familiarity
from NeuroOrbitLib.classifiers.novelty import Novelty

if TYPE_CHECKING:
    from torch import nn

ADVICE = "Do not rely on the probability; look at the signal ratios and the image."
_MUSCLES = [label_value(key, side) for key in EXTRAOCULAR_MUSCLES for side in Side]
_EYES = [label_value("eyeball", side) for side in Side]


def novelty_of(network: nn.Module, image: np.ndarray, labels: np.ndarray, document: Mapping[str, Any]) -> Novelty:
    """Return how unusual a stored crop (5, 164, 164) with its label map is.

    :param document: that the package's training has written (:mod:`NeuroOrbitLib.classifiers.familiarity`).
    """
    return familiarity.novelty_of(image_measures(image, labels), features_of(network, image[None])[0], document)


def image_measures(image: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Grey values (z-scores) of eyes and muscles, how much the rest spreads, sharpness, and size of the muscles.

    :param image: z-scored crop (5, 164, 164).
    :param labels: its label map; a structure that is not there gives NaN.
    """
    values = image.astype(np.float32)
    eyes, muscles = np.isin(labels, _EYES), np.isin(labels, _MUSCLES)
    rest = values[~eyes & ~muscles]
    slope = np.hypot(*(np.diff(values, axis=axis)[:, :-1 if axis == 2 else None, :-1 if axis == 1 else None]
                       for axis in (1, 2)))
    low, high = np.percentile(rest, [10, 90])
    return {
        "eyes": _median(values[eyes]), "muscles": _median(values[muscles]), "surroundings": float(np.median(rest)),
        "contrast": float(high - low), "sharpness": float(np.log(slope.mean() + 1e-6)),
        "muscle_size": float(np.log(muscles.sum())) if muscles.any() else float("nan"),
    }  # fmt: skip


def features_of(network: nn.Module, images: np.ndarray) -> np.ndarray:
    """What the network makes of stored crops before its fully connected layers, averaged over each map,
    (cases, features)."""
    import torch

    from TAOActivityLib.augmentation import seen

    crops = seen(torch.from_numpy(images))
    with torch.inference_mode():
        maps = [network.features(part).mean(dim=(2, 3)) for part in crops.split(16)]
    return torch.cat(maps).float().numpy()


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if values.size else float("nan")


"""What of a crop is compared with the crops of a model's training: grey values, muscles, and the network's features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, Side, label_value
from NeuroOrbitLib.classifiers import familiarity
from NeuroOrbitLib.classifiers.novelty import Novelty
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from torch import nn

ADVICE = _("Do not rely on the probability; look at the signal ratios and the image.")
_MUSCLES = [label_value(key, side) for key in EXTRAOCULAR_MUSCLES for side in Side]
_EYES = [label_value("eyeball", side) for side in Side]


def novelty_of(network: nn.Module, image: np.ndarray, labels: np.ndarray, document: Mapping[str, Any]) -> Novelty:
    """Return how unusual a stored crop (5, 164, 164) with its label map is.

    :param document: that the package's training has written (:mod:`NeuroOrbitLib.classifiers.familiarity`).
    """
    return familiarity.novelty_of(image_measures(image, labels), features_of(network, image[None])[0], document)


def image_measures(image: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return measures of a z-scored crop (5, 164, 164) with its label map."""
    regions = {"eyes": np.isin(labels, _EYES), "muscles": np.isin(labels, _MUSCLES)}
    return familiarity.image_measures(image, regions, "muscles")


def features_of(network: nn.Module, images: np.ndarray) -> np.ndarray:
    """Return what the network makes of stored crops before its fully connected layers, (cases, features)."""
    from TAOActivityLib.augmentation import seen

    return familiarity.network_features(network, images, seen)

"""What of a prepared scan is compared with those of a model's training: grey values, muscles, the network's view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from IVGCResponseLib.muscle_groups import ALL_RECTI, values_of
from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.classifiers import familiarity
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from torch import nn

    from NeuroOrbitLib.classifiers.packing import PackagePredictor

ADVICE = _("Do not rely on the probability; look at the signal ratios and the image.")
_EYES = [label_value("eyeball", side) for side in Side]


def image_measures(image: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return measures of a z-scored volume (32, 128, 128) with its label map; also how patchy the recti are."""
    muscles = np.isin(labels, values_of(ALL_RECTI))
    found = familiarity.image_measures(image, {"eyes": np.isin(labels, _EYES), "muscles": muscles}, "muscles")
    patchiness = float(image[muscles].astype(np.float32).std()) if muscles.any() else float("nan")
    return {**found, "patchiness": patchiness}


def features_of(network: nn.Module, images: np.ndarray) -> np.ndarray:
    """Return the image's features before they meet any number, averaged over each map, (cases, features)."""
    from IVGCResponseLib.augmentation import seen

    return familiarity.network_features(network, images, seen)


def view_of(predictor: PackagePredictor, images: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return what a model makes of cases before it decides, (cases, features): of a network the image's features, of
    a learner on numbers the scaled numbers.

    :param images: as stored, (cases, 32, 128, 128).
    :param numbers: in the order of the predictor's columns, (cases, columns), NaN where missing.
    """
    from NeuroOrbitLib.classifiers.number_predictor import NumberPredictor

    if isinstance(predictor, NumberPredictor):
        return predictor.scaled(numbers)
    return features_of(predictor.network, images)

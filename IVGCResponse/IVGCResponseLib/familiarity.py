"""Measures of a prepared scan that are compared with the training: grey values, muscles, the network's features."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from IVGCResponseLib.muscle_groups import ALL_RECTI, values_of
from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.classifiers import familiarity
from NeuroOrbitLib.classifiers.familiarity import Familiarity
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from torch import Tensor, nn

ADVICE = _("Do not rely on the probability; look at the signal ratios and the image.")
_EYES = [label_value("eyeball", side) for side in Side]


def image_measures(image: np.ndarray, labels: np.ndarray | None) -> dict[str, float]:
    """Return measures of a z-scored volume (32, 128, 128) with its label map, including how patchy the recti are."""
    muscles = np.isin(labels, values_of(ALL_RECTI))
    found = familiarity.image_measures(image, {"eyes": np.isin(labels, _EYES), "muscles": muscles}, "muscles")
    patchiness = float(image[muscles].astype(np.float32).std()) if muscles.any() else float("nan")
    return {**found, "patchiness": patchiness}


def _seen(_network: nn.Module, images: Tensor) -> Tensor:
    from NeuroOrbitLib.classifiers.augmentation import seen

    return seen(images)


FAMILIARITY = Familiarity(image_measures, _seen)

"""Measures of a crop that are compared with the training crops: grey values, muscles, the network's features."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, Side, label_value
from NeuroOrbitLib.classifiers import familiarity
from NeuroOrbitLib.classifiers.familiarity import Familiarity
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from torch import Tensor, nn

ADVICE = _("Do not rely on the probability; look at the signal ratios and the image.")
_MUSCLES = [label_value(key, side) for key in EXTRAOCULAR_MUSCLES for side in Side]
_EYES = [label_value("eyeball", side) for side in Side]


def image_measures(image: np.ndarray, labels: np.ndarray | None) -> dict[str, float]:
    """Return measures of a z-scored crop (5, 164, 164) with its label map."""
    regions = {"eyes": np.isin(labels, _EYES), "muscles": np.isin(labels, _MUSCLES)}
    return familiarity.image_measures(image, regions, "muscles")


def _seen(_network: nn.Module, images: Tensor) -> Tensor:
    from TAOActivityLib.augmentation import seen

    return seen(images)


FAMILIARITY = Familiarity(image_measures, _seen)

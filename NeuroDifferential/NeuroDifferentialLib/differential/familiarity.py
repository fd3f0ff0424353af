"""Measures by which a lesion image is compared with those of a model's training: load, position and scatter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from NeuroDifferentialLib.differential.estimators import INPUTS
from NeuroDifferentialLib.differential.lesion_image import FULL
from NeuroOrbitLib.classifiers.familiarity import Familiarity
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from torch import Tensor, nn

ADVICE = _("Do not rely on the probability; look at the places of the lesions and at the criteria.")


def image_measures(image: np.ndarray, _labels: np.ndarray | None = None) -> dict[str, float]:
    """Return load, position (share of the brain's box), scatter and solidity of the lesions; NaN without lesions.

    :param image: stored lesion image, uint8 (100, 100, 100).
    :param _labels: not used, as cohorts of lesion images have no label maps.
    """
    places = np.argwhere(image > 0)
    if not len(places):
        return dict.fromkeys(("load", "height", "depth", "scatter", "solidity"), float("nan"))
    weights = image[tuple(places.T)].astype(float) / FULL
    middle = np.average(places, axis=0, weights=weights)
    away = np.sqrt(np.average(((places - middle) ** 2).sum(axis=1), weights=weights))
    edge = image.shape[0]
    return {"load": float(np.log(weights.sum())), "height": float(middle[0] / edge), "depth": float(middle[1] / edge),
            "scatter": float(away / edge), "solidity": float(weights.mean())}


def _scaled(network: nn.Module, images: Tensor) -> Tensor:
    return network.scaled(images)


FAMILIARITY = Familiarity(image_measures, _scaled, labels="", image=INPUTS[0])

"""What of a lesion image is compared with those of a model's training: load, place and scatter of the lesions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from NeuroDifferentialLib.differential.lesion_image import FULL
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from torch import nn

    from NeuroOrbitLib.classifiers.packing import PackagePredictor

ADVICE = _("Do not rely on the probability; look at the places of the lesions and at the criteria.")


def image_measures(image: np.ndarray) -> dict[str, float]:
    """Return load, place (share of the brain's box), scatter and solidity of the lesions; NaN where there are none.

    :param image: stored lesion image, uint8 (100, 100, 100).
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


def view_of(predictor: PackagePredictor, image: np.ndarray, numbers: Mapping[str, float]) -> np.ndarray:
    """Return what a model sees of a patient before it decides, (features,).

    :param image: stored lesion image. :param numbers: of the lesion table, for learners on numbers.
    """
    from NeuroOrbitLib.classifiers.number_predictor import NumberPredictor

    if isinstance(predictor, NumberPredictor):
        return predictor.scaled(np.array([[numbers[name] for name in predictor.columns]]))[0]
    return features_of(predictor.network, image[None])[0]


def features_of(network: nn.Module, images: np.ndarray) -> np.ndarray:
    """Return the means of the network's last maps, (cases, features).

    :param images: stored, (cases, 100, 100, 100).
    """
    import torch

    with torch.inference_mode():
        maps = [network.features(network.scaled(part)).flatten(2).mean(dim=2)
                for part in torch.from_numpy(images).split(8)]
    return torch.cat(maps).float().numpy()

"""How unlike the crops of a model's training a crop is: by its grey values, its muscles, and the network's own view.

A network that has seen 160 crops says something about any image; these measures tell when it should not be trusted.
The reference (mean and SD of each measure over the training crops, and the span of their features) is stored in the
model package as the document ``familiar``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, Side, label_value
from NeuroOrbitLib.classifiers.novelty import Novelty, score_of

if TYPE_CHECKING:
    from torch import nn

DOCUMENT = "familiar"
ADVICE = "Do not rely on the probability; look at the signal ratios and the image."
#: Directions of the feature space that are kept: those in which the training crops differ most.
DIRECTIONS = 6
_MUSCLES = [label_value(key, side) for key in EXTRAOCULAR_MUSCLES for side in Side]
_EYES = [label_value("eyeball", side) for side in Side]
_BAD_IF_HIGH = ("features",)


def familiarity_document(network: nn.Module, images: np.ndarray, label_maps: np.ndarray) -> dict[str, Any]:
    """What later crops are compared with.

    :param network: trained classifier.
    :param images: stored crops of the training, (cases, 5, 164, 164).
    :param label_maps: their label maps, same shape.
    """
    seen = [image_measures(image, labels) for image, labels in zip(images, label_maps, strict=True)]
    vectors = features_of(network, images)
    space = _feature_space(vectors)
    distances = [_distance(vector, space) for vector in vectors]
    measures = {name: [case[name] for case in seen] for name in seen[0]}
    reference = {name: _mean_and_sd(values) for name, values in {**measures, "features": distances}.items()}
    return {"cases": len(images), "reference": reference, "feature_space": space}


def novelty_of(network: nn.Module, image: np.ndarray, labels: np.ndarray, document: Mapping[str, Any]) -> Novelty:
    """How unusual a stored crop (5, 164, 164) with its label map is.

    :param document: made by :func:`familiarity_document` when the network was trained.
    """
    values = image_measures(image, labels)
    values["features"] = _distance(features_of(network, image[None])[0], document["feature_space"])
    known = {name: value for name, value in values.items() if np.isfinite(value)}
    reference = {name: tuple(pair) for name, pair in document["reference"].items()}
    return Novelty(score_of(known, reference, bad_if_high=_BAD_IF_HIGH), known)


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


def _feature_space(vectors: np.ndarray) -> dict[str, list]:
    """Mean, leading directions and what is left, of training features (cases, features)."""
    mean = vectors.mean(axis=0)
    _, sizes, directions = np.linalg.svd(vectors - mean, full_matrices=False)
    spread = sizes / np.sqrt(max(len(vectors) - 1, 1))
    kept = directions[:DIRECTIONS]
    left = float(np.sqrt(np.mean(spread[DIRECTIONS:] ** 2))) if len(spread) > DIRECTIONS else 0.0
    return {"mean": _rounded(mean), "directions": [_rounded(row) for row in kept],
            "spread": _rounded(np.maximum(spread[:DIRECTIONS], 1e-6)), "left": max(left, 1e-6)}


def _distance(vector: np.ndarray, space: Mapping[str, Any]) -> float:
    """Logarithm of Mahalanobis' distance with one common spread in all but the leading directions."""
    away = vector - np.array(space["mean"])
    directions = np.array(space["directions"])
    along = directions @ away
    rest = away - directions.T @ along
    squared = np.sum((along / np.array(space["spread"])) ** 2) + np.sum((rest / space["left"]) ** 2)
    return float(0.5 * np.log(squared + 1e-12))


def _mean_and_sd(values: Sequence[float]) -> list[float]:
    found = np.array(values)[np.isfinite(values)]
    if len(found) < 2:
        return [0.0, 1e6]  # nothing is known about it
    return [round(float(found.mean()), 5), round(max(float(found.std(ddof=1)), 1e-4), 5)]


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if values.size else float("nan")


def _rounded(values: np.ndarray) -> list[float]:
    return [float(f"{value:.5g}") for value in values]

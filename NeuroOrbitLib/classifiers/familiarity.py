"""Comparison of a case with the training cases of a model, by measures of its image and by the network's features.

A network gives a probability for any image, even after training on only a hundred cases; these measures tell when it
should not be trusted. The reference (mean and SD of each measure over the training cases, and the span of their
features) is stored in the model package as the document :data:`DOCUMENT`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.classifiers.novelty import Novelty, score_of

if TYPE_CHECKING:
    from torch import Tensor, nn

    from NeuroOrbitLib.classifiers.cohort import Cohort
    from NeuroOrbitLib.classifiers.package_predictor import PackagePredictor
    from NeuroOrbitLib.models import ModelPackage

DOCUMENT = "familiar"
#: Number of directions of the feature space that are kept: those of the largest variance of the training cases.
DIRECTIONS = 6
_FEATURES = "features"


@dataclass(frozen=True)
class Familiarity:
    """How a task compares cases with those of a model's training.

    :param measures: returns measures of a stored image and its label map (None if cohorts have none), by name; NaN
        where one cannot be computed.
    :param seen: turns stored images into the input of a network's convolutions.
    :param labels: name of the cohort's array with the label maps, "" if it has none.
    :param image: name of the cohort's array with the images, for learners on numbers; a network states its own.
    """

    measures: Callable[[np.ndarray, np.ndarray | None], Mapping[str, float]]
    seen: Callable[[nn.Module, Tensor], Tensor]
    labels: str = "labels"
    image: str = "image"

    def document(self, predictor: PackagePredictor, cohort: Cohort) -> dict[str, Any]:
        """Return the reference for later cases, for a package that was trained on the cohort.

        :param predictor: trained network or learner on numbers.
        :param cohort: training cases.
        """
        images = self._images(predictor, cohort)
        measures = [self.measures(image, self._label_map(cohort, place)) for place, image in enumerate(images)]
        return familiarity_document(measures, self.view(predictor, images, cohort.numbers(predictor.columns)))

    def novelty(self, package: ModelPackage, predictor: PackagePredictor, image: np.ndarray,
                labels: np.ndarray | None = None, numbers: Mapping[str, float] = MappingProxyType({})
                ) -> Novelty | None:
        """Return how unusual a case is for the package, or None if it contains no reference.

        :param package: package of the model.
        :param predictor: the package's network or learner on numbers.
        :param image: image as cohorts store it.
        :param labels: label map on the image's grid.
        :param numbers: numbers of the case by column, NaN where missing.
        """
        document: Any = package.document(DOCUMENT)
        if document is None:
            return None
        values = np.array([[numbers[name] for name in predictor.columns]], dtype=float)
        return novelty_of(self.measures(image, labels), self.view(predictor, image[None], values)[0], document)

    def of_cohort(self, package: ModelPackage, predictor: PackagePredictor, cohort: Cohort) -> list[Novelty] | None:
        """Return how unusual each case of a cohort is for the package, or None if it contains no reference."""
        document: Any = package.document(DOCUMENT)
        if document is None:
            return None
        images = self._images(predictor, cohort)
        views = self.view(predictor, images, cohort.numbers(predictor.columns))
        return [novelty_of(self.measures(image, self._label_map(cohort, place)), views[place], document)
                for place, image in enumerate(images)]

    def view(self, predictor: PackagePredictor, images: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Return the features on which a model bases its decision, (cases, features).

        For a network these are the image's features before they are combined with numbers, for a learner on numbers the
        scaled numbers.

        :param predictor: network or learner on numbers.
        :param images: images as stored, (cases, ...).
        :param numbers: numbers in the order of the predictor's columns, (cases, columns), NaN where missing.
        """
        from NeuroOrbitLib.classifiers.number_predictor import NumberPredictor

        if isinstance(predictor, NumberPredictor):
            return predictor.scaled(numbers)
        return network_features(predictor.network, images, partial(self.seen, predictor.network))

    def _images(self, predictor: PackagePredictor, cohort: Cohort) -> np.ndarray:
        return cohort.arrays(getattr(predictor, "image", self.image))

    def _label_map(self, cohort: Cohort, place: int) -> np.ndarray | None:
        return cohort.array(self.labels, place) if self.labels else None


def familiarity_document(measures: Sequence[Mapping[str, float]], features: np.ndarray) -> dict[str, Any]:
    """Return the reference for later cases.

    :param measures: measures of each training case by name, NaN where one cannot be computed.
    :param features: features of each training case in the network, (cases, features).
    """
    space = _feature_space(features)
    distances = [_distance(vector, space) for vector in features]
    columns = {name: [case[name] for case in measures] for name in measures[0]}
    reference = {name: _mean_and_sd(values) for name, values in {**columns, _FEATURES: distances}.items()}
    return {"cases": len(features), "reference": reference, "feature_space": space}


def novelty_of(measures: Mapping[str, float], features: np.ndarray, document: Mapping[str, Any]) -> Novelty:
    """Return how unusual a case is.

    :param measures: measures of the case, with the names of the training's measures.
    :param features: features of the case in the network, (features,).
    :param document: made by :func:`familiarity_document` when the network was trained.
    """
    values = {**measures, _FEATURES: _distance(features, document["feature_space"])}
    known = {name: value for name, value in values.items() if np.isfinite(value)}
    reference = {name: tuple(pair) for name, pair in document["reference"].items()}
    return Novelty(score_of(known, reference, bad_if_high=(_FEATURES,)), known)


def image_measures(image: np.ndarray, regions: Mapping[str, np.ndarray], target: str) -> dict[str, float]:
    """Return measures of an image: grey values of regions and the rest, contrast, sharpness, and a region's size.

    :param image: z-scored slices (K, J, I).
    :param regions: masks (bool, shape of the image) by name; an empty one gives NaN.
    :param target: name of the region whose size is measured, as ``<name>_size``, the logarithm of its number of voxels;
        a plural ``s`` is left out.
    """
    values = image.astype(np.float32)
    rest = values[~np.logical_or.reduce(list(regions.values()))]
    slope = np.hypot(np.diff(values, axis=1)[:, :, :-1], np.diff(values, axis=2)[:, :-1])
    low, high = np.percentile(rest, [10, 90])
    count = int(regions[target].sum())
    return {
        **{name: float(np.median(values[mask])) if mask.any() else float("nan") for name, mask in regions.items()},
        "surroundings": float(np.median(rest)), "contrast": float(high - low),
        "sharpness": float(np.log(slope.mean() + 1e-6)),
        f"{target.removesuffix('s')}_size": float(np.log(count)) if count else float("nan"),
    }  # fmt: skip


def network_features(network: nn.Module, images: np.ndarray, seen: Callable[[Tensor], Tensor]) -> np.ndarray:
    """Return the features of stored images after a network's convolutions, averaged over each map, (cases, features).

    :param network: network whose convolutions are its part ``features``.
    :param images: images as cohorts store them, (cases, ...).
    :param seen: turns stored images into the network's input.
    """
    import torch

    with torch.inference_mode():
        maps = [network.features(seen(part)).flatten(2).mean(dim=2) for part in torch.from_numpy(images).split(8)]
    return torch.cat(maps).float().numpy()


def _feature_space(vectors: np.ndarray) -> dict[str, Any]:
    """Return mean, leading directions, their SDs and the SD of the remaining ones, of features (cases, features)."""
    mean = vectors.mean(axis=0)
    _, sizes, directions = np.linalg.svd(vectors - mean, full_matrices=False)
    spread = sizes / np.sqrt(max(len(vectors) - 1, 1))
    kept = directions[:DIRECTIONS]
    left = float(np.sqrt(np.mean(spread[DIRECTIONS:] ** 2))) if len(spread) > DIRECTIONS else 0.0
    return {"mean": _rounded(mean), "directions": [_rounded(row) for row in kept],
            "spread": _rounded(np.maximum(spread[:DIRECTIONS], 1e-6)), "left": max(left, 1e-6)}


def _distance(vector: np.ndarray, space: Mapping[str, Any]) -> float:
    """Return the logarithm of the Mahalanobis distance, with one common SD in all but the leading directions."""
    away = vector - np.array(space["mean"])
    directions = np.array(space["directions"])
    along = directions @ away
    rest = away - directions.T @ along
    squared = np.sum((along / np.array(space["spread"])) ** 2) + np.sum((rest / space["left"]) ** 2)
    return float(0.5 * np.log(squared + 1e-12))


def _mean_and_sd(values: Sequence[float]) -> list[float]:
    found = np.array(values)[np.isfinite(values)]
    if len(found) < 2:
        return [0.0, 1e6]  # too few values for a reference: no value is unusual
    return [round(float(found.mean()), 5), round(max(float(found.std(ddof=1)), 1e-4), 5)]


def _rounded(values: np.ndarray) -> list[float]:
    return [float(f"{value:.5g}") for value in values]

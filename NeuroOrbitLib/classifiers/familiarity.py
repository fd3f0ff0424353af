"""How unlike the cases of a model's training a case is: by measures of its image and by the network's own view.

A network that has seen a hundred cases says something about any image; these measures tell when it should not be
trusted. The reference (mean and SD of each measure over the training cases, and the span of their features) is stored
in the model package as the document :data:`DOCUMENT`.
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
#: Directions of the feature space that are kept: those in which the training cases differ most.
DIRECTIONS = 6
_FEATURES = "features"


@dataclass(frozen=True)
class Familiarity:
    """How a task compares cases with those of a model's training.

    :param measures: of a stored image and its label map (None where cohorts keep none), by name; NaN where one cannot
        be taken.
    :param seen: makes of stored images what a network's convolutions take.
    :param labels: name of the cohort's array with the label maps, "" where it keeps none.
    :param image: name of the cohort's array with images, for learners on numbers; a network knows its own.
    """

    measures: Callable[[np.ndarray, np.ndarray | None], Mapping[str, float]]
    seen: Callable[[nn.Module, Tensor], Tensor]
    labels: str = "labels"
    image: str = "image"

    def document(self, predictor: PackagePredictor, cohort: Cohort) -> dict[str, Any]:
        """Return what later cases are compared with, for a package that was trained on the cohort."""
        images = self._images(predictor, cohort)
        measures = [self.measures(image, self._label_map(cohort, place)) for place, image in enumerate(images)]
        return familiarity_document(measures, self.view(predictor, images, cohort.numbers(predictor.columns)))

    def novelty(self, package: ModelPackage, predictor: PackagePredictor, image: np.ndarray,
                labels: np.ndarray | None = None, numbers: Mapping[str, float] = MappingProxyType({})
                ) -> Novelty | None:
        """Return how unusual the package finds a case, or None where it does not say.

        :param image: as cohorts store it. :param labels: label map on its grid.
        :param numbers: of the case by column, NaN where missing.
        """
        document: Any = package.document(DOCUMENT)
        if document is None:
            return None
        values = np.array([[numbers[name] for name in predictor.columns]], dtype=float)
        return novelty_of(self.measures(image, labels), self.view(predictor, image[None], values)[0], document)

    def of_cohort(self, package: ModelPackage, predictor: PackagePredictor, cohort: Cohort) -> list[Novelty] | None:
        """Return how unusual the package finds each case of a cohort, or None where it does not say."""
        document: Any = package.document(DOCUMENT)
        if document is None:
            return None
        images = self._images(predictor, cohort)
        views = self.view(predictor, images, cohort.numbers(predictor.columns))
        return [novelty_of(self.measures(image, self._label_map(cohort, place)), views[place], document)
                for place, image in enumerate(images)]

    def view(self, predictor: PackagePredictor, images: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Return what a model makes of cases before it decides, (cases, features).

        Of a network these are the image's features before they meet any number, of a learner on numbers the scaled
        numbers.

        :param images: as stored, (cases, ...).
        :param numbers: in the order of the predictor's columns, (cases, columns), NaN where missing.
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
    """Return what later cases are compared with.

    :param measures: of each training case by name, NaN where one cannot be taken.
    :param features: of each training case as the network sees it, (cases, features).
    """
    space = _feature_space(features)
    distances = [_distance(vector, space) for vector in features]
    columns = {name: [case[name] for case in measures] for name in measures[0]}
    reference = {name: _mean_and_sd(values) for name, values in {**columns, _FEATURES: distances}.items()}
    return {"cases": len(features), "reference": reference, "feature_space": space}


def novelty_of(measures: Mapping[str, float], features: np.ndarray, document: Mapping[str, Any]) -> Novelty:
    """Return how unusual a case is.

    :param measures: of the case, by the names of the training's.
    :param features: as the network sees it, (features,).
    :param document: made by :func:`familiarity_document` when the network was trained.
    """
    values = {**measures, _FEATURES: _distance(features, document["feature_space"])}
    known = {name: value for name, value in values.items() if np.isfinite(value)}
    reference = {name: tuple(pair) for name, pair in document["reference"].items()}
    return Novelty(score_of(known, reference, bad_if_high=(_FEATURES,)), known)


def image_measures(image: np.ndarray, regions: Mapping[str, np.ndarray], target: str) -> dict[str, float]:
    """Return the grey values of some regions and of the rest, how much the rest spreads, sharpness, and a size.

    :param image: z-scored slices (K, J, I).
    :param regions: masks of the image's shape by name; one that is empty gives NaN.
    :param target: name of the region whose size is measured, as ``<name>_size``, the logarithm of its voxels; a
        plural ``s`` is left out.
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
    """Return what a network's convolutions make of stored images, averaged over each map, (cases, features).

    :param network: has the convolutions as ``features``.
    :param images: (cases, ...) as cohorts store them.
    :param seen: makes of stored images what the network takes.
    """
    import torch

    with torch.inference_mode():
        maps = [network.features(seen(part)).flatten(2).mean(dim=2) for part in torch.from_numpy(images).split(8)]
    return torch.cat(maps).float().numpy()


def _feature_space(vectors: np.ndarray) -> dict[str, Any]:
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


def _rounded(values: np.ndarray) -> list[float]:
    return [float(f"{value:.5g}") for value in values]

"""A case together with the model that is asked about it, and about slightly changed versions of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Self

    from NeuroOrbitLib.classifiers.distribution import NumberPlace
    from NeuroOrbitLib.classifiers.package_predictor import PackagePredictor
    from NeuroOrbitLib.classifiers.recalibration import Recalibration
    from NeuroOrbitLib.models import ModelPackage


@dataclass(frozen=True, kw_only=True)
class AskedCase:
    """A case together with the model that is asked about it.

    :param package: package of the model.
    :param predictor: the package's network, or its learner on numbers alone.
    :param numbers: numbers that the model takes, by column; NaN where missing.
    :param positive: label of the class whose probability is estimated.
    """

    package: ModelPackage
    predictor: PackagePredictor
    numbers: Mapping[str, float] = field(default_factory=dict)
    positive: int = 1

    def image(self) -> np.ndarray:
        """Return the image as cohorts store it."""
        raise NotImplementedError

    def raw(self) -> float:
        """Return the probability of the class before calibration."""
        return float(self.predictor.of_case(self.image(), self.numbers)[self.positive])

    def with_number(self, name: str, value: float) -> Self:
        """Return the same case with another value of a number."""
        return replace(self, numbers={**self.numbers, name: value})

    def missing(self) -> tuple[str, ...]:
        """Return the names of the model's input numbers without a value, except radiomics, which are measured."""
        from NeuroOrbitLib.radiomics.columns import is_feature

        return tuple(name for name in self.predictor.columns if not is_feature(name) and np.isnan(self.numbers[name]))

    def unmeasured(self) -> tuple[int, int]:
        """Return how many of the model's radiomics features could not be measured, and how many the model takes."""
        from NeuroOrbitLib.radiomics.columns import is_feature

        taken = [self.numbers[name] for name in self.predictor.columns if is_feature(name)]
        return sum(bool(np.isnan(value)) for value in taken), len(taken)

    def places(self) -> list[NumberPlace]:
        """Return the position of each number among those of the training; empty if the package does not state them."""
        from NeuroOrbitLib.classifiers.distribution import DOCUMENT, places_of

        return places_of(self.numbers, self.package.document(DOCUMENT) or {})

    def possible(self, recalibration: Recalibration | None = None,
                 words: Collection[str] = ()) -> dict[str, tuple[float, float]]:
        """Return the range of the probability if a missing number were known, for each missing number by column.

        The ends are the probabilities (0 to 1) at the number's 10th and 90th percentile in the training, or at its
        lowest and highest value if it stands for a word. Numbers whose distribution in the training is not in the
        package are left out.

        :param recalibration: fit to one's own patients, which changes the probabilities.
        :param words: columns whose numbers stand for words, such as yes and no.
        """
        from NeuroOrbitLib.classifiers.distribution import DOCUMENT, possible_values

        known = self.package.document(DOCUMENT) or {}
        found = {}
        for name in self.missing():
            if name in known:
                ends = (self.with_number(name, value) for value in possible_values(
                    known[name], name in words))
                low, high = sorted(case.probability(recalibration) for case in ends)
                found[name] = (low, high)
        return found

    def probability(self, recalibration: Recalibration | None = None) -> float:
        """Return the probability of the class, 0 to 1, calibrated if the model has a calibration.

        :param recalibration: fit to one's own patients, which changes the probability.
        """
        from NeuroOrbitLib.classifiers.answer import calibrated_probability

        found, _calibrated = calibrated_probability(self.package, self.raw())
        return found if recalibration is None else recalibration.probability(found)

"""One patient before a model: image and numbers as the network takes them, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from IVGCResponseLib.preparation import Prepared, arrays_of, prepare
from IVGCResponseLib.radiomics_columns import features_of_columns, muscle_features
from IVGCResponseLib.signal_ratio import signal_ratios
from IVGCResponseLib.task import RESPONDER, predictor_of, preparation_of
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.radiomics.columns import is_feature

if TYPE_CHECKING:
    from IVGCResponseLib.pipeline import Response
    from NeuroOrbitLib.classifiers.distribution import NumberPlace
    from NeuroOrbitLib.classifiers.novelty import Novelty
    from NeuroOrbitLib.classifiers.packing import PackagePredictor
    from NeuroOrbitLib.models import ModelPackage


@dataclass(frozen=True)
class Asked:
    """What a model is asked about a patient.

    :param package: of the model.
    :param predictor: its network, or its learner on numbers alone.
    :param prepared: what the network sees.
    :param grey: the scan before bias correction on the grid of ``prepared.corrected``; radiomics are taken from it.
    :param numbers: radiomics and clinical features that the model takes, by column, NaN where missing.
    :param ratios: signal ratios of the muscles.
    :param engine: of the radiomics features.
    """

    package: ModelPackage
    predictor: PackagePredictor
    prepared: Prepared
    grey: Image
    numbers: Mapping[str, float]
    ratios: Mapping[str, float] = field(default_factory=dict)
    engine: str = "auto"

    @classmethod
    def of(cls, package: ModelPackage, scan: Image, labels: Image, clinical: Mapping[str, float], device: str = "cpu",
           engine: str = "auto", known: Response | None = None) -> Asked:
        """Prepare a scan and measure what the model takes.

        :param known: an answer about the same patient, whose preparation is used again.
        """
        predictor, settings = predictor_of(package, device), preparation_of(package.facts.settings)
        prepared = prepare(scan, labels, settings["box_muscles"], settings["box"]) if known is None else known.prepared
        asked = cls(package, predictor, prepared, reorient_to_ras(scan), {}, engine=engine)
        if known is not None:
            return replace(asked, numbers=known.numbers, ratios=known.ratios)
        ratios = signal_ratios(prepared.corrected, prepared.scan_labels)
        own = {name: float({**clinical, **ratios}.get(name, float("nan"))) for name in asked.others}
        return replace(asked, numbers={**asked.radiomics(asked.grey), **own}, ratios=ratios)

    @property
    def imputed(self) -> tuple[str, ...]:
        """Return the names of the clinical features that are used and missing."""
        return tuple(name for name in self.others if np.isnan(self.numbers[name]))

    @property
    def features(self) -> tuple[str, ...]:
        """Return the columns with radiomics features that the model takes."""
        return tuple(name for name in self.predictor.columns if is_feature(name))

    @property
    def others(self) -> tuple[str, ...]:
        """Return the other columns that the model takes: clinical features and signal ratios."""
        return tuple(name for name in self.predictor.columns if not is_feature(name))

    def radiomics(self, grey: Image) -> dict[str, float]:
        """Return the radiomics features that the model takes, measured in an image on the grid of ``grey``."""
        columns = self.features
        if not columns:
            return {}
        profile = preparation_of(self.package.facts.settings)["profile"]
        found = muscle_features(grey, self.prepared.scan_labels, features_of_columns(columns), profile, self.engine)
        return {name: found.get(name, float("nan")) for name in columns}

    def image(self) -> np.ndarray:
        """Return the volume as cohorts store it."""
        return arrays_of(self.prepared)["image"]

    def raw(self) -> float:
        """Return the probability of response before calibration."""
        return float(self.predictor.of_case(self.image(), self.numbers)[RESPONDER])

    def with_number(self, name: str, value: float) -> Asked:
        """Return the same patient with another value of a number."""
        return replace(self, numbers={**self.numbers, name: value})

    def with_signal(self, factor: np.ndarray) -> Asked:
        """Return the same patient with another signal, prepared on the same scale and measured anew.

        :param factor: what the grey values of scan and corrected scan are multiplied by, on their grid.
        """
        settings = preparation_of(self.package.facts.settings)
        corrected = self.prepared.corrected.with_array((self.prepared.corrected.array * factor).astype(np.float32))
        grey = self.grey.with_array((self.grey.array * factor).astype(np.float32))
        prepared = prepare(corrected, self.prepared.scan_labels, settings["box_muscles"], settings["box"], corrected,
                           self.prepared.scale)
        return replace(self, prepared=prepared, grey=grey, numbers={**self.numbers, **self.radiomics(grey)})

    def novelty(self) -> Novelty | None:
        """Return how unlike the training's images the scan is, None where the package does not say."""
        from IVGCResponseLib.familiarity import image_measures, view_of
        from NeuroOrbitLib.classifiers.familiarity import DOCUMENT, novelty_of

        document: Any = self.package.document(DOCUMENT)
        if document is None:
            return None
        image, numbers = self.image(), np.array([[self.numbers[name] for name in self.predictor.columns]])
        return novelty_of(image_measures(image, self.prepared.labels.array),
                          view_of(self.predictor, image[None], numbers)[0], document)

    def places(self) -> list[NumberPlace]:
        """Return where the numbers lie among those of the training; none where the package does not say."""
        from NeuroOrbitLib.classifiers.distribution import DOCUMENT, places_of

        return places_of(self.numbers, self.package.document(DOCUMENT) or {})

    def possible(self, name: str) -> tuple[float, float] | None:
        """Return the raw probabilities if a missing number were as low or as high as in few of the training's cases.

        None where the package does not say which values those are.
        """
        from NeuroOrbitLib.classifiers.distribution import DOCUMENT, possible_values

        quantiles = (self.package.document(DOCUMENT) or {}).get(name)
        if quantiles is None:
            return None
        low, high = (self.with_number(name, value).raw() for value in possible_values(quantiles))
        return low, high

"""One patient before a model: image and numbers as the network takes them, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from IVGCResponseLib.clinical import clinical_columns
from IVGCResponseLib.preparation import Prepared, arrays_of, prepare
from IVGCResponseLib.radiomics_columns import features_of_columns, muscle_features
from IVGCResponseLib.signal_ratio import signal_ratios
from IVGCResponseLib.task import RESPONDER, predictor_of, preparation_of
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.image import Image

if TYPE_CHECKING:
    from IVGCResponseLib.pipeline import Response
    from NeuroOrbitLib.classifiers.network_estimator import NetworkPredictor
    from NeuroOrbitLib.classifiers.novelty import Novelty
    from NeuroOrbitLib.models import ModelPackage


@dataclass(frozen=True)
class Asked:
    """What a model is asked about a patient.

    :param package: of the model.
    :param predictor: its network.
    :param prepared: what the network sees.
    :param grey: the scan before bias correction on the grid of ``prepared.corrected``; radiomics are taken from it.
    :param numbers: radiomics and clinical features that the network takes, by column, NaN where missing.
    :param ratios: signal ratios of the muscles.
    :param engine: of the radiomics features.
    """

    package: ModelPackage
    predictor: NetworkPredictor
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
        own = {name: float(clinical.get(name, float("nan"))) for name in asked.columns("clinical")}
        ratios = signal_ratios(prepared.corrected, prepared.scan_labels)
        return replace(asked, numbers={**asked.radiomics(asked.grey), **own}, ratios=ratios)

    @property
    def imputed(self) -> tuple[str, ...]:
        """Return the titles of the clinical features that are used and missing."""
        titles = {column.name: column.title for column in clinical_columns()}
        return tuple(titles.get(name, name) for name in self.columns("clinical") if np.isnan(self.numbers[name]))

    def columns(self, group: str) -> tuple[str, ...]:
        """Return the columns of a group of numbers that the network takes; none where it does not take the group."""
        fitted = self.predictor.numbers.get(group)
        return fitted.columns if fitted is not None else ()

    def radiomics(self, grey: Image) -> dict[str, float]:
        """Return the radiomics features that the network takes, measured in an image on the grid of ``grey``."""
        columns = self.columns("radiomics")
        if not columns:
            return {}
        profile = preparation_of(self.package.facts.settings)["profile"]
        found = muscle_features(grey, self.prepared.scan_labels, features_of_columns(columns), profile, self.engine)
        return {name: found.get(name, float("nan")) for name in columns}

    def groups(self) -> dict[str, np.ndarray]:
        """Return the numbers as the predictor takes them, (1, columns) for each group."""
        return {name: np.array([[self.numbers[column] for column in fitted.columns]])
                for name, fitted in self.predictor.numbers.items()}

    def image(self) -> np.ndarray:
        """Return the volume as cohorts store it."""
        return arrays_of(self.prepared)["image"]

    def raw(self) -> float:
        """Return the probability of response before calibration."""
        return float(self.predictor.of_arrays(self.image()[None], self.groups())[0, RESPONDER])

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
        from IVGCResponseLib.familiarity import features_of, image_measures
        from NeuroOrbitLib.classifiers.familiarity import DOCUMENT, novelty_of

        document: Any = self.package.document(DOCUMENT)
        if document is None:
            return None
        image = self.image()
        return novelty_of(image_measures(image, self.prepared.labels.array),
                          features_of(self.predictor.network, image[None])[0], document)

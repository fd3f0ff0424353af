"""One patient before a model: image and numbers as the network takes them, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from IVGCResponseLib.muscle_groups import MUSCLES_OF
from IVGCResponseLib.preparation import prepare
from IVGCResponseLib.radiomics_columns import muscle_features
from IVGCResponseLib.signal_ratio import signal_ratios
from IVGCResponseLib.task import PREPARATION, RESPONDER, predictor_of
from NeuroOrbitLib.classifiers.asked import AskedCase
from NeuroOrbitLib.classifiers.preparation import preparation_of
from NeuroOrbitLib.classifiers.prepared_image import PreparedImage
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.radiomics.columns import is_feature, regions_of_columns

if TYPE_CHECKING:
    from IVGCResponseLib.pipeline import Response
    from NeuroOrbitLib.models import ModelPackage


@dataclass(frozen=True, kw_only=True)
class Asked(AskedCase):
    """What a model is asked about a patient.

    :param prepared: what the network sees.
    :param grey: the scan before bias correction on the grid of ``prepared.corrected``; radiomics are taken from it.
    :param ratios: signal ratios of the muscles.
    :param engine: of the radiomics features.
    """

    prepared: PreparedImage
    grey: Image
    ratios: Mapping[str, float] = field(default_factory=dict)
    engine: str = "auto"

    @classmethod
    def of(cls, package: ModelPackage, scan: Image, labels: Image, clinical: Mapping[str, float], device: str = "cpu",
           engine: str = "auto", known: Response | None = None) -> Asked:
        """Prepare a scan and measure what the model takes.

        :param known: an answer about the same patient, whose preparation is used again.
        """
        predictor, settings = predictor_of(package, device), preparation_of(package.facts.settings, PREPARATION)
        prepared = prepare(scan, labels, settings["box_muscles"], settings["box"]) if known is None else known.prepared
        asked = cls(package=package, predictor=predictor, positive=RESPONDER, prepared=prepared,
                    grey=reorient_to_ras(scan), engine=engine)
        if known is not None:
            return replace(asked, numbers=known.numbers, ratios=known.ratios)
        ratios = signal_ratios(prepared.corrected, prepared.scan_labels)
        given = {**clinical, **ratios}
        own = {name: float(given.get(name, float("nan"))) for name in predictor.columns if not is_feature(name)}
        return replace(asked, numbers={**asked.radiomics(asked.grey), **own}, ratios=ratios)

    def radiomics(self, grey: Image) -> dict[str, float]:
        """Return the radiomics features that the model takes, measured in an image on the grid of ``grey``."""
        columns = tuple(name for name in self.predictor.columns if is_feature(name))
        if not columns:
            return {}
        profile = preparation_of(self.package.facts.settings, PREPARATION)["profile"]
        groups = regions_of_columns(columns, tuple(MUSCLES_OF))
        found = muscle_features(grey, self.prepared.scan_labels, groups, profile, self.engine)
        return {name: found.get(name, float("nan")) for name in columns}

    def image(self) -> np.ndarray:
        """Return the volume as cohorts store it."""
        return self.prepared.arrays()["image"]

    def with_signal(self, factor: np.ndarray) -> Asked:
        """Return the same patient with another signal, prepared on the same scale and measured anew.

        :param factor: what the grey values of scan and corrected scan are multiplied by, on their grid.
        """
        settings = preparation_of(self.package.facts.settings, PREPARATION)
        corrected = self.prepared.corrected.with_array((self.prepared.corrected.array * factor).astype(np.float32))
        grey = self.grey.with_array((self.grey.array * factor).astype(np.float32))
        prepared = prepare(corrected, self.prepared.scan_labels, settings["box_muscles"], settings["box"], corrected,
                           self.prepared.scale)
        return replace(self, prepared=prepared, grey=grey, numbers={**self.numbers, **self.radiomics(grey)})

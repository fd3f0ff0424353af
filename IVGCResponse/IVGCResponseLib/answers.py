"""One patient before a model: image and numbers as the network takes them, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from IVGCResponseLib.muscle_groups import MUSCLES_OF
from IVGCResponseLib.preparation import prepare
from IVGCResponseLib.radiomics_columns import muscle_features
from IVGCResponseLib.signal_ratio import signal_ratios
from IVGCResponseLib.task import PREPARATION, RESPONDER, predictor_of
from NeuroOrbitLib.classifiers.asked_scan import AskedScan
from NeuroOrbitLib.classifiers.preparation import preparation_of
from NeuroOrbitLib.classifiers.prepared_image import PreparedImage
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.radiomics.columns import is_feature, regions_of_columns

if TYPE_CHECKING:
    from IVGCResponseLib.pipeline import Response
    from NeuroOrbitLib.models import ModelPackage


@dataclass(frozen=True, kw_only=True)
class Asked(AskedScan):
    """What a model is asked about a patient.

    :param ratios: signal ratios of the muscles.
    :param engine: of the radiomics features.
    """

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

    def measured(self, grey: Image, columns: tuple[str, ...]) -> Mapping[str, float]:
        """Return the radiomics features of the groups of muscles that columns name, by column."""
        groups, profile = regions_of_columns(columns, tuple(MUSCLES_OF)), self._settings["profile"]
        return muscle_features(grey, self.prepared.scan_labels, groups, profile, self.engine)

    def prepared_again(self, corrected: Image) -> PreparedImage:
        """Return what the network sees of another signal, on the scale of the scan."""
        return prepare(corrected, self.prepared.scan_labels, self._settings["box_muscles"], self._settings["box"],
                       corrected, self.prepared.scale)

    @property
    def _settings(self) -> dict[str, Any]:
        return preparation_of(self.package.facts.settings, PREPARATION)

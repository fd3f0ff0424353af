"""One case of a cohort: its scan prepared, its numbers measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from IVGCResponseLib.muscle_groups import ALL_RECTI, PAIRS, STRATEGIES, values_of
from IVGCResponseLib.preparation import BOX_OF_RECTI, prepare
from IVGCResponseLib.radiomics_columns import DEFAULT_ENGINE, DEFAULT_PROFILE, muscle_features
from IVGCResponseLib.signal_ratio import signal_ratios
from NeuroOrbitLib.classifiers.prepared_image import PreparedImage
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.resampling import on_grid
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.radiomics.columns import NO_RADIOMICS
from NeuroOrbitLib.radiomics.repeated import repeated_features

#: Cases of a cohort that are measured again on perturbed masks, and how often, as in the study of two readers.
REPEATED_CASES, REPEATS = 30, 2


@dataclass(frozen=True)
class CaseSettings:
    """How the cases of a cohort are prepared.

    :param box: what the image shows, see :mod:`IVGCResponseLib.preparation`.
    :param box_muscles: the group of muscles of the box or mask.
    :param profile: of the radiomics features, ``"none"`` to leave them out.
    :param engine: of the radiomics features.
    :param pairs: measure every pair of muscles, so that the best one can be chosen inside the training.
    """

    box: str = BOX_OF_RECTI
    box_muscles: str = ALL_RECTI
    profile: str = DEFAULT_PROFILE
    engine: str = DEFAULT_ENGINE
    pairs: bool = False

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the groups of muscles whose features are computed."""
        return tuple(dict.fromkeys((*STRATEGIES, *(PAIRS if self.pairs else ()))))

    def as_data(self) -> dict[str, Any]:
        """Return plain data, for plans and the facts of a cohort; engines agree and are left out."""
        return {"box": self.box, "box_muscles": self.box_muscles, "profile": self.profile, "groups": list(self.groups)}


def measure_case(scan: Image, labels: Image, settings: CaseSettings, repeats: int = 0, seed: int = 0,
                 progress: Progress = silent) -> tuple[PreparedImage, dict[str, float]]:
    """Return a scan as the classifier sees it, and its signal ratios and radiomics features by column.

    :param labels: label map of the orbits on any grid.
    :param repeats: how often the features are measured again on perturbed masks.
    :param seed: of the perturbation.
    """
    prepared = prepare(scan, labels, settings.box_muscles, settings.box)
    numbers = signal_ratios(prepared.corrected, prepared.scan_labels)
    if settings.profile == NO_RADIOMICS:
        return prepared, numbers
    grey = reorient_to_ras(scan)
    masks = on_grid(labels, grey.grid)

    def measured(drawn: Image, step: Progress) -> dict[str, float]:
        return muscle_features(grey, drawn, settings.groups, profile=settings.profile, engine=settings.engine,
                               progress=step)

    return prepared, {**numbers, **repeated_features(measured, masks, values_of(ALL_RECTI), repeats, seed, progress)}

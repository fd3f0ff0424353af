"""Radiomics features of the groups of muscles as columns of a cohort."""

from __future__ import annotations

from collections.abc import Sequence

from IVGCResponseLib.muscle_groups import STRATEGIES, values_of
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.radiomics.columns import region_features

DEFAULT_PROFILE, DEFAULT_ENGINE = "rdinet-660", "auto"


def muscle_features(scan: Image, labels: Image, strategies: Sequence[str] = STRATEGIES,
                    profile: str = DEFAULT_PROFILE, engine: str = DEFAULT_ENGINE,
                    progress: Progress = silent) -> dict[str, float]:
    """Return the features of each group of muscles, both sides in one mask; NaN where one cannot be computed.

    See :func:`NeuroOrbitLib.radiomics.columns.region_features`.
    """
    return region_features(scan, labels, {name: values_of(name) for name in strategies}, profile, engine, progress)

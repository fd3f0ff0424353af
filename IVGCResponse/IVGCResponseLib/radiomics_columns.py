"""Radiomics features of the groups of muscles as columns of a cohort."""

from __future__ import annotations

from collections.abc import Sequence

from IVGCResponseLib.muscle_groups import MUSCLES_OF, STRATEGIES, values_of
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.columns import region_features
from NeuroOrbitLib.sentences import sentence as _

DEFAULT_PROFILE, DEFAULT_ENGINE = "rdinet-660", "auto"


def muscle_features(scan: Image, labels: Image, strategies: Sequence[str] = STRATEGIES,
                    profile: str = DEFAULT_PROFILE, engine: str = DEFAULT_ENGINE,
                    progress: Progress = silent) -> dict[str, float]:
    """Return the features of each group of muscles, both sides in one mask; NaN where one cannot be computed.

    See :func:`NeuroOrbitLib.radiomics.columns.region_features`.
    """
    return region_features(scan, labels, {name: values_of(name) for name in strategies}, profile, engine, progress)


def features_of_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the groups of muscles whose features are among the columns, in the usual order.

    :raises Problem: for a column that is no feature of a group.
    """
    groups = {column.partition(":")[0] for column in columns if ":" in column}
    unknown = sorted(groups - set(MUSCLES_OF)) or [column for column in columns if ":" not in column]
    if unknown:
        raise Problem(_("The model asks for {unknown}, which is no feature of the muscles. Choose another "
                        "model.").format(
            unknown=unknown[0]))
    return tuple(strategy for strategy in MUSCLES_OF if strategy in groups)

"""Radiomics features of the groups of muscles as columns of a cohort, named ``GROUP:FEATURE``."""

from __future__ import annotations

from collections.abc import Sequence

from IVGCResponseLib.muscle_groups import MUSCLES_OF, STRATEGIES, values_of
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem

DEFAULT_PROFILE, DEFAULT_ENGINE, NO_RADIOMICS = "rdinet-660", "auto", "none"


def column_of(strategy: str, feature: str) -> str:
    """Return the name of a feature's column."""
    return f"{strategy}:{feature}"


def beginning_of(strategy: str) -> str:
    """Return how the names of a group's columns begin."""
    return f"{strategy}:"


def muscle_features(scan: Image, labels: Image, strategies: Sequence[str] = STRATEGIES,
                    profile: str = DEFAULT_PROFILE, engine: str = DEFAULT_ENGINE,
                    progress: Progress = silent) -> dict[str, float]:
    """Return the features of each group of muscles, both sides in one mask; NaN where one cannot be computed.

    :param scan: grey values of the MRI.
    :param labels: label map on the grid of ``scan``.
    :param profile: name or file of the features, see :mod:`NeuroOrbitLib.radiomics.profiles`.
    :param engine: ``"auto"``, ``"pyradiomics"`` or ``"own"``.
    :raises Problem: for an unknown profile or an engine that is not there.
    """
    try:
        from NeuroOrbitLib.radiomics.extraction import extract_features
        from NeuroOrbitLib.radiomics.profiles import read_profile
        from NeuroOrbitLib.radiomics.regions import Region
    except ImportError as error:
        raise Problem("This installation cannot compute radiomics features. Prepare the cohort with --profile none.") \
            from error
    regions = [Region(strategy, values_of(strategy)) for strategy in strategies]
    found = extract_features(scan, labels, regions, read_profile(profile), engine, progress)
    return {column_of(row.region, row.name): float("nan") if row.value is None else float(row.value)
            for row in found.rows}


def features_of_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the groups of muscles whose features are among the columns, in the usual order.

    :raises Problem: for a column that is no feature of a group.
    """
    groups = {column.partition(":")[0] for column in columns if ":" in column}
    unknown = sorted(groups - set(MUSCLES_OF)) or [column for column in columns if ":" not in column]
    if unknown:
        raise Problem(f"The model asks for {unknown[0]}, which is no feature of the muscles. Choose another model.")
    return tuple(strategy for strategy in MUSCLES_OF if strategy in groups)

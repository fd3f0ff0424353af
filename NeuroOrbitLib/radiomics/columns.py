"""Radiomics features of regions as columns of a cohort, named ``REGION:FEATURE``."""

from __future__ import annotations

from collections.abc import Mapping

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Name of the profile that leaves radiomics out.
NO_RADIOMICS = "none"


def column_of(region: str, feature: str) -> str:
    """Return the name of a feature's column."""
    return f"{region}:{feature}"


def beginning_of(region: str) -> str:
    """Return how the names of a region's columns begin."""
    return f"{region}:"


def is_feature(column: str) -> bool:
    """Return whether a column holds a radiomics feature of a region."""
    return ":" in column


def region_features(scan: Image, labels: Image, regions: Mapping[str, tuple[int, ...]], profile: str,
                    engine: str = "auto", progress: Progress = silent) -> dict[str, float]:
    """Return the features of each region by column; NaN where one cannot be computed.

    :param scan: grey values.
    :param labels: label map on the grid of ``scan``.
    :param regions: label values of each region, which are one mask, by its name.
    :param profile: name or file of the features, see :mod:`NeuroOrbitLib.radiomics.profiles`.
    :param engine: ``"auto"``, ``"pyradiomics"`` or ``"own"``.
    :raises Problem: for an unknown profile or an engine that is not there.
    """
    try:
        from NeuroOrbitLib.radiomics.extraction import extract_features
        from NeuroOrbitLib.radiomics.profiles import read_profile
        from NeuroOrbitLib.radiomics.regions import Region
    except ImportError as error:
        raise Problem(_("This installation cannot compute radiomics features. Choose the profile "
                        "{no_radiomics!r}.").format(
            no_radiomics=NO_RADIOMICS)) from error
    wanted = [Region(name, values) for name, values in regions.items()]
    found = extract_features(scan, labels, wanted, read_profile(profile), engine, progress)
    return {column_of(row.region, row.name): float("nan") if row.value is None else float(row.value)
            for row in found.rows}

"""Radiomics features of regions as columns of a cohort, named ``REGION:FEATURE``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    """Return the beginning of the names of a region's columns."""
    return f"{region}:"


def is_feature(column: str) -> bool:
    """Return whether a column holds a radiomics feature of a region."""
    return ":" in column


def regions_of_columns(columns: Sequence[str], regions: Sequence[str]) -> tuple[str, ...]:
    """Return the regions whose features are among columns, in the order of ``regions``.

    :param columns: names of columns.
    :param regions: names of the known regions.
    :raises Problem: if a column is not a feature of one of them.
    """
    asked = {column.partition(":")[0] for column in columns if is_feature(column)}
    unknown = sorted(asked - set(regions)) or [column for column in columns if not is_feature(column)]
    if unknown:
        raise Problem(_("The model asks for {unknown}, which is no feature of the structures. Choose another "
                        "model.").format(unknown=unknown[0]))
    return tuple(region for region in regions if region in asked)


def region_features(scan: Image, labels: Image, regions: Mapping[str, tuple[int, ...]], profile: str,
                    engine: str = "auto", progress: Progress = silent) -> dict[str, float]:
    """Return the features of each region by column; NaN if one cannot be computed.

    :param scan: grey values.
    :param labels: label map on the grid of ``scan``.
    :param regions: label values of each region by its name; the voxels of all its values form one mask.
    :param profile: name or file of a profile, see :mod:`NeuroOrbitLib.radiomics.profiles`.
    :param engine: ``"auto"``, ``"pyradiomics"`` or ``"own"``.
    :param progress: receives the fraction done and a message.
    :raises Problem: if the profile is unknown, the engine is not installed, or scan and labels do not match.
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

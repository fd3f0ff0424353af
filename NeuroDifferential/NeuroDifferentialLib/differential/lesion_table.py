"""Numbers that describe a patient's lesions, for simple classifiers: counts and volumes by region, and shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from NeuroDifferentialLib.criteria import is_dawson_finger, is_lining
from NeuroDifferentialLib.pipeline import LesionReport
from NeuroDifferentialLib.places.measuring import Lesion
from NeuroDifferentialLib.places.regions import Region
from NeuroOrbitLib.classifiers.columns import Column

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.cohort import Cohort

#: Volume (mm3) below which lesions count as punctate.
PUNCTATE_MM3 = 30.0
COUNT, VOLUME, PERCENT = "lesion_count", "volume_ml", "volume_percent"


def region_count(region: Region) -> str:
    """Return the name of the column with the number of lesions in a region."""
    return f"count_{region.name.lower()}"


def region_volume(region: Region) -> str:
    """Return the name of the column with the volume of the lesions in a region."""
    return f"volume_{region.name.lower()}"


def lesion_columns() -> tuple[Column, ...]:
    """Return the columns that :func:`lesion_numbers` fills."""
    return (
        Column(COUNT, "Lesions", "integer", low=0),
        Column(VOLUME, "Lesion volume", unit="ml", low=0),
        Column(PERCENT, "Lesion volume of the intracranial volume", unit="%", low=0),
        *(Column(region_count(region), f"Lesions, {region.value}", "integer", low=0) for region in Region),
        *(Column(region_volume(region), f"Lesion volume, {region.value}", unit="ml", low=0) for region in Region),
        Column("punctate", f"Lesions below {PUNCTATE_MM3:.0f} mm3", "integer", low=0),
        Column("dawson", "Dawson fingers", "integer", low=0),
        Column("linings", "Linear lesions along the lateral ventricles", "integer", low=0),
        Column("temporal", "Lesions in the temporal lobes", "integer", low=0),
        Column("median_volume", "Median volume of a lesion", unit="mm3", low=0),
        Column("largest_diameter", "Largest diameter", unit="mm", low=0),
        Column("mean_elongation", "Mean elongation", low=0),
        Column("mean_angle", "Mean angle to the ventricle", unit="degrees", low=0, high=90),
    )


def lesion_numbers(report: LesionReport) -> dict[str, float]:
    """Return the numbers of a patient by column; NaN where they are undefined, as the shapes without lesions."""
    lesions = report.lesions
    found = {COUNT: float(len(lesions)), VOLUME: report.volume_ml,
             PERCENT: 100 * report.volume_ml / max(report.intracranial_ml, 1e-6)}
    for region in Region:
        own = [lesion.volume for lesion in lesions if lesion.region is region]
        found[region_count(region)], found[region_volume(region)] = float(len(own)), sum(own) / 1000.0
    return {**found, **_shapes(lesions)}


def lesion_measurements(cohort: Cohort, places: Sequence[int]) -> np.ndarray:
    """Return logarithms of the lesion table, (cases, columns), for a network to predict from the lesion image.

    :param cohort: cohort with the lesion table.
    :param places: positions of the cases in the cohort.
    """
    return np.log1p(cohort.numbers([column.name for column in lesion_columns()], places))


def _shapes(lesions: Sequence[Lesion]) -> dict[str, float]:
    angles = [lesion.ventricle_angle for lesion in lesions if lesion.ventricle_angle is not None]
    return {
        "punctate": float(sum(lesion.volume < PUNCTATE_MM3 for lesion in lesions)),
        "dawson": float(sum(is_dawson_finger(lesion) for lesion in lesions)),
        "linings": float(sum(is_lining(lesion) for lesion in lesions)),
        "temporal": float(sum(lesion.temporal for lesion in lesions)),
        "median_volume": _of([lesion.volume for lesion in lesions], np.median),
        "largest_diameter": _of([lesion.diameter for lesion in lesions], np.max),
        "mean_elongation": _of([lesion.elongation for lesion in lesions], np.mean),
        "mean_angle": _of(angles, np.mean),
    }  # fmt: skip


def _of(values: Sequence[float], measure: object) -> float:
    return float(measure(values)) if len(values) else float("nan")

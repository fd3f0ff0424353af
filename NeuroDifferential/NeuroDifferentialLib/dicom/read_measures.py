"""Reading of lesion measures from a structured report of this product, in the form of ``measure``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroDifferentialLib.dicom.content import (
    ALL_LESIONS,
    LESION,
    LESION_MEASURES,
    MIDDLE,
    REGION_QUESTION,
    TEMPORAL_QUESTION,
    YES_NO,
    region_group,
)
from NeuroDifferentialLib.places.regions import Region
from NeuroOrbitLib.dicom.concepts import short_value
from NeuroOrbitLib.dicom.read_report import read_groups
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroOrbitLib.dicom.read_report import ReadGroup

#: Columns with whole numbers in the table, which DICOM stores as decimals.
_WHOLE = ("ventricle_angle_deg",)
_REGIONS = {short_value(region.name): region for region in Region}
_ANSWERS = {code.value: answer for answer, code in YES_NO.items()}


def read_lesion_measures(path: Path) -> dict[str, Any]:
    """Return the measures of lesions from a structured report that ``export-dicom`` wrote.

    :param path: DICOM file.
    :return: plain data in the form of :meth:`NeuroDifferentialLib.pipeline.LesionReport.as_dict`, without the criteria,
        which are not part of a report. ``temporal_lobe`` is None in reports of versions that did not write it.
    :raises Problem: if the file is no such report, or is incomplete.
    """
    groups = {group.name: group for group in read_groups(path)}
    total = _values(groups.get(ALL_LESIONS))
    if not {"count", "volume", "intracranial_volume", "share"} <= total.keys():
        raise Problem(_("{name} holds no measures of lesions that this product wrote.").format(name=path.name))
    lesions = [_lesion(group, path.name) for name, group in groups.items() if _is_lesion(name)]
    regions = {region.value: _region(groups.get(region_group(region))) for region in Region}
    if any(count != total["count"] for count in (len(lesions), sum(each["count"] for each in regions.values()))):
        raise Problem(_incomplete(path.name))
    return {"lesion_count": len(lesions), "volume_ml": round(total["volume"], 3),
            "intracranial_ml": round(total["intracranial_volume"], 1),
            "percent_of_intracranial": round(total["share"], 3), "regions": regions,
            "lesions": sorted(lesions, key=lambda lesion: lesion["lesion"])}


def _is_lesion(name: str) -> bool:
    return name.startswith(LESION) and name.removeprefix(LESION).isdecimal()


def _values(group: ReadGroup | None) -> dict[str, float]:
    return {measure.key: measure.value for measure in group.measures} if group is not None else {}


def _region(group: ReadGroup | None) -> dict[str, float]:
    """Return number and volume (ml) of the lesions of a region; a region without lesions has no group in a report."""
    values = _values(group)
    return {"count": int(values.get("count", 0)), "volume_ml": round(values.get("volume", 0.0), 3)}


def _lesion(group: ReadGroup, name: str) -> dict[str, Any]:
    """Return a row of the table of lesions."""
    region, values = _REGIONS.get(group.traits.get(REGION_QUESTION.value, "")), _values(group)
    middle = next((measure.points for measure in group.measures if len(measure.points) == 1), ())
    if region is None or len(middle) != 1 or "volume_mm3" not in values:
        raise Problem(_incomplete(name))
    return {"lesion": int(group.name.removeprefix(LESION)), "region": region.value,
            **_measures(values), "temporal_lobe": _ANSWERS.get(group.traits.get(TEMPORAL_QUESTION.value, "")),
            **_middle(middle[0])}


def _measures(values: Mapping[str, float]) -> dict[str, float | None]:
    return {key: round(values[key]) if key in _WHOLE and key in values else values.get(key) for key in LESION_MEASURES}


def _middle(point: Sequence[float]) -> dict[str, float]:
    """Return the centre of a lesion, which DICOM stores in single precision, with the decimals of the table."""
    return {key: round(float(value), 1) for key, value in zip(MIDDLE, point, strict=True)}


def _incomplete(name: str) -> str:
    return _("{name} does not hold all that a report of lesions has: it was changed, or written by another version. "
             "Write it again with 'export-dicom'.").format(name=name)

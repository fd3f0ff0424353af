"""DICOM codes of lesions: a segment for each region, and groups of measures for regions and lesions."""

from __future__ import annotations

import numpy as np

from NeuroDifferentialLib.pipeline import LesionReport
from NeuroDifferentialLib.places.measuring import Lesion
from NeuroDifferentialLib.places.regions import LESION_CATEGORY, LESION_TYPE, REGION_CODES, REGION_COLORS, Region
from NeuroOrbitLib.dicom.content import Content, SegmentCodes
from NeuroOrbitLib.dicom.report_groups import Group, GroupMeasure
from NeuroOrbitLib.measurements.codes import OWN, SNOMED, Code, Quantity
from NeuroOrbitLib.measurements.rows import Measured, Place

_BRAIN = Code("12738006", SNOMED, "Brain")
#: Codes of the properties of a lesion that are no numbers.
REGION_QUESTION = Code("LESION_REGION", OWN, "Region of the lesion")
TEMPORAL_QUESTION = Code("TEMPORAL_LOBE", OWN, "Mostly in a temporal lobe")
YES_NO = {True: Code("373066001", SNOMED, "Yes"), False: Code("373067005", SNOMED, "No")}
_COUNT = Quantity("number of lesions", "", 0, Code("LESION_COUNT", OWN, "Number of lesions"))
_VOLUME_ML = Quantity("volume", "ml", 3, Code("118565006", SNOMED, "Volume"))
_INTRACRANIAL = Quantity("intracranial volume", "ml", 1, Code("INTRACRANIAL", OWN, "Intracranial volume"))
_SHARE = Quantity("share of the intracranial volume", "%", 3,
                  Code("LESION_SHARE", OWN, "Volume of lesions over intracranial volume"))
#: Measures of one lesion by their names in tables, in the order of the columns.
LESION_MEASURES = {
    "volume_mm3": Quantity("volume", "mm³", 0, Code("118565006", SNOMED, "Volume")),
    "diameter_mm": Quantity("largest diameter", "mm", 1, Code("103339001", SNOMED, "Long Axis")),
    "elongation": Quantity("longest over shortest principal axis", "", 2,
                           Code("ELONGATION", OWN, "Longest over shortest principal axis")),
    "ventricle_angle_deg": Quantity("angle to the lateral ventricle", "°", 0,
                                    Code("VENTRICLE_ANGLE", OWN, "Angle of long axis to lateral ventricle's surface")),
    "to_lateral_ventricle_mm": Quantity("distance to the lateral ventricle", "mm", 1,
                                        Code("TO_LATERAL_VENTR", OWN, "Distance to the lateral ventricle")),
    "to_cortex_mm": Quantity("distance to the cortex", "mm", 1, Code("TO_CORTEX", OWN, "Distance to the cortex")),
    "to_third_or_fourth_ventricle_mm": Quantity(
        "distance to the third or fourth ventricle", "mm", 1,
        Code("TO_LOWER_VENTR", OWN, "Distance to the third or fourth ventricle")),
}
#: Columns of the centre of a lesion, RAS mm.
MIDDLE = ("r_mm", "a_mm", "s_mm")


def _code(triplet: tuple[str, str, str]) -> Code:
    scheme, value, meaning = triplet
    return Code(value, scheme, meaning)


#: Identifier of the group of measures of all lesions, and prefix (before the number) of the identifier for one lesion.
ALL_LESIONS, LESION = "lesions", "lesion_"
_CATEGORY, _TYPE = _code(LESION_CATEGORY), _code(LESION_TYPE)


def region_group(region: Region) -> str:
    """Return the identifier of the group of measures of a region."""
    return f"{ALL_LESIONS}_{region.name.lower()}"


def region_label(region: Region) -> str:
    """Return the name of a region's segment."""
    return f"Lesions, {region.value}"


def _segment(value: int) -> SegmentCodes:
    region = list(Region)[value - 1]
    rgb = tuple(round(255 * channel) for channel in REGION_COLORS[region])
    return SegmentCodes(region_label(region), _CATEGORY, _TYPE, rgb, region=_code(REGION_CODES[region]))


#: Content of the segmentation, whose values are positions (from 1) of the lesions' regions in :class:`Region`.
LESIONS = Content("NeuroDifferential", "LESIONS", "White-matter lesions by region", "Brain lesions (research use only)",
                  "Brain lesion measurements (research use only)", _segment)


def lesion_groups(report: LesionReport, segmentation_uid: str) -> list[Group]:
    """Return the measures of all lesions together, of each region and of each lesion.

    :param report: measured lesions.
    :param segmentation_uid: UID of the segmentation that shows the lesions, as their numbers are only valid there.
    """
    return [_all_lesions(report), *(_region(report, region) for region in Region if _of(report, region)),
            *(_lesion(lesion, segmentation_uid) for lesion in report.lesions)]


def _all_lesions(report: LesionReport) -> Group:
    share = 100 * report.volume_ml / report.intracranial_ml
    return Group(ALL_LESIONS, _CATEGORY, _TYPE, (
        _measure("count", _COUNT, len(report.lesions)), _measure("volume", _VOLUME_ML, report.volume_ml),
        _measure("intracranial_volume", _INTRACRANIAL, report.intracranial_ml),
        _measure("share", _SHARE, share)), _BRAIN)


def _region(report: LesionReport, region: Region) -> Group:
    own = _of(report, region)
    return Group(region_group(region), _CATEGORY, _TYPE, (
        _measure("count", _COUNT, len(own)),
        _measure("volume", _VOLUME_ML, sum(lesion.volume for lesion in own) / 1000.0)),
        _code(REGION_CODES[region]), segment=region_label(region))


def _lesion(lesion: Lesion, segmentation_uid: str) -> Group:
    row = lesion.as_row()
    # The table's rounded values, as DICOM stores coordinates in single precision, where halves may round otherwise.
    places = {"volume_mm3": Place("points", np.array([[row[name] for name in MIDDLE]]))}
    measures = tuple(GroupMeasure(key, quantity, Measured(float(row[key]), place=places.get(key)))
                     for key, quantity in LESION_MEASURES.items() if row[key] is not None)
    traits = ((REGION_QUESTION, Code(lesion.region.name, OWN, lesion.region.value)),
              (TEMPORAL_QUESTION, YES_NO[lesion.temporal]))
    return Group(f"{LESION}{lesion.number}", _CATEGORY, _TYPE, measures, _code(REGION_CODES[lesion.region]),
                 traits=traits, only_in=segmentation_uid)


def _of(report: LesionReport, region: Region) -> list[Lesion]:
    return [lesion for lesion in report.lesions if lesion.region is region]


def _measure(key: str, quantity: Quantity, value: float) -> GroupMeasure:
    return GroupMeasure(key, quantity, Measured(float(value)))

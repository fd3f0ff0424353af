"""What a segmentation, and what is written beside it, is of: the words and codes that other systems read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from NeuroOrbitLib.anatomy import label_name, label_rgb, label_value, side_of, structure_of
from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.anatomy.terminology import CATEGORY, SCHEME
from NeuroOrbitLib.measurements.codes import Code


@dataclass(frozen=True)
class SegmentCodes:
    """What a segment shows.

    :param label: its name. :param category, kind: segmented property. :param rgb: colour, 0 to 255.
    :param side: of the kind. :param region: where it lies, if the kind does not say it.
    """

    label: str
    category: Code
    kind: Code
    rgb: tuple[int, int, int]
    side: Side | None = None
    region: Code | None = None


@dataclass(frozen=True)
class Content:
    """What results are of.

    :param product: part of the extension that they come from. :param label: short name in capital letters.
    :param description: of the segmentation.
    :param segmentation_series, measurements_series: names of the series that are written.
    :param segment: returns what the segment of a label value shows.
    :param also_held: label values whose segment also holds the voxels of another value, and that value.
    """

    product: str
    label: str
    description: str
    segmentation_series: str
    measurements_series: str
    segment: Callable[[int], SegmentCodes]
    also_held: Mapping[int, int] = field(default_factory=dict)


def _orbit_segment(value: int) -> SegmentCodes:
    structure, (code, meaning) = structure_of(value), CATEGORY
    return SegmentCodes(label_name(value), Code(code, SCHEME, meaning), Code(structure.code, SCHEME, structure.meaning),
                        label_rgb(value), side_of(value))


#: Structures of the orbit by the values of the vocabulary; the lens lies inside the eyeball.
ORBIT = Content("OrbitSegmentation", "ORBIT", "Structures of the orbit", "Orbit annotation (research use only)",
                "Orbit measurements (research use only)", _orbit_segment,
                {label_value("eyeball", side): label_value("lens", side) for side in Side})

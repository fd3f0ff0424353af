"""Names and codes of a segmentation and of the results beside it, as other systems read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from NeuroOrbitLib.anatomy import label_name, label_rgb, label_value, side_of, structure_of
from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.anatomy.terminology import CATEGORY, SCHEME
from NeuroOrbitLib.measurements.codes import Code


@dataclass(frozen=True)
class SegmentCodes:
    """Codes of what a segment shows.

    :param label: name of the segment.
    :param category, kind: category and type of the segmented property.
    :param rgb: colour, red, green, blue, each from 0 to 255.
    :param side: side of the patient; ``None`` if the structure is not paired.
    :param region: anatomic region, if the kind does not imply it.
    """

    label: str
    category: Code
    kind: Code
    rgb: tuple[int, int, int]
    side: Side | None = None
    region: Code | None = None


@dataclass(frozen=True)
class Content:
    """Names and codes of the results of one part of the extension.

    :param product: part of the extension.
    :param label: short name in capital letters.
    :param description: description of the segmentation.
    :param segmentation_series, measurements_series: descriptions of the series that are written.
    :param segment: function that returns the codes of the segment with a label value.
    :param also_held: label values whose segment also holds the voxels of a second value, and this second value.
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

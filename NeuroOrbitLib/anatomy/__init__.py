"""The vocabulary: structures, label values, sides, SNOMED CT codes, colours and normal volumes."""

from __future__ import annotations

from NeuroOrbitLib.anatomy.normative import (
    VolumeNorm,
    all_volume_norms,
    comparable_norms,
    plausible_volume,
    volume_norms,
)
from NeuroOrbitLib.anatomy.structures import (
    BACKGROUND,
    EXTRAOCULAR_MUSCLES,
    LABEL_VALUES,
    OBLIQUES,
    RECTI,
    STRUCTURES,
    Side,
    Structure,
    label_color,
    label_name,
    label_rgb,
    label_value,
    mirror_label_array,
    mirrored_label,
    segment_id,
    side_of,
    structure,
    structure_of,
)
from NeuroOrbitLib.anatomy.terminology import terminology_entry

__all__ = [
    "BACKGROUND",
    "EXTRAOCULAR_MUSCLES",
    "LABEL_VALUES",
    "OBLIQUES",
    "RECTI",
    "STRUCTURES",
    "Side",
    "Structure",
    "VolumeNorm",
    "all_volume_norms",
    "comparable_norms",
    "label_color",
    "label_name",
    "label_rgb",
    "label_value",
    "mirror_label_array",
    "mirrored_label",
    "plausible_volume",
    "segment_id",
    "side_of",
    "structure",
    "structure_of",
    "terminology_entry",
    "volume_norms",
]

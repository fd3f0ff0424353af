"""Structures in the terminology of DICOM and 3D Slicer: terminology entries, terminology file and colour table."""

from __future__ import annotations

import json
from typing import Any

from NeuroOrbitLib.anatomy.structures import (
    LABEL_VALUES,
    STRUCTURES,
    Side,
    Structure,
    label_name,
    label_rgb,
    side_of,
    structure_of,
)

CONTEXT_NAME = "Segmentation category and type - Orbit"
REGION_CONTEXT_NAME = "Anatomic codes - DICOM master list"
SCHEME = "SCT"
CATEGORY = ("123037004", "Anatomical Structure")
LATERALITY = {Side.RIGHT: ("24028007", "Right"), Side.LEFT: ("7771000", "Left")}
_SCHEMA = "https://raw.githubusercontent.com/qiicr/dcmqi/master/doc/segment-context-schema.json#"


def terminology_entry(value: int) -> str:
    """Return the terminology tag of a segment with this label value, as Slicer serialises it.

    The order is: context, category, type, type modifier, region context, region, region modifier.
    """
    found, side = structure_of(value), side_of(value)
    modifier = _triplet(*LATERALITY[side]) if side else "^^"
    kind = _triplet(found.code, found.meaning)
    return "~".join([CONTEXT_NAME, _triplet(*CATEGORY), kind, modifier, REGION_CONTEXT_NAME, "^^", "^^"])


def terminology_document() -> dict[str, Any]:
    """Return the content of Slicer's terminology file for the orbit (schema of dcmqi's segment contexts)."""
    category = {**_code(*CATEGORY), "showAnatomy": "false", "Type": [_type(structure) for structure in STRUCTURES]}
    return {
        "SegmentationCategoryTypeContextName": CONTEXT_NAME,
        "@schema": _SCHEMA,
        "SegmentationCodes": {"Category": [category]},
    }


def terminology_text() -> str:
    """Return the text of the terminology file."""
    return json.dumps(terminology_document(), indent=2) + "\n"


def color_table_text() -> str:
    """Return the text of Slicer's colour table (label value, name with underscores for spaces, RGBA)."""
    lines = ["# Label values, names and colours of the orbit", "0 Background 0 0 0 0"]
    for value in LABEL_VALUES:
        red, green, blue = label_rgb(value)
        lines.append(f"{value} {label_name(value).replace(' ', '_')} {red} {green} {blue} 255")
    return "\n".join(lines) + "\n"


def _triplet(code: str, meaning: str) -> str:
    return f"{SCHEME}^{code}^{meaning}"


def _code(code: str, meaning: str) -> dict[str, Any]:
    return {
        "CodeMeaning": meaning,
        "CodingSchemeDesignator": SCHEME,
        "CodeValue": code,
        "SNOMEDCTConceptID": code,
    }


def _type(structure: Structure) -> dict[str, Any]:
    entry = _code(structure.code, structure.meaning)
    if structure.left is None:
        return {**entry, **_display(structure.right)}
    sides = [{**_code(*LATERALITY[side]), **_display(structure.value(side))} for side in Side]
    return {**entry, "recommendedDisplayRGBValue": list(structure.color), "Modifier": sides}


def _display(value: int) -> dict[str, Any]:
    return {
        "recommendedDisplayRGBValue": list(label_rgb(value)),
        "3dSlicerLabel": label_name(value),
        "3dSlicerIntegerLabel": value,
    }

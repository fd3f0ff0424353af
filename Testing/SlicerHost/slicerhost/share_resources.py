"""The few files of Slicer's share directory without which its logics report errors.

The slicer-core wheel has none of them. What is written here is a small stand-in of the right format: a generic and a
diverging colour table, a terminology of a few entries under the names of Slicer's default contexts, and empty volume
rendering presets.
"""
from __future__ import annotations

import colorsys
import json
from pathlib import Path
from typing import Any

_SCHEMA = "https://raw.githubusercontent.com/qiicr/dcmqi/master/doc/schemas/"
_TERMINOLOGIES = {
    "SegmentationCategoryTypeModifier-SlicerGeneralAnatomy":
        "Segmentation category and type - 3D Slicer General Anatomy list",
    "SegmentationCategoryTypeModifier-DICOM-Master": "Segmentation category and type - DICOM master list",
}
_GOLDEN_RATIO = 0.61803398875


def write(share: Path) -> None:
    """Write the files below a new share directory."""
    (share / "ColorFiles").mkdir(parents=True, exist_ok=True)
    (share / "terminologies").mkdir(exist_ok=True)
    (share / "presets.xml").write_text('<MRML version="Slicer4" userTags=""></MRML>\n')
    (share / "ColorFiles" / "GenericColors.txt").write_text(_generic_colors())
    (share / "ColorFiles" / "DivergingBlueRed.txt").write_text(_blue_white_red())
    for file_name, context in _TERMINOLOGIES.items():
        _write_json(share / "terminologies" / f"{file_name}.term.json", _segmentation_context(context))
    _write_json(share / "terminologies" / "AnatomicRegionAndModifier-DICOM-Master.term.json", _anatomic_context())


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content))


def _generic_colors() -> str:
    """Return 256 lines "value name red green blue alpha" with colours that differ between neighbours."""
    lines = ["# Color table file", "0 background 0 0 0 0"]
    for value in range(1, 256):
        rgb = colorsys.hsv_to_rgb(value * _GOLDEN_RATIO % 1.0, 0.45 + 0.05 * (value * 7 % 10), 0.95)
        red, green, blue = (round(255 * channel) for channel in rgb)
        lines.append(f"{value} label_{value} {red} {green} {blue} 255")
    return "\n".join(lines) + "\n"


def _blue_white_red() -> str:
    """Return 255 lines from dark blue over white to dark red, as in the application's table of that name."""
    lines = ["# Color table file"]
    for value in range(255):
        share = abs(value - 127) / 127
        end = (6, 50, 99) if value < 127 else (103, 0, 31)
        red, green, blue = (round(247 + share * (channel - 247)) for channel in end)
        lines.append(f"{value} {value} {red} {green} {blue} 255")
    return "\n".join(lines) + "\n"


def _code(meaning: str, value: str, **more: Any) -> dict[str, Any]:
    return {"CodeMeaning": meaning, "CodingSchemeDesignator": "SCT", "CodeValue": value, **more}


def _segmentation_context(name: str) -> dict[str, Any]:
    tissue = _code("Tissue", "85756007", recommendedDisplayRGBValue=[128, 174, 128])
    tissue["3dSlicerLabel"] = "tissue"
    organ = _code("Organ", "113343008", recommendedDisplayRGBValue=[221, 130, 101])
    organ["3dSlicerLabel"] = "organ"
    categories = [_code("Tissue", "85756007", showAnatomy="true", Type=[tissue]),
                  _code("Anatomical Structure", "123037004", showAnatomy="false", Type=[organ])]
    return {"SegmentationCategoryTypeContextName": name, "@schema": _SCHEMA + "segment-context-schema.json#",
            "SegmentationCodes": {"Category": categories}}


def _anatomic_context() -> dict[str, Any]:
    region = _code("Eyeball", "81745001", contextGroupName="CommonAnatomicRegions", cid="4031", UMLSConceptUID="",
                   SNOMEDCTConceptID="81745001")
    return {"AnatomicContextName": "Anatomic codes - DICOM master list",
            "@schema": _SCHEMA + "anatomic-context-schema.json#", "AnatomicCodes": {"AnatomicRegion": [region]}}

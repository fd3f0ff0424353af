"""``classify``: estimate the activity of one scan."""

from __future__ import annotations

import argparse
from typing import Any

from NeuroOrbitLib import privacy
from NeuroOrbitLib.classifiers.commands.answering import (
    add_device_and_json,
    add_report,
    estimate_text,
    require_files,
    show_answer,
)
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "classify",
        help="estimate whether the disease is active",
        description="Estimate the activity of thyroid-associated ophthalmopathy from an axial fat-suppressed T2 MRI, "
        "with the signal ratios of the muscles. For research use only.",
    )
    parser.add_argument("scan", help="NIfTI, NRRD or MetaImage file, or the folder of a DICOM series")
    parser.add_argument("--model", required=True, help="name or folder of a model package")
    parser.add_argument("--labels", help="segmentation of the orbits; found automatically if not given")
    add_report(parser)
    add_device_and_json(parser)
    privacy.add_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Classify one scan."""
    from TAOActivityLib.pipeline import classify_file

    require_files(arguments.scan, arguments.labels)
    with TerminalProgress() as progress:
        found = classify_file(arguments.scan, arguments.model, arguments.labels, arguments.device, progress=progress,
                              report=arguments.report)
    show_answer(found, _text(found), arguments.json, arguments.with_paths)
    return SUCCESS


def _text(found: dict[str, Any]) -> str:
    lines = [estimate_text(found, found["probability"]), ""]
    for row in found["ratios"]:
        name = f"{row['side']} {row['muscle'].replace('_', ' ')}"
        ratios = ", ".join(f"{key[3:]} {value:.2f}" for key, value in row.items()
                           if key.startswith("to_") and value is not None)
        lines.append(f"{name:28} signal over {ratios}")
    return "\n".join([*lines, "", found["research_use"]])

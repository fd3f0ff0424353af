"""``classify``: estimate the activity of one scan."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from NeuroOrbitLib import privacy
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, print_json


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
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    privacy.add_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Classify one scan."""
    from TAOActivityLib.pipeline import classify_file

    for path in (arguments.scan, arguments.labels):
        check_exists(path)
    with TerminalProgress() as progress:
        found = classify_file(arguments.scan, arguments.model, arguments.labels, arguments.device, progress=progress)
    if arguments.json:
        print_json(found if arguments.with_paths else privacy.without_paths(found))
        return SUCCESS
    for text in found["notices"]:
        print(f"Note: {text}", file=sys.stderr)
    print(_text(found))
    return SUCCESS


def check_exists(path: str | None) -> None:
    """Make sure that a file or folder that was given exists; :raises Problem: when it does not."""
    from NeuroOrbitLib.problem import Problem

    if path is not None and not Path(path).exists():
        raise Problem(f"There is no file or folder {path}. Check its name.")


def _text(found: dict[str, Any]) -> str:
    kind = "calibrated" if found["calibrated"] else "not calibrated"
    origin = " by a model that has seen synthetic images only" if found["synthetic_training"] else ""
    interval = " ({:.2f} to {:.2f})".format(*found["interval"]) if found["interval"] else ""
    lines = [f"Estimated {found['decision']}: probability {found['probability']:.2f}{interval} ({kind}), threshold "
             f"{found['threshold']:.2f},{origin or ' by a model trained on patients'}", ""]
    for row in found["ratios"]:
        name = f"{row['side']} {row['muscle'].replace('_', ' ')}"
        ratios = ", ".join(f"{key[3:]} {value:.2f}" for key, value in row.items()
                           if key.startswith("to_") and value is not None)
        lines.append(f"{name:28} signal over {ratios}")
    return "\n".join([*lines, "", found["research_use"]])

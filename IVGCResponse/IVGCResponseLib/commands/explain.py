"""``explain``: show on the image what speaks for a response, and what each muscle contributes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from IVGCResponseLib.commands.classify import add_patient_arguments, clinical_of, text_of
from IVGCResponseLib.gate import GATE
from NeuroOrbitLib.classifiers.commands.answering import gate_of, show_answer
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, print_json, writes
from NeuroOrbitLib.number_text import fixed


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "explain",
        help="show on the image what speaks for a response",
        description="Estimate the response and write a heat map (heat.nii.gz, Grad-CAM: coarse), the volume that the "
        "network saw (volume.nii.gz) and a table (muscles.csv): how much the probability falls when each muscle gets "
        "the mean signal of the training. For research use only.",
    )
    add_patient_arguments(parser)
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the results")
    writes(parser, "output/heat.nii.gz", "output/volume.nii.gz")


def run(arguments: argparse.Namespace) -> int:
    """Explain one patient."""
    clinical = clinical_of(arguments)
    with TerminalProgress() as progress:
        found = _explained(arguments, clinical, progress)
    if arguments.json:
        print_json(found)
        return SUCCESS
    if found["explanation"]["notice"]:
        print(f"Note: {found['explanation']['notice']}", file=sys.stderr)
    show_answer(found, text_of(found), as_json=False)
    print("\nFall of the probability when a muscle gets the training's mean signal:")
    for key, fall in sorted(found["explanation"]["falls"].items(), key=lambda item: -item[1]):
        print(f"{key.replace('_', ' '):20} {fall:7.3f}")
    return SUCCESS


def _explained(arguments: argparse.Namespace, clinical: dict[str, float], progress: TerminalProgress) -> dict[str, Any]:
    from IVGCResponseLib.pipeline import classify_file
    from NeuroOrbitLib.files.safe import write_rows
    from NeuroOrbitLib.imaging.files import save_image

    found, (response, explanation) = classify_file(
        arguments.scan, arguments.model, arguments.labels, clinical, arguments.device, arguments.engine,
        progress=progress, recalibration=arguments.recalibration, reasons=True, **gate_of(arguments, GATE))
    folder = arguments.output
    folder.mkdir(parents=True, exist_ok=True)
    if explanation.heat is not None:
        save_image(explanation.heat, folder / "heat.nii.gz")
    save_image(response.prepared.image, folder / "volume.nii.gz")
    write_rows(folder / "muscles.csv", ["muscle", "fall_of_probability"],
               [[key, fixed(fall, 6)] for key, fall in explanation.falls.items()])
    return found

"""``explain``: which lesions speak for NMOSD and which for MS."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from NeuroDifferentialLib.commands.classify import add_patient_arguments, paths_of, text_of
from NeuroOrbitLib.classifiers.commands.answering import show_answer
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, writes
from NeuroOrbitLib.number_text import signed


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "explain",
        help="show which lesions speak for NMOSD and which for MS",
        description="Estimate NMOSD against MS, leave out every lesion in turn and compare the change with that of "
        "other lesions of the same volume. Writes lesions.csv (ranked), numbers.nii.gz (the number of each lesion), "
        "effects.nii.gz (its change) and, of networks, heat.nii.gz (Grad-CAM: coarse). For research use only.",
    )
    add_patient_arguments(parser)
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the results")
    writes(parser, *(f"output/{name}.nii.gz" for name in ("numbers", "effects", "heat")))


def run(arguments: argparse.Namespace) -> int:
    """Explain one patient."""
    from NeuroDifferentialLib.differential.answers import explain_files

    with TerminalProgress() as progress:
        found, patient, explanation = explain_files(*paths_of(arguments), arguments.device, progress=progress)
    if explanation is not None:
        _write(arguments.output, found, patient, explanation)
    show_answer(found, text_of(found), arguments.json)
    if explanation is not None and not arguments.json:
        print("\nLesion  Change of the probability  beyond that of its volume")
        for effect in explanation.effects[:10]:
            print(f"{effect.number:6d}  {signed(effect.change, 3):>25}  {signed(effect.beyond_volume, 3):>25}")
    return SUCCESS


def _write(folder: Path, found: dict[str, Any], patient: Any, explanation: Any) -> None:
    from NeuroDifferentialLib.differential.explanation import effects_image
    from NeuroOrbitLib.files.safe import write_rows
    from NeuroOrbitLib.imaging.files import save_image

    folder.mkdir(parents=True, exist_ok=True)
    save_image(patient.report.numbers, folder / "numbers.nii.gz")
    save_image(effects_image(patient, explanation), folder / "effects.nii.gz")
    if explanation.heat is not None:
        save_image(explanation.heat, folder / "heat.nii.gz")
    regions = {lesion["lesion"]: lesion for lesion in found["lesions"]}
    rows = [{**regions[effect["lesion"]], **effect} for effect in found["explanation"]["lesions"]]
    write_rows(folder / "lesions.csv", list(rows[0]), rows)

"""``explain``: show which lesions favour NMOSD and which favour MS."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroDifferentialLib.commands.classify import add_patient_arguments, paths_of, text_of
from NeuroOrbitLib.classifiers.commands.answering import show_answer
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, writes
from NeuroOrbitLib.number_text import signed
from NeuroOrbitLib.problem import Problem

if TYPE_CHECKING:
    from NeuroDifferentialLib.differential.explanation import Explanation
    from NeuroDifferentialLib.differential.patient import Patient

#: Names of the files that are written; the heat map for networks only.
_RESULTS = _NUMBERS, _EFFECTS, _HEAT, _TABLE = "numbers.nii.gz", "effects.nii.gz", "heat.nii.gz", "lesions.csv"


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments to the command line."""
    parser = subparsers.add_parser(
        "explain",
        help="show which lesions speak for NMOSD and which for MS",
        description="Estimate NMOSD against MS, leave out every lesion in turn and compare the change with that of "
        "other lesions of the same volume. Writes lesions.csv (ranked), numbers.nii.gz (the number of each lesion), "
        "effects.nii.gz (its change) and, of networks, heat.nii.gz (Grad-CAM: coarse). For research use only.",
    )
    add_patient_arguments(parser)
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the results")
    writes(parser, *(f"output/{name}" for name in _RESULTS))


def run(arguments: argparse.Namespace) -> int:
    """Answer about one patient, write and print the explanation, and return the exit status."""
    from NeuroDifferentialLib.differential.answers import explain_files

    with TerminalProgress() as progress:
        found, patient, explanation = explain_files(*paths_of(arguments), arguments.device, progress=progress)
    _check_no_older(arguments.output, explanation)
    if explanation is not None:
        _write(arguments.output, found, patient, explanation)
    show_answer(found, text_of(found), arguments.json)
    if explanation is not None and not arguments.json:
        print("\nLesion  Change of the probability  beyond that of its volume")
        for effect in explanation.effects[:10]:
            print(f"{effect.number:6d}  {signed(effect.change, 3):>25}  {signed(effect.beyond_volume, 3):>25}")
    return SUCCESS


def _check_no_older(folder: Path, explanation: Explanation | None) -> None:
    """Refuse a folder in which results of an earlier run would be mistaken for those of this patient."""
    written = () if explanation is None else _RESULTS if explanation.heat is not None else set(_RESULTS) - {_HEAT}
    older = [name for name in _RESULTS if name not in written and (folder / name).exists()]
    if older:
        raise Problem(f"{folder} holds {', '.join(older)} of an earlier run, which this one does not replace. Choose "
                      "another folder, or remove what is older. Nothing was written.")


def _write(folder: Path, found: dict[str, Any], patient: Patient, explanation: Explanation) -> None:
    from NeuroDifferentialLib.differential.explanation import effects_image
    from NeuroOrbitLib.files.safe import write_rows
    from NeuroOrbitLib.imaging.files import save_image

    folder.mkdir(parents=True, exist_ok=True)
    save_image(patient.report.numbers, folder / _NUMBERS)
    save_image(effects_image(patient, explanation), folder / _EFFECTS)
    if explanation.heat is not None:
        save_image(explanation.heat, folder / _HEAT)
    regions = {lesion["lesion"]: lesion for lesion in found["lesions"]}
    rows = [{**regions[effect["lesion"]], **effect} for effect in found["explanation"]["lesions"]]
    write_rows(folder / _TABLE, list(rows[0]), rows)

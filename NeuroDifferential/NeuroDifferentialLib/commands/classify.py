"""``classify``: estimate NMOSD against MS from the lesions of one patient."""

from __future__ import annotations

import argparse
from typing import Any

from NeuroOrbitLib.classifiers.commands.answering import (
    ClassifyCommand,
    add_device_and_json,
    estimate_text,
    require_files,
)
from NeuroOrbitLib.jobs.progress import Progress


def add_patient_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name a patient's files, for this command and ``explain``."""
    from NeuroDifferentialLib.differential.inventory import DEFAULT_MODEL

    parser.add_argument("flair", help="FLAIR: NIfTI, NRRD or MetaImage file, or folder of a DICOM series or of a "
                        "study, whose FLAIR is taken")
    parser.add_argument("--t1", help="T1 of the same visit; registered if on another grid or the head moved")
    parser.add_argument("--lesions", help="lesion mask of any tool on the FLAIR's grid; found if not given")
    parser.add_argument("--anatomy", help="the file that 'segment --anatomy' wrote; found if not given")
    parser.add_argument("--model", default=DEFAULT_MODEL, help=f"name or folder of a model package (default "
                        f"{DEFAULT_MODEL})")
    add_device_and_json(parser)


def paths_of(arguments: argparse.Namespace) -> tuple[str, str, str | None, str | None, str | None]:
    """Return the paths of FLAIR, model, T1, lesions and anatomy after checking that the files exist.

    :raises Problem: for a file that does not exist.
    """
    given = (arguments.flair, arguments.t1, arguments.lesions, arguments.anatomy)
    require_files(*given)
    return arguments.flair, arguments.model, *given[1:]


def text_of(found: dict[str, Any]) -> str:
    """Return an answer, given as plain data, as text."""
    lesions = f"{found['lesion_count']} lesions, {found['volume_ml']:.2f} ml"
    if found["probability_of_nmosd"] is None:
        return f"No lesions were found, no estimate.\n\n{found['research_use']}"
    return "\n".join([f"{estimate_text(found, found['probability_of_nmosd'], 'of NMOSD')}; {lesions}.", "",
                      found["limits"], found["research_use"]])


def _classify(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    from NeuroDifferentialLib.differential.answers import classify_files

    return classify_files(*paths_of(arguments), arguments.device, progress=progress, report=arguments.report)


_COMMAND = ClassifyCommand(
    "estimate NMOSD or MS from the lesions",
    "Find, measure and place the lesions of a FLAIR, or take those of a mask, and estimate NMOSD against MS. Brain MRI "
    "only: ignores cord, optic nerve and serology. For research use only.", add_patient_arguments, _classify, text_of)
add_parser, run = _COMMAND.add_parser, _COMMAND.run

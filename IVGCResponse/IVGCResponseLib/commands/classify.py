"""``classify``: estimate the response of one patient."""

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
        help="estimate whether the patient will respond",
        description="Estimate the response to intravenous glucocorticoids from a coronal T2 MRI of the orbits and, if "
        "given, clinical features. For research use only.",
    )
    add_patient_arguments(parser)
    privacy.add_option(parser)


def add_patient_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments that say what is known of a patient, for this command and ``explain``."""
    parser.add_argument("scan", help="NIfTI, NRRD or MetaImage file, or the folder of a DICOM series")
    parser.add_argument("--model", required=True, help="name or folder of a model package")
    parser.add_argument("--labels", help="segmentation of the orbits; made automatically if not given")
    parser.add_argument("--clinical", nargs="*", default=[], metavar="NAME=VALUE", help="clinical features, e.g. "
                        "age=45 cas=4 trab=12.5 smoking=no; what is not given is replaced by the training's mean")
    parser.add_argument("--engine", choices=("auto", "pyradiomics", "own"), default="auto", help="of the radiomics "
                        "features")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")
    parser.add_argument("--optic-neuropathy", action="store_true", help="the patient has an optic neuropathy")
    parser.add_argument("--treated", action="store_true", help="intravenous treatment has already begun")
    parser.add_argument("--anyway", action="store_true", help="estimate also for a patient that the models were not "
                        "made for: inactive disease, optic neuropathy, treatment begun, a child")
    parser.add_argument("--recalibration", metavar="JSON", help="file made by recalibrate from your own patients")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def gate_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what was said about the gate, as the pipeline's functions take it."""
    from IVGCResponseLib.gate import OPTIC_NEUROPATHY, TREATED

    return {"gate": {OPTIC_NEUROPATHY: arguments.optic_neuropathy, TREATED: arguments.treated},
            "anyway": arguments.anyway}


def run(arguments: argparse.Namespace) -> int:
    """Classify one patient."""
    from IVGCResponseLib.pipeline import classify_file

    clinical = clinical_of(arguments)
    with TerminalProgress() as progress:
        found = classify_file(arguments.scan, arguments.model, arguments.labels, clinical, arguments.device,
                              arguments.engine, progress=progress, recalibration=arguments.recalibration,
                              **gate_of(arguments))
    if arguments.json:
        print_json(found if arguments.with_paths else privacy.without_paths(found))
        return SUCCESS
    for text in found["notices"]:
        print(f"Note: {text}", file=sys.stderr)
    print(text_of(found))
    return SUCCESS


def clinical_of(arguments: argparse.Namespace) -> dict[str, float]:
    """Return the clinical features that were typed, after checking that the files exist.

    :raises Problem: for a file that does not exist, or a value that cannot be.
    """
    from IVGCResponseLib.clinical import clinical_columns
    from NeuroOrbitLib.classifiers.typed_values import values_of_words
    from NeuroOrbitLib.problem import Problem

    for path in (arguments.scan, arguments.labels):
        if path is not None and not Path(path).exists():
            raise Problem(f"There is no file or folder {path}. Check its name.")
    return values_of_words(arguments.clinical, clinical_columns())


def text_of(found: dict[str, Any]) -> str:
    """Return the answer as text."""
    kind = "calibrated" if found["calibrated"] else "not calibrated"
    kind = "fitted to your own patients" if found["recalibrated"] else kind
    origin = "by a model that has seen synthetic images only" if found["synthetic_training"] else (
        "by a model trained on patients")
    interval = " ({:.2f} to {:.2f})".format(*found["interval"]) if found["interval"] else ""
    lines = [f"Estimated {found['decision']}: probability of a response {found['probability_of_response']:.2f}"
             f"{interval} ({kind}), threshold {found['threshold']:.2f}, {origin}", ""]
    lines += [f"{name:16} {value:.2f}" for name, value in found["ratios"].items() if value is not None]
    lines += [f"If {name.replace('_', ' ')} were known: {low:.2f} to {high:.2f}"
              for name, (low, high) in sorted(found["possible"].items(), key=lambda item: item[1][0] - item[1][1])[:3]]
    return "\n".join([*lines, "", found["research_use"]])

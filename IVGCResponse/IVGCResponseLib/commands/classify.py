"""``classify``: estimate the response of one patient."""

from __future__ import annotations

import argparse
from typing import Any

from IVGCResponseLib.gate import GATE
from NeuroOrbitLib.classifiers.commands.answering import (
    ClassifyCommand,
    add_device_and_json,
    add_engine,
    add_gate,
    add_recalibration,
    estimate_text,
    gate_of,
    require_files,
)
from NeuroOrbitLib.jobs.progress import Progress


def add_patient_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments that say what is known of a patient, for this command and ``explain``."""
    parser.add_argument("scan", help="NIfTI, NRRD or MetaImage file, or the folder of a DICOM series")
    parser.add_argument("--model", required=True, help="name or folder of a model package")
    parser.add_argument("--labels", help="segmentation of the orbits; made automatically if not given")
    parser.add_argument("--clinical", nargs="*", default=[], metavar="NAME=VALUE", help="clinical features, e.g. "
                        "age=45 cas=4 trab=12.5 smoking=no; what is not given is replaced by the training's mean")
    add_engine(parser)
    add_gate(parser, GATE, "inactive disease, optic neuropathy, treatment begun, a child")
    add_recalibration(parser)
    add_device_and_json(parser)


def clinical_of(arguments: argparse.Namespace) -> dict[str, float]:
    """Return the clinical features that were typed, after checking that the files exist.

    :raises Problem: for a file that does not exist, or a value that cannot be.
    """
    from IVGCResponseLib.clinical import clinical_columns
    from NeuroOrbitLib.classifiers.typed_values import values_of_words

    require_files(arguments.scan, arguments.labels)
    return values_of_words(arguments.clinical, clinical_columns())


def text_of(found: dict[str, Any]) -> str:
    """Return the answer as text."""
    lines = [estimate_text(found, found["probability_of_response"], "of a response"), ""]
    lines += [f"{name:16} {value:.2f}" for name, value in found["ratios"].items() if value is not None]
    lines += [f"If {name.replace('_', ' ')} were known: {low:.2f} to {high:.2f}"
              for name, (low, high) in sorted(found["possible"].items(), key=lambda item: item[1][0] - item[1][1])[:3]]
    return "\n".join([*lines, "", found["research_use"]])


def _classify(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    from IVGCResponseLib.pipeline import classify_file

    found, _answer = classify_file(
        arguments.scan, arguments.model, arguments.labels, clinical_of(arguments), arguments.device, arguments.engine,
        progress=progress, recalibration=arguments.recalibration, report=arguments.report, **gate_of(arguments, GATE))
    return found


_COMMAND = ClassifyCommand(
    "estimate whether the patient will respond",
    "Estimate the response to intravenous glucocorticoids from a coronal T2 MRI of the orbits and, if given, clinical "
    "features. For research use only.", add_patient_arguments, _classify, text_of)
add_parser, run = _COMMAND.add_parser, _COMMAND.run

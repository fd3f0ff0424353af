"""Shared parts of the commands that answer about one patient: file checks, the estimate as text, printing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib import privacy
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, print_json
from NeuroOrbitLib.jobs.progress import Progress

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.gate import Gate


@dataclass(frozen=True)
class ClassifyCommand:
    """The command ``classify`` of one module.

    :param help: short description of the command.
    :param description: description of the command in sentences.
    :param add_patient: adds the arguments that describe a patient, ``--device`` and ``--json``.
    :param classify: returns the answer as plain data; is given the arguments, ``report`` among them, and the progress.
    :param text_of: returns the text of an answer.
    """

    help: str
    description: str
    add_patient: Callable[[argparse.ArgumentParser], None]
    classify: Callable[[argparse.Namespace, Progress], Mapping[str, Any]]
    text_of: Callable[[Mapping[str, Any]], str]

    def add_parser(self, subparsers: Any) -> None:
        """Add the command and its arguments to the command line."""
        parser = subparsers.add_parser("classify", help=self.help, description=self.description)
        self.add_patient(parser)
        add_report(parser)
        privacy.add_option(parser)

    def run(self, arguments: argparse.Namespace) -> int:
        """Answer about one patient."""
        with TerminalProgress() as progress:
            found = self.classify(arguments, progress)
        show_answer(found, self.text_of(found), arguments.json, arguments.with_paths)
        return SUCCESS


def add_scan(parser: argparse.ArgumentParser, segmentation: str) -> None:
    """Add the arguments that name the scan, the model and a segmentation.

    :param parser: parser of the command.
    :param segmentation: what is segmented, for the help, e.g. "the orbits".
    """
    parser.add_argument("scan", help="NIfTI, NRRD or MetaImage file, or the folder of a DICOM series")
    parser.add_argument("--model", required=True, help="name or folder of a model package")
    parser.add_argument("--labels", help=f"segmentation of {segmentation}; made automatically if not given")


def add_device_and_json(parser: argparse.ArgumentParser) -> None:
    """Add the arguments ``--device`` and ``--json``."""
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def add_engine(parser: argparse.ArgumentParser) -> None:
    """Add the argument ``--engine``, which chooses the engine of radiomics features."""
    parser.add_argument("--engine", choices=("auto", "pyradiomics", "own"), default="auto", help="of the radiomics "
                        "features")


def add_recalibration(parser: argparse.ArgumentParser) -> None:
    """Add the argument ``--recalibration``, which names a fit to one's own patients."""
    parser.add_argument("--recalibration", metavar="JSON", help="file made by recalibrate from your own patients")


def add_report(parser: argparse.ArgumentParser) -> None:
    """Add the argument ``--report``, which names the file of the answer's report."""
    parser.add_argument("--report", metavar="FILE", help="write the answer, its limits, what the classifier saw and "
                        "how it came about as a web page (.html) or PDF (.pdf), without names of files")


def add_gate(parser: argparse.ArgumentParser, gate: Gate, closed: str) -> None:
    """Add one argument for each question of a task's gate, and ``--anyway``.

    :param parser: parser of the command.
    :param gate: gate of the task.
    :param closed: patients for whom the gate is closed, for the help.
    """
    for question in gate.questions:
        parser.add_argument(f"--{question.key.replace('_', '-')}", action="store_true", help=question.statement)
    parser.add_argument("--anyway", action="store_true", help="estimate also for a patient that the models were not "
                        f"made for: {closed}")


def gate_of(arguments: argparse.Namespace, gate: Gate) -> dict[str, Any]:
    """Return the answers to the gate's questions as keyword arguments for the functions of a pipeline."""
    return {"gate": {question.key: getattr(arguments, question.key) for question in gate.questions},
            "anyway": arguments.anyway}


def require_files(*paths: str | None) -> None:
    """Refuse paths that do not exist; those that are None were not given.

    :raises Problem: naming the first file or folder that does not exist.
    """
    from NeuroOrbitLib.problem import Problem

    for path in paths:
        if path is not None and not Path(path).exists():
            raise Problem(f"There is no file or folder {path}. Check its name.")


def estimate_text(found: Mapping[str, Any], probability: float, of: str = "") -> str:
    """Return an estimate with its limits in one line.

    :param found: answer as plain data: decision, interval, calibrated, threshold, synthetic_training and, if there
        is one, the recalibration.
    :param probability: stated probability, 0 to 1.
    :param of: event to which the probability refers, e.g. "of a response".
    """
    kind = "calibrated" if found["calibrated"] else "not calibrated"
    kind = "fitted to your own patients" if found.get("recalibration") else kind
    origin = "has seen synthetic images only" if found["synthetic_training"] else "was trained on patients"
    interval = " ({:.2f} to {:.2f})".format(*found["interval"]) if found["interval"] else ""
    return (f"Estimated {found['decision']}: {' '.join(filter(None, ['probability', of]))} {probability:.2f}{interval} "
            f"({kind}), threshold {found['threshold']:.2f}, by a model that {origin}")


def show_answer(found: Mapping[str, Any], text: str, as_json: bool, with_paths: bool = False) -> None:
    """Print an answer as text, with its notices on standard error, or as JSON.

    :param found: answer as plain data.
    :param text: answer as text.
    :param as_json: whether to print JSON.
    :param with_paths: whether the JSON contains names and folders of scans.
    """
    if as_json:
        print_json(found if with_paths else privacy.without_paths(found))
        return
    for notice in found["notices"]:
        print(f"Note: {notice}", file=sys.stderr)
    print(text)

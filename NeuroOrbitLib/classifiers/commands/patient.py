"""The commands ``classify`` and ``explain`` of a module that answers with a :class:`.RegionClassifier`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib import privacy
from NeuroOrbitLib.classifiers.commands.answering import (
    ClassifyCommand,
    add_device_and_json,
    add_engine,
    add_gate,
    add_recalibration,
    add_scan,
    estimate_text,
    gate_of,
    require_files,
    show_answer,
)
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, print_json, writes
from NeuroOrbitLib.number_text import fixed

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.column_file import ColumnFile
    from NeuroOrbitLib.classifiers.gate import Gate
    from NeuroOrbitLib.classifiers.region_classifier import RegionClassifier
    from NeuroOrbitLib.jobs.progress import Progress


@dataclass(frozen=True)
class PatientWords:
    """Words of a module in the help and output of its commands.

    :param classify: short description of ``classify``.
    :param classify_long: description of ``classify`` in sentences.
    :param explain: short description of ``explain``.
    :param explain_long: description of ``explain`` in sentences.
    :param of: event to which the probability refers, e.g. "of a response".
    :param segmentation: what label maps contain, e.g. "the orbits".
    :param numbers: name for the values of the columns.
    :param example: values of some columns, as they are typed.
    :param closed: patients for whom the models were not made.
    :param noun: name for a structure, in the singular.
    """

    classify: str
    classify_long: str
    explain: str
    explain_long: str
    of: str
    segmentation: str
    numbers: str
    example: str
    closed: str
    noun: str


@dataclass(frozen=True)
class PatientCommands:
    """The commands ``classify`` and ``explain`` of one module.

    :param classifier: imports and returns the module's classifier.
    :param gate: gate of the module.
    :param columns: columns of the values that can be given for a patient.
    :param words: words of the module.
    """

    classifier: Callable[[], RegionClassifier]
    gate: Gate
    columns: ColumnFile
    words: PatientWords

    @property
    def classify(self) -> ClassifyCommand:
        """Return the command ``classify``."""
        return ClassifyCommand(self.words.classify, self.words.classify_long, self._add_patient,
                               lambda arguments, progress: self._answer(arguments, progress)[0], self._text)

    def add_explain_parser(self, subparsers: Any) -> None:
        """Add the command ``explain`` and its arguments to the command line."""
        parser = subparsers.add_parser("explain", help=self.words.explain, description=self.words.explain_long)
        self._add_patient(parser)
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the results")
        writes(parser, "output/heat.nii.gz", "output/volume.nii.gz")

    def run_explain(self, arguments: argparse.Namespace) -> int:
        """Answer about one patient, write and print the explanation, and return the exit status."""
        with TerminalProgress() as progress:
            found = self._explained(arguments, progress)
        if arguments.json:
            print_json(privacy.without_paths(found))
            return SUCCESS
        if found["explanation"]["notice"]:
            print(f"Note: {found['explanation']['notice']}", file=sys.stderr)
        show_answer(found, self._text(found), as_json=False)
        print("\nFall of the probability (percentage points) when a "
              f"{self.words.noun} gets the training's mean signal:")
        for key, fall in sorted(found["explanation"]["falls"].items(), key=lambda item: -item[1]):
            print(f"{key.replace('_', ' '):20} {fixed(100 * fall, 1):>7}")
        return SUCCESS

    def _add_patient(self, parser: argparse.ArgumentParser) -> None:
        words = self.words
        add_scan(parser, words.segmentation)
        parser.add_argument("--clinical", nargs="*", default=[], metavar="NAME=VALUE", help=f"{words.numbers}, e.g. "
                            f"{words.example}; what is not given is replaced by a usual value of the training")
        add_engine(parser)
        add_gate(parser, self.gate, words.closed)
        add_recalibration(parser)
        add_device_and_json(parser)

    def _answer(self, arguments: argparse.Namespace, progress: Progress, reasons: bool = False) -> Any:
        """Return the answer as plain data and as given; files and values are checked before anything is computed."""
        from NeuroOrbitLib.classifiers.column_file import columns_kept
        from NeuroOrbitLib.classifiers.question import Question
        from NeuroOrbitLib.classifiers.typed_values import values_of_words

        require_files(arguments.scan, arguments.labels)
        classifier = self.classifier()
        package, _device = classifier.kind.tools(arguments.model, (), arguments.device)
        with self.columns.of(columns_kept(package)):
            clinical = values_of_words(arguments.clinical, self.columns.columns())
        question = Question(clinical, engine=arguments.engine, **gate_of(arguments, self.gate))
        return classifier.classify_file(
            arguments.scan, arguments.model, arguments.labels, question, arguments.device, progress=progress,
            recalibration=arguments.recalibration, report=None if reasons else arguments.report, reasons=reasons)

    def _explained(self, arguments: argparse.Namespace, progress: TerminalProgress) -> dict[str, Any]:
        from NeuroOrbitLib.files.safe import write_rows
        from NeuroOrbitLib.imaging.files import save_image

        found, (answer, why) = self._answer(arguments, progress, reasons=True)
        folder, noun = arguments.output, self.words.noun
        folder.mkdir(parents=True, exist_ok=True)
        if why.heat is not None:
            save_image(why.heat, folder / "heat.nii.gz")
        else:  # a heat map of an earlier run would be misleading
            (folder / "heat.nii.gz").unlink(missing_ok=True)
        save_image(answer.prepared.image, folder / "volume.nii.gz")
        write_rows(folder / f"{noun}s.csv", [noun, "fall_of_probability"],
                   [[key, fixed(fall, 6)] for key, fall in why.falls.items()])
        return found

    def _text(self, found: dict[str, Any]) -> str:
        lines = [estimate_text(found, found[self.classifier().probability], self.words.of), ""]
        lines += [f"{name:16} {value:.2f}" for name, value in found["ratios"].items() if value is not None]
        spans = sorted(found["possible"].items(), key=lambda item: item[1][0] - item[1][1])
        lines += [f"If {name.replace('_', ' ')} were known: {low:.2f} to {high:.2f}" for name, (low, high) in spans[:3]]
        return "\n".join([*lines, "", found["research_use"]])

"""``batch``: answer about the patients of a table or of a folder."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.classifiers.commands.answering import add_device_and_json, add_engine, add_recalibration
from NeuroOrbitLib.classifiers.commands.cohort import add_scheduler
from NeuroOrbitLib.command_line import FAILURE, SUCCESS, TerminalProgress, print_json, writes

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.commands.patient import PatientCommands
    from NeuroOrbitLib.classifiers.listed_patients import Patient


@dataclass(frozen=True)
class BatchCommand:
    """The command ``batch`` of a module that answers about one patient.

    :param patient: the module's commands about one patient.
    """

    patient: PatientCommands

    def add_parser(self, subparsers: Any) -> None:
        """Add the command and its arguments to the command line."""
        words = self.patient.words
        parser = subparsers.add_parser(
            "batch", help="answer about the patients of a table or of a folder",
            description="Answer about every patient and write one table (answers.csv) and CASE.json each, which "
            "recalibrate reads. What was stopped goes on where it was; a patient who could not be answered has the "
            "reason in the table and is asked about again the next time.")
        parser.add_argument("patients", type=Path, metavar="CSV|FOLDER", help="table with the column image and, if "
                            f"wanted, case, labels (a segmentation of {words.segmentation}), the {words.numbers} and "
                            "the options of classify that close the gate (yes or no); "
                            "or a folder of scans and of DICOM series")
        parser.add_argument("--labels", type=Path, metavar="DIR", help="with a folder: folder of "
                            "segmentations, named like the scans (P01.nii.gz or P01_labels.nii.gz)")
        parser.add_argument("--model", required=True, help="name or folder of a model package")
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the answers")
        parser.add_argument("--anyway", action="store_true", help="answer also about a patient that the models were "
                            f"not made for: {words.closed}")
        add_engine(parser)
        add_recalibration(parser)
        add_scheduler(parser)
        add_device_and_json(parser)
        writes(parser, "output/answers.csv")

    def run(self, arguments: argparse.Namespace) -> int:
        """Answer about all patients and return the exit status: 1 if a patient could not be answered."""
        from NeuroOrbitLib.classifiers.many_patients import TABLE_NAME, Wish, answers
        from NeuroOrbitLib.jobs.tasks import PROBLEM

        package, _device = self.patient.classifier().kind.tools(arguments.model, (), arguments.device)
        patients = self._patients(arguments, package)
        wish = Wish(arguments.model, package.sha256, arguments.anyway, arguments.engine, arguments.device,
                    arguments.recalibration)
        with TerminalProgress() as progress:
            found = answers(patients, wish, self.patient.classifier, arguments.output, arguments.scheduler, progress)
        answers = dict(zip((patient.case for patient in patients), found, strict=True))
        problems = {case: answer[PROBLEM] for case, answer in answers.items() if PROBLEM in answer}
        if arguments.json:
            print_json(answers)
        else:
            answered = len(answers) - len(problems)
            print(f"{answered} of {len(answers)} patients answered: {arguments.output / TABLE_NAME}")
        for case, problem in problems.items():
            print(f"Error: {case}: {problem}", file=sys.stderr)
        return FAILURE if problems else SUCCESS

    def _patients(self, arguments: argparse.Namespace, package: Any) -> list[Patient]:
        from NeuroOrbitLib.classifiers.column_file import columns_kept
        from NeuroOrbitLib.classifiers.listed_patients import patients_of_folder, patients_of_table, unused_columns
        from NeuroOrbitLib.problem import Problem

        source, labels = arguments.patients, arguments.labels
        if not source.exists() or (labels is not None and not labels.is_dir()):
            raise Problem(f"There is no file or folder {labels if source.exists() else source}. Check its name.")
        if source.is_dir():
            if arguments.output.resolve() in (source.resolve(), labels and labels.resolve()):
                raise Problem(f"{arguments.output} holds the scans or their segmentations. Choose another folder for "
                              "the answers.")
            return _noting_unsegmented(patients_of_folder(source, labels), labels)
        if labels is not None:
            raise Problem("A table names the segmentations itself, in a column labels. Leave --labels out.")
        with self.patient.columns.of(columns_kept(package)):
            columns = self.patient.columns.columns()
            found = patients_of_table(source, columns)
            for line in unused_columns(source, [*columns, *self.patient.gate.columns()]):
                print(f"Note: {line}", file=sys.stderr)
            return found


def _noting_unsegmented(patients: list[Patient], labels: Path | None) -> list[Patient]:
    """Return patients after naming those without a segmentation in the folder that was given for them."""
    without = [patient.case for patient in patients if patient.labels is None]
    if labels is not None and without:
        print(f"Note: no segmentation in {labels} has the name of {', '.join(without)}; the default model segments.",
              file=sys.stderr)
    return patients

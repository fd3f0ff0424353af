"""``recalibrate``: fit a model's probabilities to one's own patients."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.classifiers.task_module import ModuleWords
from NeuroOrbitLib.command_line import SUCCESS, print_json, writes
from NeuroOrbitLib.number_text import fixed, signed

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.task import Task
    from NeuroOrbitLib.evaluation.classification.predictions import Predictions
    from NeuroOrbitLib.models import ModelPackage


@dataclass(frozen=True)
class RecalibrateCommand:
    """The command ``recalibrate`` of one module."""

    module: ModuleWords

    def add_parser(self, subparsers: Any) -> None:
        """Add the command and its arguments to the command line."""
        parser = subparsers.add_parser(
            "recalibrate",
            help="fit a model's probabilities to your own patients",
            description="From answers of a model and the outcomes of the same patients: slope and intercept of the log "
            "odds, judged by cross-validation. The model itself stays as it is; give the file to classify "
            "(--recalibration). Ten patients of each class at least.",
        )
        parser.add_argument("answers", type=Path, metavar="CSV|FOLDER", help="table with the columns case, label (0 or "
                            "1) and probability, or a folder with the answers of classify --json, CASE.json each")
        parser.add_argument("--model", required=True, help="name or folder of the model package that answered")
        parser.add_argument("--outcomes", type=Path, metavar="CSV", help="with a folder: table with the columns case "
                            "and outcome, and patient where a patient has several cases")
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="JSON", help="file of the "
                            "recalibration")
        parser.add_argument("--json", action="store_true", help="print JSON for machines")
        writes(parser, "output")

    def run(self, arguments: argparse.Namespace) -> int:
        """Fit the recalibration, write it and print it."""
        from dataclasses import asdict

        from NeuroOrbitLib.classifiers.recalibration import recalibrated, temperature_of
        from NeuroOrbitLib.models import find_package
        from NeuroOrbitLib.problem import Problem

        package = find_package(arguments.model, accepts=self.module.is_ours)
        if not self.module.is_ours(package):
            raise Problem(f"The model {package.name} is not one of {self.module.library}, so it gave none of these "
                          "answers. Name the model that gave them.")
        found = recalibrated(self._answers(arguments, package), package.name, package.sha256,
                             temperature=temperature_of(package))
        found.write(arguments.output)
        if arguments.json:
            print_json({**asdict(found), "helps": found.helps})
            return SUCCESS
        print(f"{found.patients} patients, {found.positives} positive: slope {fixed(found.slope, 2)}, intercept "
              f"{signed(found.intercept, 2)}; Brier score of patients that were not fitted "
              f"{found.brier_before:.3f} before, {found.brier_after:.3f} after.")
        if not found.helps:
            print("The recalibration does not help: keep the model's own probabilities.")
        print(f"Recalibration: {arguments.output}")
        return SUCCESS

    def _answers(self, arguments: argparse.Namespace, package: ModelPackage) -> Predictions:
        from NeuroOrbitLib.evaluation.classification.predictions import read_predictions
        from NeuroOrbitLib.problem import Problem

        if arguments.answers.is_dir() != (arguments.outcomes is not None):
            raise Problem("Give either one table with the columns case, label and probability, or a folder of answers "
                          "together with --outcomes.")
        if arguments.outcomes is None:
            repeats = read_predictions(arguments.answers)
            if len(repeats) > 1:
                raise Problem(f"{arguments.answers} has several answers for a case. Keep one of each.")
            return repeats[0]
        return answers_of_folder(arguments.answers, arguments.outcomes, self.module.task_module().TASK, package)


def answers_of_folder(folder: Path, outcomes: Path, task: Task, package: ModelPackage) -> Predictions:
    """Return the answers of a folder, joined with the outcomes of a table.

    If the table has no column ``patient``, each case counts as a separate patient.

    :param folder: folder of answers, ``CASE.json`` each.
    :param outcomes: CSV file with the columns ``case`` and ``outcome``.
    :param task: task whose classes the outcomes are.
    :param package: package whose model gave the answers.
    :raises Problem: when an answer is missing, unreadable or of another model, a case is listed twice, or an outcome
        is no class.
    """
    from NeuroOrbitLib.evaluation.classification.predictions import Predictions
    from NeuroOrbitLib.files.tables import read_table_file, require_columns
    from NeuroOrbitLib.problem import Problem
    from NeuroOrbitLib.training.patients import one_spelling_each

    table = read_table_file(outcomes)
    require_columns(outcomes, table, ("case", "outcome"))
    cases, patients, labels, probabilities, read = [], [], [], [], set()
    for row in table.rows:
        label, answer = task.label_of(row.cells["outcome"]), _answer_of(row.cells["case"], folder)
        if label is None or answer in read:
            reason = "is twice in the table" if label is not None else f"has the outcome {row.cells['outcome']!r}"
            raise Problem(f"{outcomes}, line {row.line}: the case {row.cells['case']} {reason}. Write each case once, "
                          f"with {' or '.join(words.key for words in task.classes)}.")
        cases.append(row.cells["case"])
        patients.append(row.cells.get("patient") or row.cells["case"])
        labels.append(int(label == task.positive))
        probabilities.append(_probability(answer, package))
        read.add(answer)
    return Predictions.of(cases, one_spelling_each(patients), labels, probabilities)


def _answer_of(case: str, folder: Path) -> Path:
    """Return the file of the answer about a case, which ``batch`` names without spaces and the like (``P-01.json``)."""
    from NeuroOrbitLib.imaging.file_names import safe_file_name

    named = folder / f"{case}.json"
    return named if named.is_file() else folder / f"{safe_file_name(case)}.json"


def _probability(path: Path, package: ModelPackage) -> float:
    from NeuroOrbitLib.problem import Problem

    try:
        answer = json.loads(path.read_text(encoding="utf-8"))
        if answer["model"]["sha256"] != package.sha256:
            raise ValueError("it is the answer of another model")
        if answer.get("recalibrated"):
            raise ValueError("it is recalibrated already")
        return float(next(value for name, value in answer.items() if name.startswith("probability")))
    except (OSError, KeyError, TypeError, ValueError, StopIteration) as error:
        raise Problem(f"The answer {path} cannot be used ({error}). Write it with classify --json.") from error

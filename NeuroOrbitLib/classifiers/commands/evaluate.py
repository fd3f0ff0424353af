"""``evaluate``: judge a model on a cohort, or a table of probabilities from any classifier."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from NeuroOrbitLib.classifiers.task_module import ModuleWords
from NeuroOrbitLib.command_line import SUCCESS, print_json, writes


@dataclass(frozen=True)
class EvaluateCommand:
    """The command ``evaluate`` of one module."""

    module: ModuleWords

    def add_parser(self, subparsers: Any) -> None:
        """Add the command and its arguments to the command line."""
        parser = subparsers.add_parser(
            "evaluate",
            help="judge a model on a cohort, or a table of probabilities",
            description="Measures, intervals, ROC, calibration and decision curve: of a model package on a cohort that "
            "it has not seen (--model and --cohort), or of a table with the columns case, patient, label (0 or 1), "
            "probability and, if wanted, repeat and fold.",
        )
        parser.add_argument("predictions", nargs="?", type=Path, metavar="CSV", help="table of predictions")
        parser.add_argument("--model", help="name or folder of a model package")
        parser.add_argument("--cohort", type=Path, metavar="DIR", help="folder made by the command cohort")
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the report")
        parser.add_argument("--threshold", type=float, default=0.5, help="probability from which on a case of a table "
                            f"is called {self.module.positive} (default 0.5)")
        parser.add_argument("--title", default=self.module.report_title, help="of the report on a table")
        parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")
        parser.add_argument("--json", action="store_true", help="print JSON for machines")
        writes(parser, "output/evaluation.json", "output/predictions.csv")

    def run(self, arguments: argparse.Namespace) -> int:
        """Evaluate, write the report and print the measures."""
        from NeuroOrbitLib.evaluation.classification.evaluation import measures_table
        from NeuroOrbitLib.problem import Problem

        given = (arguments.predictions is not None, arguments.model is not None, arguments.cohort is not None)
        if given not in ((True, False, False), (False, True, True)):
            raise Problem("Give either a table of predictions, or both --model and --cohort.")
        results = _of_table(arguments) if arguments.predictions else self._of_model(arguments)
        if arguments.json:
            print_json(results)
            return SUCCESS
        print(measures_table(results, results["title"]))
        print(f"Report: {arguments.output / 'report.html'}")
        return SUCCESS

    def _of_model(self, arguments: argparse.Namespace) -> dict[str, Any]:
        from NeuroOrbitLib.classifiers.cohort import read_cohort
        from NeuroOrbitLib.classifiers.judging import judge_package
        from NeuroOrbitLib.models import choose_device, find_package

        package = find_package(arguments.model, accepts=self.module.is_ours)
        cohort = read_cohort(arguments.cohort, self.module.cohort_command)
        device = choose_device(arguments.device).device
        return judge_package(self.module.task_module(), package, cohort, arguments.output, device)


def _of_table(arguments: argparse.Namespace) -> dict[str, Any]:
    from NeuroOrbitLib.evaluation.classification.evaluation import EvaluationSettings
    from NeuroOrbitLib.evaluation.classification.predictions import read_predictions
    from NeuroOrbitLib.evaluation.classification.report import write_classifier_report
    from NeuroOrbitLib.problem import Problem

    if not 0 < arguments.threshold < 1:
        raise Problem(f"--threshold is a probability between 0 and 1, not {arguments.threshold}.")
    return write_classifier_report(arguments.output, arguments.title, read_predictions(arguments.predictions),
                                   EvaluationSettings(arguments.threshold))

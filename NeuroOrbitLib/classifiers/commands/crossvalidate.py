"""``crossvalidate``: train and judge a classifier in folds by patient, several times over."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from NeuroOrbitLib.classifiers.task_module import ModuleWords
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, at_least_one, print_json


@dataclass(frozen=True)
class CrossvalidateCommand:
    """The command ``crossvalidate`` of one module."""

    module: ModuleWords

    def add_parser(self, subparsers: Any) -> None:
        """Add the command and its arguments to the command line."""
        parser = subparsers.add_parser(
            "crossvalidate",
            help="judge a classifier by repeated cross-validation",
            description="Train on some patients, ask about the others, several times over. The same command goes on "
            "where it was stopped. Writes evaluation.json, predictions.csv, figures and report.html, which also says "
            "how stable the selection of features is over the trainings.",
        )
        parser.add_argument("--cohort", required=True, type=Path, help="folder made by the command cohort")
        parser.add_argument("--config", required=True, help="configuration file (JSON or YAML), or a shipped one: "
                            f"{self.module.configs}")
        parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change a setting of the "
                            "configuration, e.g. schedule.epochs=30 or network_options.iterations=2; may be repeated")
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the results")
        parser.add_argument("--repeats", type=at_least_one, help="instead of the configuration's")
        parser.add_argument("--scheduler", metavar="ADDRESS", help="local:N for N processes of this computer, or the "
                            "address of a Dask scheduler (tcp://...)")
        parser.add_argument("--permute-labels", type=int, metavar="SEED", help="train and judge on labels permuted "
                            "among patients, to see what chance alone reaches")
        parser.add_argument("--leak", action="store_true", help="split scans instead of patients, to see how much this "
                            "mistake inflates the measures; never report such numbers as performance")
        parser.add_argument("--split", action="store_true", help="instead of folds: learn from the cohort's training "
                            "part once and judge on its test part, as studies with one held-out set do")
        parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")
        parser.add_argument("--json", action="store_true", help="print JSON for machines")

    def run(self, arguments: argparse.Namespace) -> int:
        """Cross-validate, write the report and print the measures."""
        from NeuroOrbitLib.classifiers.cohort import read_cohort
        from NeuroOrbitLib.classifiers.crossvalidation import Plan
        from NeuroOrbitLib.classifiers.judging import judge_by_crossvalidation, judge_by_split
        from NeuroOrbitLib.classifiers.training_config import load_classifier_config
        from NeuroOrbitLib.evaluation.classification.evaluation import measures_table
        from NeuroOrbitLib.evaluation.classification.stability import stability_text
        from NeuroOrbitLib.models import choose_device

        task = self.module.task_module()
        cohort = read_cohort(arguments.cohort, self.module.cohort_command)
        config = load_classifier_config(arguments.config, task.CONFIGS, arguments.set)
        device = choose_device(arguments.device)
        plan = Plan(config.folds, arguments.repeats or config.repeats, config.seed, arguments.scheduler,
                    arguments.permute_labels, not arguments.leak)
        print(device.reason, file=sys.stderr)
        with TerminalProgress() as progress:
            judge = judge_by_split if arguments.split else judge_by_crossvalidation
            results = judge(task.TASK, cohort, task.estimator_of(config, device.device), arguments.output, plan,
                            config.title, config.threshold, task.baselines(cohort), progress)
        if arguments.json:
            print_json(results)
            return SUCCESS
        print(measures_table(results, config.title))
        if "ceiling_auc_of_this_cohort" in results:
            print(f"Ceiling of the AUC set by the noise of the labels: {results['ceiling_auc_of_this_cohort']:.3f}")
        if results.get("selection"):
            print(stability_text(results["selection"]))
        print(f"Report: {arguments.output / 'report.html'}")
        return SUCCESS

"""``train``: train a classifier on a whole cohort and write a model package."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from NeuroOrbitLib.classifiers.task_module import ModuleWords
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress


@dataclass(frozen=True)
class TrainCommand:
    """The command ``train`` of one module."""

    module: ModuleWords

    def add_parser(self, subparsers: Any) -> None:
        """Add the command and its arguments to the command line."""
        parser = subparsers.add_parser(
            "train",
            help="train a classifier and write a model package",
            description="Train on all cases of a cohort. Checkpoints and logs go to DIR.training; the same command "
            "goes on where it was stopped. The package is calibrated by the cross-validation of the same settings.",
        )
        parser.add_argument("--cohort", required=True, type=Path, help="folder made by the command cohort")
        parser.add_argument("--config", required=True, help="configuration file (JSON or YAML), or a shipped one: "
                            f"{self.module.configs}")
        parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change a setting of the "
                            "configuration, e.g. schedule.epochs=30; may be repeated")
        parser.add_argument("--crossvalidation", type=Path, metavar="DIR", help="results of crossvalidate with the "
                            "same cohort and configuration: calibration and measured performance come from there")
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the package")
        parser.add_argument("--half", action="store_true", help="store a network's weights in half precision")
        parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")

    def run(self, arguments: argparse.Namespace) -> int:
        """Train the classifier and write its package."""
        from NeuroOrbitLib.classifiers.cohort import read_cohort
        from NeuroOrbitLib.classifiers.packing import train_package
        from NeuroOrbitLib.classifiers.training_config import load_classifier_config
        from NeuroOrbitLib.models import choose_device, passed_over

        task = self.module.task_module()
        cohort = read_cohort(arguments.cohort, self.module.cohort_command)
        config = load_classifier_config(arguments.config, task.CONFIGS, arguments.set)
        device = choose_device(arguments.device)
        print(device.reason, file=sys.stderr)
        with TerminalProgress() as progress:
            package = train_package(task.TASK, cohort, task.estimator_of(config, device.device), config,
                                    task.package_words(config, cohort), arguments.output, arguments.crossvalidation,
                                    task.documents, progress, arguments.half)
        print(f"Model package: {package.folder}")
        for line in passed_over(package.name, [package.folder]):
            print(f"Note: {line} To name it, repeat the command with --set name=NAME; nothing is trained again.",
                  file=sys.stderr)
        return SUCCESS

"""``train``: train a classifier on a whole cohort and write a model package."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress
from TAOActivityLib.commands.crossvalidate import CONFIGS


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "train",
        help="train a classifier and write a model package",
        description="Train on all cases of a cohort. Checkpoints and logs go to OUTPUT.training; the same command goes "
        "on where it was stopped. The package is calibrated by the cross-validation of the same configuration.",
    )
    parser.add_argument("--cohort", required=True, type=Path, help="folder made by the command cohort")
    parser.add_argument("--config", required=True, help="configuration file, or a shipped one, e.g. network_b")
    parser.add_argument("--crossvalidation", type=Path, metavar="DIR", help="results of crossvalidate with the same "
                        "cohort and configuration: calibration and measured performance come from there")
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the model package")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")


def run(arguments: argparse.Namespace) -> int:
    """Train and pack."""
    from NeuroOrbitLib.classifiers.training_config import load_classifier_config
    from NeuroOrbitLib.models import choose_device
    from TAOActivityLib.model_package import train_package
    from TAOActivityLib.prepared_cohort import read_prepared

    cohort, config = read_prepared(arguments.cohort), load_classifier_config(arguments.config, CONFIGS)
    device = choose_device(arguments.device)
    print(device.reason, file=sys.stderr)
    with TerminalProgress() as progress:
        package = train_package(cohort, config, arguments.output, arguments.crossvalidation, device.device, progress)
    print(f"Model package: {package.folder}")
    return SUCCESS

"""``evaluate``: judge probabilities that were written down before, by any classifier."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from NeuroOrbitLib.command_line import SUCCESS, print_json


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "evaluate",
        help="judge a table of probabilities",
        description="Measures, intervals, ROC, calibration and decision curve of a table with the columns case, "
        "patient, label (0 or 1), probability and, if wanted, repeat and fold.",
    )
    parser.add_argument("predictions", type=Path, metavar="CSV", help="table of predictions")
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the report")
    parser.add_argument("--threshold", type=float, default=0.5, help="probability from which on a case is called "
                        "active (default 0.5)")
    parser.add_argument("--title", default="TAO activity", help="of the report")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def run(arguments: argparse.Namespace) -> int:
    """Evaluate and report."""
    from NeuroOrbitLib.evaluation.classification import EvaluationSettings, measures_table
    from NeuroOrbitLib.evaluation.classifier_report import write_classifier_report
    from NeuroOrbitLib.evaluation.predictions import read_predictions
    from NeuroOrbitLib.problem import Problem

    if not 0 < arguments.threshold < 1:
        raise Problem(f"--threshold is a probability between 0 and 1, not {arguments.threshold}.")
    results = write_classifier_report(arguments.output, arguments.title, read_predictions(arguments.predictions),
                                      EvaluationSettings(arguments.threshold))
    if arguments.json:
        print_json(results)
        return SUCCESS
    print(measures_table(results, arguments.title))
    print(f"Report: {arguments.output / 'report.html'}")
    return SUCCESS

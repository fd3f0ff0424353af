"""``crossvalidate``: train and judge a classifier in folds by patient, several times over."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, print_json

CONFIGS = Path(__file__).parents[1] / "configs"


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "crossvalidate",
        help="judge a classifier by repeated cross-validation",
        description="Train on some patients, ask about the others, several times over. The same command goes on where "
        "it was stopped. Writes evaluation.json, predictions.csv, figures and report.html.",
    )
    parser.add_argument("--cohort", required=True, type=Path, help="folder made by the command cohort")
    parser.add_argument("--config", required=True, help="configuration file (JSON or YAML), or a shipped one: "
                        "network_a, network_b (as published), network_a_compact, network_b_compact")
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the results")
    parser.add_argument("--repeats", type=int, help="instead of the configuration's")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="Dask scheduler (tcp://...) or local:N for N processes")
    parser.add_argument("--permute-labels", type=int, metavar="SEED", help="train and judge on labels permuted among "
                        "patients: what chance reaches")
    parser.add_argument("--leak", action="store_true", help="split scans instead of patients, to see what that "
                        "mistake pretends; never report such numbers as performance")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def run(arguments: argparse.Namespace) -> int:
    """Cross-validate and report."""
    from dataclasses import replace

    from NeuroOrbitLib.classifiers.training_config import load_classifier_config
    from NeuroOrbitLib.evaluation.classification.evaluation import measures_table
    from NeuroOrbitLib.models import choose_device
    from TAOActivityLib.judging import judge_by_crossvalidation
    from TAOActivityLib.prepared_cohort import read_prepared

    cohort, config = read_prepared(arguments.cohort), load_classifier_config(arguments.config, CONFIGS)
    config = replace(config, repeats=arguments.repeats or config.repeats)
    device = choose_device(arguments.device)
    print(device.reason, file=sys.stderr)
    with TerminalProgress() as progress:
        results = judge_by_crossvalidation(cohort, config, arguments.output, device.device, arguments.scheduler,
                                           arguments.permute_labels, arguments.leak, progress)
    if arguments.json:
        print_json(results)
        return SUCCESS
    print(measures_table(results, config.title))
    if "ceiling_auc_of_this_cohort" in results:
        print(f"Ceiling of the AUC set by the noise of the labels: {results['ceiling_auc_of_this_cohort']:.3f}")
    print(f"Report: {arguments.output / 'report.html'}")
    return SUCCESS


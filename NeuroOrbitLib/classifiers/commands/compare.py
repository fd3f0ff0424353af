"""``compare``: several models on the same cases, on one page."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.classifiers.task_module import ModuleWords
from NeuroOrbitLib.command_line import SUCCESS, print_json

if TYPE_CHECKING:
    from NeuroOrbitLib.evaluation.classification.predictions import Predictions


@dataclass(frozen=True)
class CompareCommand:
    """The command ``compare`` of one module."""

    module: ModuleWords

    def add_parser(self, subparsers: Any) -> None:
        """Add the command and its arguments to the command line."""
        parser = subparsers.add_parser(
            "compare",
            help="compare models that were judged on the same cases",
            description="Measures side by side, DeLong's test of every pair, ROC, decision and calibration curves and "
            "a radar chart, from the results of crossvalidate or evaluate. Writes comparison.html, comparison.json, "
            "tables (CSV) and figures (PNG, SVG).",
        )
        parser.add_argument("results", nargs="+", metavar="[NAME=]DIR", help="results of crossvalidate or evaluate, "
                            "with a name if wanted; the folder's name is taken otherwise")
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the comparison")
        parser.add_argument("--title", default=f"{self.module.report_title}: models compared", help="of the page")
        parser.add_argument("--json", action="store_true", help="print JSON for machines")

    def run(self, arguments: argparse.Namespace) -> int:
        """Compare the models, write the results and print their measures."""
        from NeuroOrbitLib.evaluation.classification.comparison import model_rows, table_header, write_comparison
        from NeuroOrbitLib.evaluation.classification.evaluation import (
            remark_on_learned_cases,
            remark_on_synthetic_cases,
        )
        from NeuroOrbitLib.evaluation.reports.text import aligned
        from NeuroOrbitLib.problem import Problem

        models, thresholds, synthetic, told = {}, {}, False, []
        for text in arguments.results:
            name, folder = named_folder(text)
            if name in models:
                raise Problem(f"Two results are called {name}. Give them names: NAME=FOLDER.")
            models[name], facts = judged_in(folder)
            thresholds[name], synthetic = float(facts["threshold"]), synthetic or bool(facts.get("synthetic"))
            told += [f"{name}: {text}" for text in (remark_on_synthetic_cases(facts), remark_on_learned_cases(facts))
                     if text]
        notice = ["All numbers on this page come from synthetic images."] if synthetic else []
        data = write_comparison(arguments.output, arguments.title, models, thresholds, " ".join([*notice, *told]))
        if arguments.json:
            print_json(data)
            return SUCCESS
        print(aligned([["Model", *table_header()], *model_rows(data)]))
        for text in told:
            print(text)
        print(f"Page: {arguments.output / 'comparison.html'}")
        return SUCCESS


def named_folder(text: str) -> tuple[str, Path]:
    """Return name and folder from ``NAME=FOLDER``, or from a folder alone, whose name is then taken."""
    name, sign, folder = text.partition("=")
    return (name, Path(folder)) if sign else (Path(text).name, Path(text))


def judged_in(folder: Path) -> tuple[Predictions, dict[str, Any]]:
    """Return the predictions of the model judged in a folder, averaged over repeats, and the facts of its evaluation.

    :raises Problem: when the folder holds no finished evaluation.
    """
    import numpy as np

    from NeuroOrbitLib.evaluation.classification.predictions import read_predictions
    from NeuroOrbitLib.problem import Problem

    table, facts = folder / "predictions.csv", folder / "evaluation.json"
    if not table.is_file() or not facts.is_file():
        raise Problem(f"{folder} holds no finished evaluation. Run crossvalidate or evaluate first.")
    repeats = read_predictions(table)
    average = repeats[0].with_probabilities(np.mean([repeat.probabilities for repeat in repeats], axis=0))
    return average, json.loads(facts.read_text(encoding="utf-8"))

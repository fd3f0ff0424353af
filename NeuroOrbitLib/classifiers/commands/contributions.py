"""``contributions``: what image, radiomics and clinical features contribute to a model."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from NeuroOrbitLib.classifiers.task_module import ModuleWords
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, print_json, writes
from NeuroOrbitLib.number_text import signed


@dataclass(frozen=True)
class ContributionsCommand:
    """The command ``contributions`` of one module."""

    module: ModuleWords

    def add_parser(self, subparsers: Any) -> None:
        """Add the command and its arguments to the command line."""
        parser = subparsers.add_parser(
            "contributions",
            help="say what a model's inputs contribute",
            description="On a cohort that the model has not learned from: exact Shapley values of image, radiomics "
            "and clinical features (in AUC; what is left out is permuted between patients), and the fall of the AUC "
            "when each clinical feature is permuted, with its spread. Writes tables (JSON, CSV) and figures (PNG, "
            "SVG).",
        )
        parser.add_argument("--model", required=True, help="name or folder of a model package")
        parser.add_argument("--cohort", required=True, type=Path, metavar="DIR",
                            help="folder made by the command cohort")
        parser.add_argument("--permutations", type=int, default=20, help="of every input (default 20)")
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the results")
        parser.add_argument("--json", action="store_true", help="print JSON for machines")
        writes(parser, "output/contributions.json")

    def run(self, arguments: argparse.Namespace) -> int:
        """Measure the contributions, write them and print them."""
        from NeuroOrbitLib.classifiers.cohort import read_cohort
        from NeuroOrbitLib.classifiers.model_contributions import contributions_of
        from NeuroOrbitLib.models import find_package
        from NeuroOrbitLib.problem import Problem

        if arguments.permutations < 2:
            raise Problem("The spread needs two permutations at least. Give --permutations 2 or more.")
        task = self.module.task_module()
        package = find_package(arguments.model, accepts=self.module.is_ours)
        cohort = read_cohort(arguments.cohort, self.module.cohort_command)
        titles = {column.name: column.title for column in task.TASK.columns}
        with TerminalProgress() as progress:
            found = contributions_of(task, package, cohort, arguments.permutations, progress=progress)
        found.write(arguments.output, titles)
        if arguments.json:
            print_json(found.as_data())
            return SUCCESS
        print(f"AUC {found.auc:.3f}")
        for name, value in found.groups.items():
            print(f"Shapley value of {name:10} {signed(value, 3)}")
        for each in found.numbers:
            print(f"{titles.get(each.name, each.name):40} {signed(each.mean, 3)} (SD {each.sd:.3f})")
        for text in found.remarks:
            print(text)
        return SUCCESS

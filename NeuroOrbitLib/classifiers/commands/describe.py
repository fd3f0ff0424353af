"""``describe``: Table 1 of a cohort."""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from NeuroOrbitLib.classifiers.task_module import ModuleWords
from NeuroOrbitLib.command_line import SUCCESS, print_json


@dataclass(frozen=True)
class DescribeCommand:
    """The command ``describe`` of one module."""

    module: ModuleWords

    def add_parser(self, subparsers: Any) -> None:
        """Add the command and its arguments to the command line."""
        parser = subparsers.add_parser(
            "describe",
            help="compare the classes of a cohort (Table 1)",
            description="Every known feature of a cohort, overall and by class: mean and SD, median and quartiles, or "
            "counts, with the test that suits the data. Writes table_one.csv and table_one.html.",
        )
        parser.add_argument("--cohort", required=True, type=Path, help="folder made by the command cohort")
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the table")
        parser.add_argument("--json", action="store_true", help="print JSON for machines")

    def run(self, arguments: argparse.Namespace) -> int:
        """Describe the cohort, write the table and print it."""
        from NeuroOrbitLib.classifiers.cohort import read_cohort
        from NeuroOrbitLib.classifiers.describe import (
            HTML_NAME,
            describe_cohort,
            table_cells,
            table_header,
            write_description,
        )

        task = self.module.task_module().TASK
        cohort = read_cohort(arguments.cohort, self.module.cohort_command)
        rows = describe_cohort(cohort, task.columns, task.classes)
        notice = "All patients of this table are synthetic." if cohort.is_synthetic else ""
        write_description(arguments.output, f"{task.title}: {cohort.folder.name}", rows, task.classes, notice)
        if arguments.json:
            print_json([{**asdict(row), "p": row.p if row.p == row.p else None} for row in rows])
            return SUCCESS
        _print([table_header(task.classes), *table_cells(rows)])
        print(f"Table: {arguments.output / HTML_NAME}")
        return SUCCESS


def _print(table: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())

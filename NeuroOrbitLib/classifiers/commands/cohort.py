"""``cohort``: make a synthetic cohort, or prepare one of the user's own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, print_json

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.cohort import Cohort
    from NeuroOrbitLib.jobs.progress import Progress


@dataclass(frozen=True)
class CohortCommand:
    """The command ``cohort`` of one module.

    :param description: description of the command in the help.
    :param table: description of the user's table in the help.
    :param patients: default number of patients of the synthetic cohort.
    :param add_options: adds the module's own arguments.
    :param synthetic: returns the synthetic cohort that the arguments describe.
    :param imported: prepares the scans of the user's table; returns the cohort, one line about each scan left out, and
        lines for the user to check.
    :param summary: returns lines that summarise a cohort.
    :param may_differ: names of text facts in which cohorts to join may differ.
    """

    description: str
    table: str
    patients: int
    add_options: Callable[[argparse.ArgumentParser], None]
    synthetic: Callable[[argparse.Namespace, Progress], Cohort]
    imported: Callable[[argparse.Namespace, Progress], tuple[Cohort, list[str], list[str]]]
    summary: Callable[[Cohort], Iterable[str]]
    may_differ: tuple[str, ...] = ()

    def add_parser(self, subparsers: Any) -> None:
        """Add the command and its arguments to the command line."""
        parser = subparsers.add_parser(
            "cohort", help="make a synthetic cohort, prepare your own, or join several",
            description=f"{self.description} A cohort that was interrupted is continued.")
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the cohort")
        source = parser.add_mutually_exclusive_group()
        source.add_argument("--table", type=Path, metavar="CSV", help=f"your cohort: {self.table}")
        source.add_argument("--join", type=Path, nargs="+", metavar="DIR", help="cohorts that were prepared before, "
                            "e.g. those of several hospitals: their cases become one cohort")
        parser.add_argument("--patients", type=int, default=self.patients, help="synthetic patients (default "
                            f"{self.patients})")
        parser.add_argument("--seed", type=int, default=0, help="of the synthetic cohort (default 0)")
        self.add_options(parser)
        parser.add_argument("--json", action="store_true", help="print JSON for machines")

    def run(self, arguments: argparse.Namespace) -> int:
        """Make, prepare or join the cohort and print its summary."""
        from NeuroOrbitLib.training.patients import possible_visits

        left_out, notices = [], []
        with TerminalProgress() as progress:
            if arguments.join:
                cohort = self._joined(arguments, progress)
            elif arguments.table:
                cohort, left_out, notices = self.imported(arguments, progress)
            else:
                cohort = self.synthetic(arguments, progress)
        for line in left_out:
            print(f"Left out: {line}", file=sys.stderr)
        for line in [*notices, *possible_visits(cohort.patients)] if arguments.table else []:
            print(f"Check: {line}", file=sys.stderr)
        if arguments.json:
            print_json({"folder": str(cohort.folder), "cases": len(cohort.cases), **cohort.facts})
            return SUCCESS
        for line in _joined_summary(cohort) if arguments.join else self.summary(cohort):
            print(line)
        return SUCCESS

    def _joined(self, arguments: argparse.Namespace, progress: Progress) -> Cohort:
        from NeuroOrbitLib.classifiers.joined_cohorts import join_cohorts

        return join_cohorts(arguments.join, arguments.output, self.may_differ, progress)


def _joined_summary(cohort: Cohort) -> Iterable[str]:
    yield (f"{len(cohort)} cases of {len(set(cohort.patients))} patients, {int(cohort.labels.sum())} of them positive, "
           f"in {cohort.folder}")


def add_scheduler(parser: argparse.ArgumentParser) -> None:
    """Add the argument ``--scheduler``, by which a command spreads its work over processes or a cluster."""
    parser.add_argument("--scheduler", metavar="ADDRESS", help="local:N for N processes of this computer, or the "
                        "address of a Dask scheduler (tcp://...)")

"""The option ``--schema`` of all commands of a module: the user's own columns in place of the shipped ones."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from NeuroOrbitLib.classifiers.column_file import ColumnFile
from NeuroOrbitLib.command_line import Command
from NeuroOrbitLib.problem import Problem


@dataclass(frozen=True)
class WithOwnColumns:
    """A command that can also read a task's columns from the user's own file.

    :param command: the command itself.
    :param file: the columns that come with the module.
    :param words: description of the user's file, for the help.
    """

    command: Command
    file: ColumnFile
    words: str

    def add_parser(self, subparsers: Any) -> None:
        """Add the command with its own arguments and ``--schema`` to the command line."""
        before = set(subparsers.choices)
        self.command.add_parser(subparsers)
        for name in set(subparsers.choices) - before:
            subparsers.choices[name].add_argument("--schema", type=Path, metavar="JSON", help=self.words)

    def run(self, arguments: argparse.Namespace) -> int:
        """Run the command with the chosen columns, or those of its cohort, and return its exit status.

        :raises Problem: when the cohort was prepared with columns of another meaning than the chosen ones.
        """
        cohort = getattr(arguments, "cohort", None)
        facts = _facts_of(cohort) if cohort is not None else {}
        with self.file.chosen(arguments.schema):
            names = self.file.differing(self.file.document(), facts) if arguments.schema else []
            if names:
                raise Problem(f"The cohort {cohort} was prepared with another list of features: {', '.join(names)} "
                              "have other units or words there. Leave --schema out, or prepare the cohort again.")
            with self.file.of(facts):
                return self.command.run(arguments)


def _facts_of(folder: Path) -> Mapping[str, Any]:
    """Return the facts of a prepared cohort; none if the folder holds no cohort, which the command will say."""
    from NeuroOrbitLib.classifiers.cohort import FACTS_NAME
    from NeuroOrbitLib.files.checked_json import read_checked_json

    path = folder / FACTS_NAME
    return read_checked_json(path, is_older=lambda _: True) if path.is_file() else {}

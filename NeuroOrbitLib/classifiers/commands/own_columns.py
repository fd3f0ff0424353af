"""The option ``--schema`` of all commands of a module: the user's own columns in place of the shipped ones."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from NeuroOrbitLib.classifiers.column_file import ColumnFile
from NeuroOrbitLib.command_line import Command


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
        """Run the command with the chosen columns and return its exit status."""
        with self.file.chosen(arguments.schema):
            return self.command.run(arguments)

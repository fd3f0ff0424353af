"""The option ``--schema`` of every command of a module: columns of the user's own in place of the shipped ones."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from NeuroOrbitLib.classifiers.column_file import ColumnFile
from NeuroOrbitLib.command_line import Command


@dataclass(frozen=True)
class WithOwnColumns:
    """A command that also takes a task's columns from a file of the user's.

    :param command: what it does.
    :param file: of the columns that come with the module.
    :param words: what the file says, for the help.
    """

    command: Command
    file: ColumnFile
    words: str

    def add_parser(self, subparsers: Any) -> None:
        """Describe the command's own arguments and ``--schema``."""
        before = set(subparsers.choices)
        self.command.add_parser(subparsers)
        for name in set(subparsers.choices) - before:
            subparsers.choices[name].add_argument("--schema", type=Path, metavar="JSON", help=self.words)

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it with the chosen columns."""
        with self.file.chosen(arguments.schema):
            return self.command.run(arguments)

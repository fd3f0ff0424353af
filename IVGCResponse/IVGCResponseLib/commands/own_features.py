"""The option ``--schema`` of every command: clinical features of one's own in place of the shipped ones."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from NeuroOrbitLib.command_line import Command


class WithOwnFeatures:
    """A command that also takes clinical features from a file of the user's.

    :param command: what it does.
    """

    def __init__(self, command: Command) -> None:
        self._command = command

    def add_parser(self, subparsers: Any) -> None:
        """Describe the command's own arguments and ``--schema``."""
        before = set(subparsers.choices)
        self._command.add_parser(subparsers)
        for name in set(subparsers.choices) - before:
            subparsers.choices[name].add_argument(
                "--schema", type=Path, metavar="JSON", help="clinical features of your own (names, kinds, units, "
                "ranges, words) in place of the sixteen shipped ones; begin with a copy of "
                "IVGCResponseLib/clinical_features.json, and give the file to every command on the cohort and its "
                "models")

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it with the chosen features."""
        from IVGCResponseLib.clinical import chosen_features

        with chosen_features(arguments.schema):
            return self._command.run(arguments)

"""``train-anatomy``: train the network of the brain's parts on simulated scans, which are drawn once."""

from __future__ import annotations

import argparse
from typing import Any

from NeuroDifferentialLib.commands.from_label_maps import add_arguments, train_as_asked
from NeuroOrbitLib.command_line import SUCCESS


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments to the command line."""
    parser = subparsers.add_parser(
        "train-anatomy", help="train the network of the brain's parts on head label maps, without any patient's image")
    add_arguments(parser, "runs/anatomy")


def run(arguments: argparse.Namespace) -> int:
    """Train the network and print where its package is."""
    from NeuroDifferentialLib.anatomy.training.config import PartsTraining
    from NeuroDifferentialLib.anatomy.training.export import export
    from NeuroDifferentialLib.anatomy.training.train import train

    trained, package = train_as_asked(arguments, PartsTraining, train, export)
    print(f"Learned from {trained.patients} simulated scans. The model is in {package.folder}: copy it to "
          f"Resources/Models/{package.name} to use it.")
    return SUCCESS

"""``train-lesions``: train the lesion network on drawn lesions; patients already drawn are used again."""

from __future__ import annotations

import argparse
from typing import Any

from NeuroDifferentialLib.commands.from_label_maps import add_arguments, train_as_asked
from NeuroOrbitLib.command_line import SUCCESS


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments to the command line."""
    parser = subparsers.add_parser(
        "train-lesions", help="train the lesion network on head label maps, without any patient's image")
    add_arguments(parser, "runs/lesions")


def run(arguments: argparse.Namespace) -> int:
    """Train the network and print where its package is."""
    from NeuroDifferentialLib.lesions.training.config import LesionTraining
    from NeuroDifferentialLib.lesions.training.export import export
    from NeuroDifferentialLib.lesions.training.train import train

    trained, package = train_as_asked(arguments, LesionTraining, train, export)
    print(f"Learned from {trained.patients} drawn patients. The model is in {package.folder}: use it with "
          f"'segment --model {package.folder}'.")
    return SUCCESS

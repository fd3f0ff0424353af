"""``train-lesions``: train the lesion network on drawn lesions; patients that were drawn are used again."""

from __future__ import annotations

import argparse
from typing import Any

from NeuroDifferentialLib.commands.from_label_maps import add_arguments, chosen_maps
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "train-lesions", help="train the lesion network on head label maps, without any patient's image")
    add_arguments(parser, "runs/lesions")


def run(arguments: argparse.Namespace) -> int:
    """Train and say where the package is."""
    from dataclasses import replace

    from NeuroDifferentialLib.lesions.training.config import read_config

    paths, config = chosen_maps(arguments), read_config(arguments.config)
    if arguments.steps is not None:
        config = replace(config, steps=arguments.steps)
        config.check()
    from NeuroDifferentialLib.lesions.training.export import export
    from NeuroDifferentialLib.lesions.training.train import train

    with TerminalProgress() as progress:
        trained = train(paths, config, arguments.output, arguments.scheduler, progress)
    package = export(trained, config, arguments.output / "package")
    print(f"Learned from {trained.patients} drawn patients. The model is in {package.folder}: use it with "
          f"'segment --model {package.folder}'.")
    return SUCCESS

"""``train-anatomy``: train the network of the brain's parts on simulated scans, which are drawn once."""

from __future__ import annotations

import argparse
from typing import Any

from NeuroDifferentialLib.commands.from_label_maps import add_arguments, chosen_maps
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "train-anatomy", help="train the network of the brain's parts on head label maps, without any patient's image")
    add_arguments(parser, "runs/anatomy")


def run(arguments: argparse.Namespace) -> int:
    """Train and say where the package is."""
    from dataclasses import replace

    from NeuroDifferentialLib.anatomy.training.config import read_config

    paths, config = chosen_maps(arguments), read_config(arguments.config)
    if arguments.steps is not None:
        config = replace(config, steps=arguments.steps)
        config.check()
    from NeuroDifferentialLib.anatomy.training.export import export
    from NeuroDifferentialLib.anatomy.training.train import train

    with TerminalProgress() as progress:
        trained = train(paths, config, arguments.output, arguments.scheduler, progress)
    package = export(trained, config, arguments.output / "package")
    print(f"Learned from {trained.patients} simulated scans. The model is in {package.folder}: copy it to "
          f"Resources/Models/{package.name} to use it.")
    return SUCCESS

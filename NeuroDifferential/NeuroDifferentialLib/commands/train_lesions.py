"""``train-lesions``: train the lesion network on drawn lesions; patients that were drawn are used again."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from NeuroOrbitLib.classifiers.commands.cohort import add_scheduler
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser("train_lesions", aliases=["train-lesions"],
                                   help="train the lesion network on head label maps, without any patient's image")
    parser.add_argument("label_maps", type=Path, help="folder of head label maps (*.nii.gz, FreeSurfer values)")
    parser.add_argument("-o", "--output", type=Path, default=Path("runs/lesions"),
                        help="folder of the run; a run that was stopped goes on")
    parser.add_argument("--config", type=Path, help="JSON or YAML file with settings")
    parser.add_argument("--steps", type=int, help="optimiser steps in all (default: that of the settings)")
    parser.add_argument("--heads", type=int, default=12, help="so many of the label maps, by name; the others are "
                                                              "kept out (default: 12)")
    add_scheduler(parser)


def run(arguments: argparse.Namespace) -> int:
    """Train and say where the package is."""
    from dataclasses import replace

    from NeuroDifferentialLib.lesions.training.config import checked, read_config
    from NeuroOrbitLib.phantom.head.labelmaps import label_maps_in

    paths = label_maps_in(arguments.label_maps)[: arguments.heads]
    config = read_config(arguments.config)
    if arguments.steps is not None:
        config = checked(replace(config, steps=arguments.steps))
    from NeuroDifferentialLib.lesions.training.export import export
    from NeuroDifferentialLib.lesions.training.train import train

    with TerminalProgress() as progress:
        trained = train(paths, config, arguments.output, arguments.scheduler, progress)
    package = export(trained, config, arguments.output / "package")
    print(f"Learned from {trained.patients} drawn patients. The model is in {package.folder}: use it with "
          f"'segment --model {package.folder}'.")
    return SUCCESS

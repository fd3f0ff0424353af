"""What the trainings on head label maps ask for."""

from __future__ import annotations

import argparse
from pathlib import Path

from NeuroOrbitLib.classifiers.commands.cohort import add_scheduler


def add_arguments(parser: argparse.ArgumentParser, run: str) -> None:
    """Describe the arguments. :param run: usual folder of the run."""
    parser.add_argument("label_maps", type=Path, help="folder of head label maps (*.nii.gz, FreeSurfer values)")
    parser.add_argument("-o", "--output", type=Path, default=Path(run),
                        help="folder of the run; a run that was stopped goes on")
    parser.add_argument("--config", type=Path, help="JSON or YAML file with settings")
    parser.add_argument("--steps", type=int, help="optimiser steps in all (default: that of the settings)")
    parser.add_argument("--heads", type=int, default=12, help="so many of the label maps, by name; the others are "
                                                              "kept out (default: 12)")
    add_scheduler(parser)


def chosen_maps(arguments: argparse.Namespace) -> list[Path]:
    """Return the label maps to learn from.

    :raises Problem: if the folder has none.
    """
    from NeuroOrbitLib.phantom.head.labelmaps import label_maps_in

    return label_maps_in(arguments.label_maps)[: arguments.heads]

"""What the trainings on head label maps ask for."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from NeuroOrbitLib.classifiers.commands.cohort import add_scheduler
from NeuroOrbitLib.command_line import TerminalProgress

if TYPE_CHECKING:
    from NeuroDifferentialLib.slices.training import SliceTraining
    from NeuroOrbitLib.models.package import ModelPackage

Trained = TypeVar("Trained")
Config = TypeVar("Config", bound="SliceTraining")


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


def train_as_asked(arguments: argparse.Namespace, settings: type[Config], train: Callable[..., Trained],
                   export: Callable[[Trained, Config, Path], ModelPackage]) -> tuple[Trained, ModelPackage]:
    """Train, write the package into the folder of the run, and return what was trained and the package.

    :param settings: of the training. :param train: takes label maps, settings, folder, scheduler and progress.
    :param export: writes the package of what was trained.
    :raises Problem: if there are no label maps, or the settings make no sense.
    """
    from NeuroOrbitLib.phantom.head.labelmaps import label_maps_in

    paths, config = label_maps_in(arguments.label_maps)[: arguments.heads], settings.read(arguments.config)
    if arguments.steps is not None:
        config = replace(config, steps=arguments.steps)
        config.check()
    with TerminalProgress() as progress:
        trained = train(paths, config, arguments.output, arguments.scheduler, progress)
    return trained, export(trained, config, arguments.output / "package")

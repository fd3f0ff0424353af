"""What the trainings on head label maps ask for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from NeuroOrbitLib.classifiers.commands.cohort import add_scheduler
from NeuroOrbitLib.command_line import TerminalProgress
from NeuroOrbitLib.problem import Problem

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
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto",
                        help="where the network is trained (default: auto)")
    parser.add_argument("--workers", type=int, default=0, metavar="N", help="processes that cut slices ahead of the "
                        "network; a graphics card waits for slices without a few of them (default: 0)")


def train_as_asked(arguments: argparse.Namespace, settings: type[Config], train: Callable[..., Trained],
                   export: Callable[[Trained, Config, Path], ModelPackage]) -> tuple[Trained, ModelPackage]:
    """Train, write the package into the folder of the run, and return what was trained and the package.

    :param settings: of the training. :param train: takes label maps, settings, folder, means and progress.
    :param export: writes the package of what was trained.
    :raises Problem: if there are no label maps, the settings make no sense, or there is no such device.
    """
    from NeuroDifferentialLib.slices.training import Means
    from NeuroOrbitLib.models import choose_device
    from NeuroOrbitLib.phantom.head.labelmaps import label_maps_in

    paths, config = label_maps_in(arguments.label_maps)[: arguments.heads], settings.read(arguments.config)
    if arguments.steps is not None:
        config = replace(config, steps=arguments.steps)
        config.check()
    if arguments.workers < 0:
        raise Problem("--workers is a number of processes: choose 0 or more.")
    device = choose_device(arguments.device)
    print(device.reason, file=sys.stderr)
    means = Means(arguments.scheduler, device.device, arguments.workers)
    with TerminalProgress() as progress:
        trained = train(paths, config, arguments.output, means, progress)
    return trained, export(trained, config, arguments.output / "package")

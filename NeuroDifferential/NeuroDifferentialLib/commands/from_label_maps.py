"""Shared parts of the commands that train on head label maps."""

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
    """Add the arguments of a training.

    :param parser: parser of the command.
    :param run: default folder of the run.
    """
    parser.add_argument("label_maps", type=Path, help="folder of head label maps (*.nii.gz, FreeSurfer values)")
    parser.add_argument("-o", "--output", type=Path, default=Path(run),
                        help="folder of the run; a run that was stopped goes on")
    parser.add_argument("--config", type=Path, help="JSON or YAML file with settings")
    parser.add_argument("--steps", type=int, help="optimiser steps in all (default: that of the settings)")
    parser.add_argument("--start-from", type=Path, metavar="PACKAGE",
                        help="folder of a model package from whose weights a new training starts (default: random)")
    parser.add_argument("--heads", type=int, default=12, help="number of label maps to learn from, in the order of "
                                                              "their names; the others are kept out (default: 12)")
    add_scheduler(parser)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto",
                        help="where the network is trained (default: auto)")
    parser.add_argument("--workers", type=int, default=0, metavar="N", help="processes that cut slices ahead of the "
                        "network; a graphics card waits for slices without a few of them (default: 0)")


def train_as_asked(arguments: argparse.Namespace, settings: type[Config], train: Callable[..., Trained],
                   export: Callable[[Trained, Config, Path], ModelPackage]) -> tuple[Trained, ModelPackage]:
    """Train, write the package into the folder of the run, and return the training's result and the package.

    :param arguments: arguments of the command line.
    :param settings: class of the training's settings.
    :param train: called with label maps, settings, folder, means, progress and the package that it starts from;
        returns the training's result.
    :param export: called with this result, the settings and a folder; writes and returns the package.
    :raises Problem: if there are no label maps, the settings make no sense, there is no such device, or the package
        to start from is none or of another network.
    """
    from NeuroDifferentialLib.slices.training import Means
    from NeuroOrbitLib.models import ModelPackage, choose_device
    from NeuroOrbitLib.phantom.head.labelmaps import label_maps_in

    paths, config = label_maps_in(arguments.label_maps)[: arguments.heads], settings.read(arguments.config)
    if arguments.steps is not None:
        config = replace(config, steps=arguments.steps)
        config.check()
    if arguments.workers < 0:
        raise Problem("--workers is a number of processes: choose 0 or more.")
    start = ModelPackage.open(arguments.start_from) if arguments.start_from else None
    device = choose_device(arguments.device)
    print(device.reason, file=sys.stderr)
    means = Means(arguments.scheduler, device.device, arguments.workers)
    with TerminalProgress() as progress:
        trained = train(paths, config, arguments.output, means, progress, start)
    return trained, export(trained, config, arguments.output / "package")

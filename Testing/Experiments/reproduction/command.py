"""Common parts of the commands that reproduce a paper: scale, device, time limit, folder and document."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

from NeuroOrbitLib.command_line import TerminalProgress
from NeuroOrbitLib.jobs.progress import Cancelled, Progress
from NeuroOrbitLib.models import choose_device
from NeuroOrbitLib.problem import Problem
from Testing.Experiments.reproduction.time_limit import until


class Named(Protocol):
    """A size of a reproduction."""

    @property
    def name(self) -> str:
        """Name on the command line and of the folder."""


Scale = TypeVar("Scale", bound=Named)


def reproduce(description: str | None, output: Path, choose_scale: Callable[[str, str], Scale],
              run: Callable[[Scale, Path, str, Progress], None], report: Callable[[Scale, Path, Path | None], None],
              arguments: Sequence[str] | None = None, parts: Sequence[str] = ()) -> int:
    """Run what the command line asks for, and report the available results.

    :param description: help text of the command.
    :param output: default folder of the results.
    :param choose_scale: function that returns the scale for a name and a device.
    :param run: function that runs every step (scale, folder, device, progress), continuing from existing results.
    :param report: function that prints and writes the results (scale, folder, document or ``None``).
    :param parts: names of parts that can be run alone; the scale is then a dataclass whose ``parts`` are the chosen
        ones.
    :return: 0 when everything is done, 1 when the time was up, 2 for invalid arguments.
    """
    options = _parser(description, output, parts).parse_args(arguments)
    try:
        device = choose_device(options.device).device
        scale = choose_scale(options.scale, device)
        if parts and options.parts:
            scale = replace(scale, parts=tuple(name for name in parts if name in options.parts))
        folder = options.output / scale.name
        done = _in_time(run, scale, folder, device, options.minutes)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2
    report(scale, folder, options.document)
    return int(not done)


def _parser(description: str | None, output: Path, parts: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", default="auto", help="full on a GPU, small on a processor, unless said otherwise")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--minutes", type=float, help="stop after this time; the next run goes on from there")
    if parts:
        parser.add_argument("--parts", nargs="+", choices=parts,
                            help="run these alone; their sections then replace those of the document")
    parser.add_argument("--output", type=Path, default=output)
    parser.add_argument("--document", type=Path, help="document that is written anew, or whose section is")
    return parser


def _in_time(run: Callable[[Scale, Path, str, Progress], None], scale: Scale, folder: Path, device: str,
             minutes: float | None) -> bool:
    """Run every step; return false if the time was up before."""
    try:
        with TerminalProgress() as progress:
            run(scale, folder, device, until(minutes, progress))
    except Cancelled:
        print("The time is up. The next run goes on from here.", file=sys.stderr)
        return False
    return True

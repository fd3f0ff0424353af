"""``train --start MODEL``: fine-tune the default model on a cohort, judge it before and after, write the package."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from NeuroOrbitLib.command_line import TerminalProgress, print_json
from NeuroOrbitLib.evaluation.segmentation.tables import as_data, metrics_table
from NeuroOrbitLib.files.safe import write_json
from NeuroOrbitLib.models import ModelPackage, check_name, find_package
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.cohorts import Case, check_labels, read_cohort
from NeuroOrbitLib.training.folds import patient_folds
from NeuroOrbitLib.training.team import current_team
from NeuroOrbitLib.training.trainer import require_checkpoint
from OrbitSegmentationLib.any_contrast.fine_tuning.run import (
    FineTuning,
    FineTuningPlan,
    fine_tune,
    mean_dice,
    measure,
    pack_fine_tuned,
)
from OrbitSegmentationLib.commands.evaluate import name_of
from OrbitSegmentationLib.model_kinds import can_learn_on

_FOLDS = 5


def run_fine_tuning(arguments: argparse.Namespace, folder: Path, device: str) -> None:
    """Do what ``train --start`` asks for.

    :param folder: working folder.
    :raises Problem: when model, cohort or output cannot be used.
    """
    start, name = _start(arguments.start), _name(arguments.output)
    cases = _cases(arguments)
    train, held_out = _split(cases, arguments.fold)
    plan = FineTuningPlan() if arguments.steps is None else replace(FineTuningPlan(), steps=arguments.steps)
    run = FineTuning(plan, start, tuple(train), tuple(held_out), folder, device)
    if arguments.resume:
        require_checkpoint([folder])
    with TerminalProgress() as progress:
        networks, outcome = fine_tune(run, arguments.resume, progress)
    if not current_team().leads:
        return
    package = pack_fine_tuned(networks, run, outcome, arguments.output, name, {})
    before, after = ({}, {})
    if held_out:
        with TerminalProgress() as progress:
            before, after = measure(start, run, progress), measure(package, run, progress)
        measured = {f"Mean Dice on {len(held_out)} held-out scans, before": round(mean_dice(before), 4),
                    f"Mean Dice on {len(held_out)} held-out scans, after": round(mean_dice(after), 4)}
        package = pack_fine_tuned(networks, run, outcome, arguments.output, name, measured)
        data = {"before": as_data(before, name_of), "after": as_data(after, name_of)}
        write_json(folder / "evaluation.json", data)
    _show(package, before, after, arguments.json)


def _start(name: str) -> ModelPackage:
    package = find_package(name, accepts=can_learn_on)
    if not can_learn_on(package):
        raise Problem(f"The model {package.name} cannot be fine-tuned: only models of the default model's kind can. "
                      "Give --start orbit-any-contrast, or train a paper's network anew with --config.")
    return package


def _name(output: Path) -> str:
    """The model's name: that of its folder, in small letters, digits and hyphens."""
    name = re.sub(r"[^a-z0-9]+", "-", output.name.lower()).strip("-")
    check_name(name)
    return name


def _cases(arguments: argparse.Namespace) -> Sequence[Case]:
    cohort = read_cohort(arguments.cohort, arguments.labels)
    for line in cohort.problems:
        print(f"Left out: {line}", file=sys.stderr)
    for line in cohort.notices:
        print(line, file=sys.stderr)
    if current_team().leads:
        with TerminalProgress() as progress:
            check_labels(cohort.cases, progress)
    current_team().wait()
    return cohort.cases


def _split(cases: Sequence[Case], fold: str | None) -> tuple[list[Case], list[Case]]:
    """Cases to learn from and held-out ones."""
    if fold is None:
        return list(cases), []
    patients = [case.patient for case in cases]
    splits = patient_folds(patients, min(_FOLDS, max(len(set(patients)), 2)))
    if not fold.isdigit() or not 1 <= int(fold) <= len(splits):
        raise Problem(f"--fold takes a number from 1 to {len(splits)} with --start; not {fold!r}.")
    split = splits[int(fold) - 1]
    return [cases[place] for place in split.train], [cases[place] for place in split.held_out]


def _show(package: ModelPackage, before: dict, after: dict, as_json: bool) -> None:
    if as_json:
        print_json({"models": [str(package.folder)], "before": as_data(before, name_of) if before else None,
                    "after": as_data(after, name_of) if after else None})
        return
    print(f"Model package: {package.folder}")
    for title, scores in (("Before", before), ("After", after)):
        if scores:
            print(f"\n{title}, {len(scores)} held-out scans, mean Dice {mean_dice(scores):.3f}")
            print(metrics_table(list(scores.values()), name_of))

"""``train --start MODEL``: fine-tune the default model on a cohort, evaluate it before and after, write the package."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from NeuroOrbitLib.command_line import TerminalProgress, print_json
from NeuroOrbitLib.evaluation.segmentation.tables import as_data, metrics_table
from NeuroOrbitLib.files.safe import write_json
from NeuroOrbitLib.models import ModelPackage, check_name, check_place, find_package
from NeuroOrbitLib.privacy import numbered_cases
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.cohorts import LabelledCase, check_labels, read_cohort
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


def run_fine_tuning(arguments: argparse.Namespace, working_folder: Callable[[Path], Path], device: str) -> None:
    """Run ``train --start``: one training, or one for each fold.

    :param arguments: arguments of the command line.
    :param working_folder: function that returns the folder of checkpoints and prepared orbits for that of a package.
    :param device: device to train on.
    :raises Problem: if model, cohort or output cannot be used; nothing is trained then.
    """
    start, cases = _start(arguments.start), _cases(arguments)
    plan = FineTuningPlan() if arguments.steps is None else replace(FineTuningPlan(), steps=arguments.steps)
    runs = []
    for output, train, held_out in _splits(cases, arguments.fold, arguments.output):
        check_place(output)
        _name(output)
        runs.append((output, FineTuning(plan, start, tuple(train), tuple(held_out), working_folder(output), device)))
    if arguments.resume:
        require_checkpoint([run.folder for _output, run in runs])
    named = dict if arguments.with_paths else numbered_cases
    done = [_tune(output, run, arguments.resume, named) for output, run in runs]
    if current_team().leads:
        before, after = (named({name: scores for one in done for name, scores in one[place].items()})
                         for place in (1, 2))
        _show([package for package, _before, _after in done], before, after, runs[0][1].synthetic, arguments.json)


def _tune(output: Path, run: FineTuning, resume: bool, named: Callable[[dict], dict]) -> tuple[
        ModelPackage | None, dict, dict]:
    """Train, pack and evaluate one model; return the package and the scores of held-out scans before and after.

    :param named: function that returns results by the names of the cases that may be written.
    """
    start, name = run.start, _name(output)
    with TerminalProgress() as progress:
        networks, outcome = fine_tune(run, resume, progress)
    if not current_team().leads:
        return None, {}, {}
    package = pack_fine_tuned(networks, run, outcome, output, name, {})
    before, after = ({}, {})
    if run.held_out:
        with TerminalProgress() as progress:
            before, after = measure(start, run, progress), measure(package, run, progress)
        judged = f"{len(run.held_out)} held-out {'synthetic ' if run.synthetic else ''}scans"
        measured = {f"Mean Dice on {judged}, before": round(mean_dice(before), 4),
                    f"Mean Dice on {judged}, after": round(mean_dice(after), 4)}
        package = pack_fine_tuned(networks, run, outcome, output, name, measured)
        data = {"before": as_data(named(before), name_of), "after": as_data(named(after), name_of)}
        write_json(run.folder / "evaluation.json", data)
    return package, before, after


def _start(name: str) -> ModelPackage:
    package = find_package(name, accepts=can_learn_on)
    if not can_learn_on(package):
        raise Problem(f"The model {package.name} cannot be fine-tuned: only models of the default model's kind can. "
                      "Give --start orbit-any-contrast, or train a paper's network anew with --config.")
    return package


def _name(output: Path) -> str:
    """Return the model's name: that of its folder, in lower-case letters, digits and hyphens."""
    name = re.sub(r"[^a-z0-9]+", "-", output.name.lower()).strip("-")
    check_name(name)
    return name


def _cases(arguments: argparse.Namespace) -> Sequence[LabelledCase]:
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


def _splits(cases: Sequence[LabelledCase], fold: str | None, output: Path
            ) -> list[tuple[Path, list[LabelledCase], list[LabelledCase]]]:
    """Return the folder of the package, the training cases and the held-out cases of each training."""
    if fold is None:
        return [(output, list(cases), [])]
    patients = [case.patient for case in cases]
    splits = patient_folds(patients, min(_FOLDS, max(len(set(patients)), 2)))
    places = {str(number): output for number in range(1, len(splits) + 1)}
    if fold == "all":
        places = {number: output / f"fold-{number}" for number in places}
    elif fold not in places:
        raise Problem(f"--fold takes a number from 1 to {len(splits)}, or 'all'; not {fold!r}.")
    chosen = places if fold == "all" else {fold: output}
    return [(place, *([cases[one] for one in part] for part in (split.train, split.held_out)))
            for number, place in chosen.items() for split in [splits[int(number) - 1]]]


def _show(packages: Sequence[ModelPackage], before: dict, after: dict, synthetic: bool, as_json: bool) -> None:
    if as_json:
        print_json({"models": [str(package.folder) for package in packages], "synthetic": synthetic,
                    "before": as_data(before, name_of) if before else None,
                    "after": as_data(after, name_of) if after else None})
        return
    for package in packages:
        print(f"Model package: {package.folder}")
    for title, scores in (("Before", before), ("After", after)):
        if scores:
            kind = "synthetic scans" if synthetic else "scans"
            print(f"\n{title}, {len(scores)} held-out {kind}, mean Dice {mean_dice(scores):.3f}")
            print(metrics_table(list(scores.values()), name_of))

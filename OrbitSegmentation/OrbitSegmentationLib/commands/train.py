"""``train``: train a paper's network on a cohort or on phantoms, in patient-level folds if wanted."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib import privacy
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, at_least_one, print_json
from NeuroOrbitLib.files.safe import write_json, write_text
from NeuroOrbitLib.problem import Problem

if TYPE_CHECKING:
    from NeuroOrbitLib.evaluation.segmentation.scores import StructureScore
    from NeuroOrbitLib.training.cohorts import LabelledCase
    from OrbitSegmentationLib.paper_networks.training.config import TrainingConfig
    from OrbitSegmentationLib.paper_networks.training.run import TrainingRun

SYNTHETIC = "synthetic"


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "train",
        help="train a network and write a model package",
        description="Train a network of a paper, or fine-tune the default model. Checkpoints, TensorBoard logs and "
        "prepared images go to OUTPUT.training; the model package goes to OUTPUT when the training is done.",
    )
    parser.add_argument("--cohort", required=True,
                        help="folder or CSV table of scans and label maps, or 'synthetic' to make phantoms")
    parser.add_argument("--labels", type=Path, metavar="FILE",
                        help="names the values of the cohort's label maps: nnU-Net's dataset.json, JSON or CSV with "
                        "value and name, ITK-SNAP's label descriptions or Slicer's color table (default: dataset.json "
                        "beside the label maps, else the product's own values)")
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--config", help="configuration file (JSON or YAML) of a paper's network, or the name of a "
                     "shipped one, e.g. sv_net")
    how.add_argument("--start", metavar="MODEL", help="fine-tune this model on the cohort: orbit-any-contrast, or the "
                     "folder of a model that was fine-tuned before")
    parser.add_argument("--steps", type=at_least_one, help="of the fine-tuning with --start (default 2000)")
    parser.add_argument("-o", "--output", required=True, type=Path, help="folder of the model package")
    parser.add_argument("--fold", help="hold out this fold of the patients (1 is the first) and judge the model on it; "
                        "'all' runs every fold and writes OUTPUT/fold-1, OUTPUT/fold-2, ...")
    parser.add_argument("--resume", action="store_true", help="go on with a training that was stopped")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    privacy.add_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Train one model, or one per fold."""
    from NeuroOrbitLib.models import choose_device
    from NeuroOrbitLib.training.team import joined
    from OrbitSegmentationLib.paper_networks.training.config import load_config

    arguments.output = arguments.output.absolute()
    if arguments.start and arguments.cohort == SYNTHETIC:
        raise Problem("Fine-tuning needs a cohort of its own: give --cohort a folder or a table.")
    if arguments.steps and not arguments.start:
        raise Problem("--steps belongs to --start; a configuration says for how many epochs it trains.")
    config = None if arguments.start else load_config(arguments.config)
    device = choose_device(arguments.device)
    print(device.reason, file=sys.stderr)
    with joined(device.device) as place:
        if config is None:
            _fine_tune_on(arguments, place)
        else:
            _run_on(arguments, config, place)
    return SUCCESS


def _fine_tune_on(arguments: argparse.Namespace, device: str) -> None:
    from OrbitSegmentationLib.any_contrast.fine_tuning.command import run_fine_tuning

    run_fine_tuning(arguments, _training_folder, device)


def _run_on(arguments: argparse.Namespace, config: TrainingConfig, device: str) -> None:
    """Run all trainings on this process's device; the leader of a team evaluates and packs what all have trained."""
    from NeuroOrbitLib.models import check_place
    from NeuroOrbitLib.training.cohorts import check_labels
    from NeuroOrbitLib.training.team import current_team
    from NeuroOrbitLib.training.trainer import require_checkpoint

    team = current_team()
    for output in _places(arguments, config):
        check_place(output)
    if team.leads:
        with TerminalProgress() as progress:
            check_labels(_cases(arguments, config), progress)
    team.wait()
    runs = _runs(arguments, config, _cases(arguments, config), device)
    if arguments.resume:
        require_checkpoint([training.folder for _output, training in runs])
    scores: dict[str, dict[int, StructureScore]] = {}
    for output, training in runs:
        scores |= _train_one(training, output, arguments.resume, arguments.with_paths)
    if team.leads:
        _show(scores, runs[0][1], [output for output, _ in runs], arguments.json, arguments.with_paths)


def _cases(arguments: argparse.Namespace, config: TrainingConfig) -> list[LabelledCase]:
    from NeuroOrbitLib.training.cohorts import read_cohort

    folder = arguments.cohort
    if folder == SYNTHETIC:
        folder = _make_phantoms(_training_folder(arguments.output) / "cohort", config)
    cohort = read_cohort(folder, arguments.labels)
    for line in cohort.problems:
        print(f"Left out: {line}", file=sys.stderr)
    for line in cohort.notices:
        print(line, file=sys.stderr)
    wants_ct = config.resolved_profile().intensity != "percentiles"
    cases = [case for case in cohort.cases if case.modality in ("", "CT" if wants_ct else "MR")]
    if not cases:
        raise Problem(f"The cohort has no {'CT' if wants_ct else 'MR'} scan, which this configuration needs.")
    if len(cases) < len(cohort.cases):
        print(f"Left out: {len(cohort.cases) - len(cases)} scans of the other modality", file=sys.stderr)
    return cases


def _make_phantoms(folder: Path, config: TrainingConfig) -> Path:
    """Return the folder of the configuration's synthetic cohort; an existing one is used again."""
    from NeuroOrbitLib.phantom.patients.cohort import PhantomCohortPlan, write_cohort

    plan = {"count": 12, "seed": 0, "protocols": ["ct-fast"], **config.synthetic}
    record = folder / "plan.json"
    text = json.dumps(plan, sort_keys=True)
    if record.exists() and record.read_text(encoding="utf-8") == text:
        return folder
    with TerminalProgress() as progress:
        write_cohort(folder, PhantomCohortPlan(plan["count"], plan["seed"], protocols=tuple(plan["protocols"])),
                     progress)
    write_text(record, text)
    return folder


def _places(arguments: argparse.Namespace, config: TrainingConfig) -> list[Path]:
    """Return the folders of the model packages."""
    if arguments.fold != "all":
        return [arguments.output]
    return [arguments.output / f"fold-{number}" for number in range(1, config.folds + 1)]


def _runs(
    arguments: argparse.Namespace, config: TrainingConfig, cases: list[LabelledCase], device: str
) -> list[tuple[Path, TrainingRun]]:
    """Return (model package, training) of every requested fold; without folds, one training on all cases."""
    from NeuroOrbitLib.training.folds import Split, patient_folds
    from OrbitSegmentationLib.paper_networks.training.run import TrainingRun

    synthetic = all(case.synthetic for case in cases)

    def training(output: Path, split: Split) -> tuple[Path, TrainingRun]:
        train, held_out = (tuple(cases[i] for i in part) for part in (split.train, split.held_out))
        return output, TrainingRun(config, train, held_out, _training_folder(output), synthetic, device)

    if arguments.fold is None:
        return [training(arguments.output, Split(tuple(range(len(cases))), ()))]
    splits = patient_folds([case.patient for case in cases], config.folds, config.seed)
    if arguments.fold == "all":
        return [training(*pair) for pair in zip(_places(arguments, config), splits, strict=False)]
    if not arguments.fold.isdigit() or not 1 <= int(arguments.fold) <= len(splits):
        raise Problem(f"--fold takes a number from 1 to {len(splits)}, or 'all'; not {arguments.fold!r}.")
    return [training(arguments.output, splits[int(arguments.fold) - 1])]


def _train_one(training: TrainingRun, output: Path, resume: bool,
               with_paths: bool) -> dict[str, dict[int, StructureScore]]:
    """Train, evaluate on the held-out patients and write the package; return the scores of each held-out case."""
    from NeuroOrbitLib.evaluation.segmentation.tables import as_data
    from NeuroOrbitLib.training.team import current_team
    from OrbitSegmentationLib.paper_networks.profile_classes import sided_class_name
    from OrbitSegmentationLib.paper_networks.training.run import evaluate_held_out, mean_dice, pack, train

    with TerminalProgress() as progress:
        network, outcome = train(training, resume, progress)
    if not current_team().leads:
        return {}
    with TerminalProgress() as progress:
        scores = evaluate_held_out(network, training, progress)
    measured = mean_dice(list(scores.values()), training.profile)
    if outcome.best_score is not None:
        measured["Dice on the validation patients, all classes"] = round(outcome.best_score, 4)
    if training.synthetic:
        measured = {f"{name} (synthetic)": value for name, value in measured.items()}
    pack(network, training, outcome, measured, output)
    if scores:
        named = scores if with_paths else privacy.numbered_cases(scores)
        data = as_data(named, lambda value: sided_class_name(value, training.profile))
        write_json(training.folder / "evaluation.json", data)
    return scores


def _show(
    scores: dict[str, dict[int, StructureScore]], training: TrainingRun, outputs: list[Path], as_json: bool,
    with_paths: bool,
) -> None:
    from NeuroOrbitLib.evaluation.segmentation.tables import as_data, metrics_table, volume_table
    from OrbitSegmentationLib.paper_networks.profile_classes import sided_class_name

    def name_of(value: int) -> str:
        return sided_class_name(value, training.profile)

    if as_json:
        held_out = as_data(scores if with_paths else privacy.numbered_cases(scores), name_of) if scores else None
        print_json({"models": [str(output) for output in outputs], "held_out": held_out,
                    "synthetic": training.synthetic})
        return
    for output in outputs:
        print(f"Model package: {output}")
    if scores:
        kind = "synthetic patients" if training.synthetic else "patients"
        print(f"\nHeld-out {kind}, {len(scores)} scans")
        print(metrics_table(list(scores.values()), name_of))
        if len(scores) > 1:
            print("\nAgreement of volumes")
            print(volume_table(list(scores.values()), name_of))


def _training_folder(output: Path) -> Path:
    """Return the working folder beside the model package, which is replaced as a whole when it is written."""
    return output.with_name(output.name + ".training")

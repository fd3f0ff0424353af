"""One fine-tuning, which turns a model package and a cohort into a new model package."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from NeuroOrbitLib.evaluation.segmentation.overlap import count_agreement
from NeuroOrbitLib.evaluation.segmentation.scores import StructureScore, score_case, summarise
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.jobs.folders import claimed
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.label_maps.merging import with_lenses_as_in
from NeuroOrbitLib.models import ModelPackage, write_package
from NeuroOrbitLib.privacy import fingerprint
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.batches import ShuffledBatches
from NeuroOrbitLib.training.checkpoint import seed_everything
from NeuroOrbitLib.training.cohorts import LabelledCase
from NeuroOrbitLib.training.folds import check_no_leak, hold_out_patients
from NeuroOrbitLib.training.learning_rate import cosine_rate
from NeuroOrbitLib.training.team import current_team
from NeuroOrbitLib.training.trainer import Outcome, Trainer, TrainerSettings, prepare_folder
from OrbitSegmentationLib.any_contrast.classes import LABEL_OF_CLASS
from OrbitSegmentationLib.any_contrast.fine_tuning.losses import partial_cross_entropy_and_dice
from OrbitSegmentationLib.any_contrast.fine_tuning.orbits import CohortOrbits, MixedSamples, store_orbits
from OrbitSegmentationLib.any_contrast.training.label_bank import build_phantom_bank
from OrbitSegmentationLib.any_contrast.training.orbit_samples import OrbitSamples
from OrbitSegmentationLib.paper_networks.registry import load
from OrbitSegmentationLib.pipeline import segment_image

PREPARED_NAME, BANK_NAME = "prepared", "bank"
_WARM_UP, _FEWEST_PATIENTS_TO_VALIDATE = 20, 4


@dataclass(frozen=True)
class FineTuningPlan:
    """Length and manner of a fine-tuning.

    :param steps: number of optimiser steps.
    :param learning_rate: largest learning rate; it falls along a cosine to a hundredth.
    :param batch_size: number of orbits per step.
    :param synthetic_share: share of synthetic orbits, so that the network does not forget what the cohort does not
        show.
    :param synthetic_heads: number of parametric heads from which the synthetic orbits are made.
    :param validations: number of validations, on patients held out for that, by which the best weights are chosen.
    :param seed: seed of all random choices.
    """

    steps: int = 2000
    learning_rate: float = 4e-4
    batch_size: int = 2
    synthetic_share: float = 0.25
    synthetic_heads: int = 4
    validations: int = 10
    seed: int = 0


@dataclass(frozen=True)
class FineTuning:
    """A fine-tuning: its model, cases and folder.

    :param plan: length and manner of the training.
    :param start: model to fine-tune, of the default model's kind.
    :param train: training cases.
    :param held_out: cases of other patients for the evaluation; may be empty.
    :param folder: working folder for checkpoint, logs and prepared orbits.
    :param device: device to train on.
    """

    plan: FineTuningPlan
    start: ModelPackage
    train: tuple[LabelledCase, ...]
    held_out: tuple[LabelledCase, ...]
    folder: Path
    device: str = "cpu"

    @property
    def synthetic(self) -> bool:
        """Whether all scans are phantoms."""
        return all(case.synthetic for case in (*self.train, *self.held_out))


def fine_tune(run: FineTuning, resume: bool = False, progress: Progress = silent) -> tuple[nn.Module, Outcome]:
    """Fine-tune the orbit network; return all networks of the model, and the end of the training.

    :param run: the fine-tuning.
    :param resume: whether to continue a training in the folder.
    :raises Problem: if the folder holds another training, another process trains there, patients are on both sides, or
        a case has no eyeball.
    """
    check_no_leak([case.patient for case in run.train], [case.patient for case in run.held_out])
    with claimed(run.folder) if current_team().leads else nullcontext():
        return _fine_tune(run, resume, progress)


def _fine_tune(run: FineTuning, resume: bool, progress: Progress) -> tuple[nn.Module, Outcome]:
    team = current_team()
    if team.leads:
        plan = {"plan": asdict(run.plan), "start": run.start.sha256,
                "train": fingerprint(case.name for case in run.train),
                "held_out": fingerprint(case.name for case in run.held_out)}
        if not prepare_folder(run.folder, plan, resume):
            shutil.rmtree(run.folder / PREPARED_NAME, ignore_errors=True)
        store_orbits(run.train, run.folder / PREPARED_NAME, part(progress, 0.0, 0.05))
        build_phantom_bank(run.folder / BANK_NAME, run.plan.synthetic_heads, run.plan.seed,
                           progress=part(progress, 0.05, 0.1))
    team.wait()
    seed_everything(run.plan.seed)
    networks = deepcopy(load(run.start, run.device))  # load shares it with "before" and other folds
    trainer = _trainer(run, networks.orbit)
    if resume:
        trainer.resume()
    outcome = trainer.run(part(progress, 0.1, 1.0))
    trainer.load_best()
    return networks.eval(), outcome


def measure(package: ModelPackage, run: FineTuning, progress: Progress = silent) -> (
        dict[str, dict[int, StructureScore]]):
    """Segment the held-out scans with a model and return the scores of their structures, by case and label value."""
    scores = {}
    for number, case in enumerate(run.held_out):
        report = part(progress, number / len(run.held_out), (number + 1) / len(run.held_out))
        found = segment_image(load_image(case.image), package, run.device, report)
        reference = case.load_labels()
        scores[case.name] = score_case(reference, with_lenses_as_in(reference, found.labels))
    return scores


def mean_dice(scores: dict[str, dict[int, StructureScore]]) -> float:
    """Return the mean Dice over all structures of all cases."""
    return summarise(score.metrics["dice"] for case in scores.values() for score in case.values()).mean


def pack_fine_tuned(
    networks: nn.Module, run: FineTuning, outcome: Outcome, folder: Path, name: str, measured: dict[str, Any]
) -> ModelPackage:
    """Write the fine-tuned model as a package that is used like the original model.

    :param networks: all networks of the model.
    :param run: the fine-tuning.
    :param outcome: end of the training.
    :param folder: folder of the package.
    :param name: name of the model.
    :param measured: measured results by name, for the model card.
    :raises ModelProblem: if the package cannot be written.
    """
    base, patients = run.start, len({case.patient for case in run.train})
    facts = replace(
        base.facts, name=name, version="1.0.0",
        title=f"{base.title}, fine-tuned on {patients} {'synthetic ' if run.synthetic else ''}patients",
        training_data=_training_data(run, patients),
        license=base.license if run.synthetic else "as the owner of the training images decides",
        settings={**base.facts.settings, "fine_tuning": {**asdict(run.plan), "steps": outcome.steps,
                                                         "from": base.provenance()}},
        calibration={}, performance=measured,
        description=f"The orbit network of {base.name} {base.version}, trained for {outcome.steps} more steps on a "
        "cohort with labels of its own. Locator and chiasm network are unchanged. Structures that the cohort did not "
        "label are kept as they were learned before; they may have changed a little.",
    )
    return write_package(folder, networks.state_dict(), facts)


def _training_data(run: FineTuning, patients: int) -> str:
    """Return a description of the training data, which starts with "synthetic" only if it has no patient's image."""
    base, count = run.start, f"{len(run.train)} scans of {patients} patients"
    if run.synthetic and not base.facts.is_synthetic:
        return f"{base.training_data}; after that, synthetic phantoms: {count}"
    origin = "synthetic phantoms" if run.synthetic else "a user's cohort"
    return f"{origin}: {count}; before that, as {base.name} {base.version}: {base.training_data.split(';')[0]}"


def _trainer(run: FineTuning, network: nn.Module) -> Trainer:
    plan, team = run.plan, current_team()
    train, validation = _split(run)
    prepared = run.folder / PREPARED_NAME
    samples = MixedSamples(CohortOrbits(train, prepared), OrbitSamples(run.folder / BANK_NAME), plan.synthetic_share)
    batches = ShuffledBatches(samples, plan.batch_size, plan.seed, (team.rank, team.size))
    optimizer = torch.optim.AdamW(network.parameters(), lr=plan.learning_rate, weight_decay=1e-4)
    scheduler = cosine_rate(optimizer, plan.steps, warm_up=min(_WARM_UP, plan.steps // 2), floor=0.01)
    settings = TrainerSettings(plan.steps, checkpoint_steps=100, checkpoint_minutes=3, largest_gradient=5.0, bf16=True,
                               validation_steps=max(plan.steps // plan.validations, 1))
    score = _validation(CohortOrbits(validation, prepared), run.device) if validation else None
    return Trainer(network, partial_cross_entropy_and_dice, optimizer, batches, settings, run.folder, scheduler, score)


def _split(run: FineTuning) -> tuple[list[LabelledCase], list[LabelledCase]]:
    """Return the training cases, and those of a tenth of the patients, on whom the best weights are chosen."""
    patients = [case.patient for case in run.train]
    if len(set(patients)) < _FEWEST_PATIENTS_TO_VALIDATE:
        return list(run.train), []
    split = hold_out_patients(patients, 0.1, run.plan.seed)
    return [run.train[place] for place in split.train], [run.train[place] for place in split.held_out]


def _validation(orbits: CohortOrbits, device: str) -> Callable[[nn.Module], float]:
    """Return a function that computes the mean Dice of a network on orbits, over the labelled structures."""
    drawn = [orbits.plain(number) for number in range(len(orbits))]

    def dice(network: nn.Module) -> float:
        values = []
        for image, target in drawn:
            found = network(image[None].to(device))[0].argmax(dim=0).cpu().numpy()
            for number in range(1, len(LABEL_OF_CLASS)):
                if (target.numpy() == number).any():
                    values.append(count_agreement(target.numpy() == number, found == number).dice)
        if not values:
            raise Problem("No structure is labelled in the patients that the best weights are chosen on. Label more.")
        return summarise(values).mean

    return dice

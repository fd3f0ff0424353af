"""Training of a paper network on one set of patients, its evaluation on others, and its packaging."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from NeuroOrbitLib.evaluation.segmentation.overlap import count_agreement
from NeuroOrbitLib.evaluation.segmentation.scores import StructureScore, labels_in, score_case, summarise
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.jobs.folders import claimed
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.models import ModelFacts, ModelPackage, write_package
from NeuroOrbitLib.models.inference import FastNetwork
from NeuroOrbitLib.privacy import fingerprint
from NeuroOrbitLib.training.batches import ShuffledBatches
from NeuroOrbitLib.training.checkpoint import seed_everything
from NeuroOrbitLib.training.cohorts import LabelledCase
from NeuroOrbitLib.training.folds import check_no_leak, hold_out_patients
from NeuroOrbitLib.training.learning_rate import cosine_rate
from NeuroOrbitLib.training.losses import LOSSES
from NeuroOrbitLib.training.team import current_team
from NeuroOrbitLib.training.trainer import Outcome, Trainer, TrainerSettings, prepare_folder
from OrbitSegmentationLib.model_kinds import PAPER_NETWORK
from OrbitSegmentationLib.paper_networks.prediction import (
    classes_from_probabilities,
    orbit_probabilities,
    segment_orbits,
)
from OrbitSegmentationLib.paper_networks.preprocessing import PreparedOrbit, eye_centers
from OrbitSegmentationLib.paper_networks.profile_classes import output_names, sided_class_map, sided_class_name
from OrbitSegmentationLib.paper_networks.profiles import Profile
from OrbitSegmentationLib.paper_networks.registry import find
from OrbitSegmentationLib.paper_networks.training.config import TrainingConfig
from OrbitSegmentationLib.paper_networks.training.samples import OrbitSamples, store_orbits, stored_orbits

PREPARED_NAME = "prepared"


@dataclass(frozen=True)
class TrainingRun:
    """One training: its configuration, its cases and its folder.

    :param config: configuration of the training.
    :param train: cases to learn from.
    :param held_out: cases of other patients, on which the result is evaluated; may be empty.
    :param folder: working folder for the checkpoint, logs and prepared images.
    :param synthetic: whether all images are phantoms.
    :param device: device to compute on, e.g. "cpu" or "cuda".
    """

    config: TrainingConfig
    train: tuple[LabelledCase, ...]
    held_out: tuple[LabelledCase, ...]
    folder: Path
    synthetic: bool
    device: str = "cpu"

    @property
    def profile(self) -> Profile:
        """The profile of the network."""
        return self.config.resolved_profile()

    def build_network(self) -> nn.Module:
        """Return a network with fresh weights and an output channel for each of the profile's classes."""
        return find(self.profile.network).build(**self.network_arguments())

    def network_arguments(self) -> dict[str, Any]:
        """Return the options of the network, as the model package stores them."""
        return {"out_channels": self.profile.channels, **self.config.network_options}


def train(run: TrainingRun, resume: bool = False, progress: Progress = silent) -> tuple[nn.Module, Outcome]:
    """Train, or continue an interrupted training, and return the network with its best weights and the outcome.

    :param run: the training.
    :param resume: whether to continue the training in the folder.
    :param progress: receives the fraction done and a message.
    :raises Problem: when the folder holds another training, another process trains there, or a patient is in both the
        training and the held-out cases.
    """
    check_no_leak([case.patient for case in run.train], [case.patient for case in run.held_out])
    with claimed(run.folder) if current_team().leads else nullcontext():
        return _train(run, resume, progress)


def _train(run: TrainingRun, resume: bool, progress: Progress) -> tuple[nn.Module, Outcome]:
    team = current_team()
    if team.leads:
        _check_folder(run, resume)
    team.wait()
    seed_everything(run.config.seed)
    trainer = _make_trainer(run, part(progress, 0.0, 0.1))
    if resume:
        trainer.resume()
    outcome = trainer.run(part(progress, 0.1, 1.0))
    trainer.load_best()
    return trainer.network.eval(), outcome


def evaluate_held_out(
    network: nn.Module, run: TrainingRun, progress: Progress = silent
) -> dict[str, dict[int, StructureScore]]:
    """Segment the held-out scans around their labelled eyes and score the classes on the scans' own grids.

    :return: for each case, by name, the scores of each label of
        :func:`OrbitSegmentationLib.paper_networks.profile_classes.sided_class_map`.
    """
    predict = FastNetwork(network, run.device)
    scores = {}
    for number, case in enumerate(run.held_out):
        report = part(progress, number / len(run.held_out), (number + 1) / len(run.held_out))
        image, labels = load_image(case.image), case.load_labels()
        found = segment_orbits(image, eye_centers(labels), predict, run.profile, progress=report)
        reference, found = (sided_class_map(label_map, run.profile) for label_map in (labels, found))
        scores[case.name] = score_case(reference, found, labels_in([reference]))
    return scores


def pack(
    network: nn.Module, run: TrainingRun, outcome: Outcome, measured: dict[str, Any], folder: Path
) -> ModelPackage:
    """Write the model package, with its model card.

    :param network: trained network.
    :param run: training that the network comes from.
    :param outcome: outcome of that training.
    :param measured: performance on held-out cases for the model card, e.g. from :func:`mean_dice`.
    :param folder: folder to write the package to.
    """
    profile, config = run.profile, run.config
    patients = len({case.patient for case in run.train})
    origin = "synthetic phantoms" if run.synthetic else "a user's cohort"
    facts = ModelFacts(
        name=config.name,
        version="1.0.0",
        title=config.title,
        modality="MRI" if profile.intensity == "percentiles" else "CT",
        labels=output_names(profile),
        training_data=f"{origin}: {len(run.train)} scans of {patients} patients",
        license="Apache-2.0" if run.synthetic else "as the owner of the training images decides",
        network=profile.network,
        network_arguments=run.network_arguments(),
        settings={"kind": PAPER_NETWORK, "profile": profile.as_dict(), "training": config.as_dict()},
        description=f"{find(profile.network).title}. {find(profile.network).paper}. "
        f"Trained for {outcome.steps} steps; the weights are those of step {outcome.best_step or outcome.steps}.",
        performance=measured,
    )
    return write_package(folder, network.state_dict(), facts)


def mean_dice(scores: Sequence[dict[int, StructureScore]], profile: Profile) -> dict[str, float]:
    """Return the mean Dice of each class and side over the cases, by name, for the model card."""
    labels = sorted({label for case in scores for label in case})
    found = {
        f"{sided_class_name(label, profile)}, Dice": summarise(
            case[label].metrics["dice"] for case in scores if label in case
        ).mean
        for label in labels
    }
    return {name: round(value, 4) for name, value in found.items()}


def _make_trainer(run: TrainingRun, progress: Progress) -> Trainer:
    config, profile = run.config, run.profile
    train, validation = _split_for_validation(run)
    prepared = run.folder / PREPARED_NAME
    team = current_team()
    if team.leads:
        store_orbits([*train, *validation], profile, prepared, progress)
    team.wait()
    orbits, judged = (stored_orbits(cases, prepared) for cases in (train, validation))
    batches = ShuffledBatches(OrbitSamples(orbits, profile), config.batch_size, config.seed, (team.rank, team.size))
    network = run.build_network().to(run.device)
    optimizer = torch.optim.Adam(network.parameters(), lr=config.learning_rate)
    steps = config.epochs * batches.steps_per_epoch
    scheduler = cosine_rate(optimizer, steps) if config.cosine else None
    settings = TrainerSettings(
        steps=steps,
        checkpoint_steps=max(batches.steps_per_epoch, 100),
        validation_steps=config.validation_epochs * batches.steps_per_epoch,
        patience=config.patience,
        largest_gradient=config.largest_gradient,
        bf16=config.bf16,
        workers=config.workers,
    )

    def validate(current: nn.Module) -> float:
        return _validation_dice(current, judged, profile, run.device)

    score = validate if judged else None
    return Trainer(network, LOSSES[config.loss], optimizer, batches, settings, run.folder, scheduler, score)


def _split_for_validation(run: TrainingRun) -> tuple[list[LabelledCase], list[LabelledCase]]:
    patients = [case.patient for case in run.train]
    if run.config.validation_fraction == 0 or len(set(patients)) < 2:
        return list(run.train), []
    split = hold_out_patients(patients, run.config.validation_fraction, run.config.seed)
    return [run.train[i] for i in split.train], [run.train[i] for i in split.held_out]


def _validation_dice(network: nn.Module, orbits: Sequence[PreparedOrbit], profile: Profile, device: str) -> float:
    """Return the mean Dice over all classes and orbits, each class of an orbit being scored as a whole."""
    predict = FastNetwork(network, device, precision="float32")
    values = []
    for orbit in orbits:
        found = classes_from_probabilities(orbit_probabilities(orbit.image, predict, profile), profile)
        for number in range(1, len(profile.classes) + 1):
            values.append(count_agreement(orbit.classes == number, found == number).dice)
    return summarise(values).mean


def _check_folder(run: TrainingRun, resume: bool) -> None:
    """Raise :class:`Problem` unless the folder holds no training, or the very one that is to be resumed."""
    plan = {
        "config": run.config.as_dict(),
        "train": fingerprint(case.name for case in run.train),
        "held_out": fingerprint(case.name for case in run.held_out),
    }
    if not prepare_folder(run.folder, plan, resume, may_change=("name", "title")):
        # These images were prepared for another configuration, and no training has used them yet.
        shutil.rmtree(run.folder / PREPARED_NAME, ignore_errors=True)

"""Cross-validating and training a classifier on a prepared cohort."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from NeuroOrbitLib.classifiers.calibrated import cross_fitted_temperature
from NeuroOrbitLib.classifiers.crossvalidation import Fold, repeated_folds, run_folds
from NeuroOrbitLib.classifiers.network_training import LabelledImages, class_probabilities, loss_curve, train_classifier
from NeuroOrbitLib.classifiers.tabular import out_of_fold_probabilities
from NeuroOrbitLib.classifiers.training_config import ClassifierConfig, config_from_dict
from NeuroOrbitLib.evaluation.classification.permutation import permuted_labels
from NeuroOrbitLib.evaluation.classification.predictions import Predictions
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.privacy import fingerprint
from NeuroOrbitLib.training.checkpoint import remove_checkpoint, seed_everything
from NeuroOrbitLib.training.trainer import CHECKPOINT_NAME
from TAOActivityLib.augmentation import augmented, views
from TAOActivityLib.muscle_signals import muscle_signals
from TAOActivityLib.networks.registry import find
from TAOActivityLib.prepared_cohort import PreparedCohort, read_prepared

ACTIVE = 1
Curves = dict[str, tuple[list[int], list[float]]]


def crossvalidate(cohort: PreparedCohort, config: ClassifierConfig, folder: Path, device: str = "cpu",
                  scheduler: str | None = None, permutation: int | None = None, by_patient: bool = True,
                  progress: Progress = silent) -> tuple[list[Predictions], Curves]:
    """Out-of-fold predictions of every repeat, calibrated across folds, and the loss curves.

    :param folder: of the trainings; what is done there is not done again.
    :param scheduler: see :func:`NeuroOrbitLib.classifiers.crossvalidation.run_folds`.
    :param permutation: train and judge on labels permuted with this seed: shows what chance reaches.
    :param by_patient: False lets scans of a patient fall on both sides, to show what that leak pretends.
    """
    labels = labels_of(cohort, permutation)
    folds = repeated_folds(cohort.patients, labels.tolist(), config.folds, config.repeats, config.seed, by_patient)
    job = partial(train_fold, cohort=str(cohort.folder), config=config.as_dict(), device=device,
                  permutation=permutation)
    # Without the number of repeats: more of them can be added to what is done.
    settings = {name: value for name, value in config.as_dict().items() if name != "repeats"}
    plan = {"config": settings, "cases": fingerprint(case.case for case in cohort.cases), "labels": labels.tolist(),
            "by_patient": by_patient}
    results = run_folds(job, folds, folder, plan, scheduler, progress)
    repeats = [_repeat(number, folds, results, cohort, labels) for number in range(1, config.repeats + 1)]
    curves = {f"repeat {fold.repeat}, fold {fold.number}": tuple(result["loss"])
              for fold, result in zip(folds, results, strict=True)}
    return [cross_fitted_temperature(repeat) for repeat in repeats], curves


def train_fold(fold: Fold, folder: Path, progress: Progress = silent, *, cohort: str, config: dict[str, Any],
               device: str = "cpu", permutation: int | None = None) -> dict[str, Any]:
    """Train on the fold's patients and ask about the others; plain data in and out, so that a cluster can do it."""
    data, plan = read_prepared(cohort), config_from_dict(config)
    labels = labels_of(data, permutation)
    network = train_on(data, fold.train, labels, plan, folder, fold.seed, device, progress)
    found = active_probabilities(network, torch.from_numpy(data.images(fold.held_out)))
    result = {"held_out": list(fold.held_out), "probabilities": found.tolist(), "loss": loss_curve(folder)}
    remove_checkpoint(folder / CHECKPOINT_NAME)  # hundreds of megabytes per fold with the paper's networks
    return result


def train_on(cohort: PreparedCohort, places: tuple[int, ...], labels: np.ndarray, config: ClassifierConfig,
             folder: Path, seed: int, device: str = "cpu", progress: Progress = silent) -> nn.Module:
    """A network trained on the cases at ``places``."""
    seed_everything(seed)
    network = find(config.network).build(**config.network_options).to(device)
    measured = muscle_signals(cohort, places) if config.second_task else None
    samples = LabelledImages(torch.from_numpy(cohort.images(places)), labels[list(places)].tolist(),
                             partial(augmented, strength=config.augmentation), measured)
    return train_classifier(network, samples, config.schedule, folder, seed, progress, config.second_task)


def active_probabilities(network: nn.Module, crops: Tensor) -> np.ndarray:
    """Probability of active disease of stored crops (cases, 5, 164, 164): mean over what training may show of them.

    Lin et al. ask about the middle of the crop only; the mean over its surroundings depends less on where it lies.
    """
    return np.mean([class_probabilities(network, view)[:, ACTIVE] for view in views(crops)], axis=0)


def labels_of(cohort: PreparedCohort, permutation: int | None = None) -> np.ndarray:
    """The cohort's labels, or the same ones permuted among patients."""
    return cohort.labels if permutation is None else permuted_labels(cohort.labels, cohort.patients, permutation)


def signal_ratio_baseline(cohort: PreparedCohort, config: ClassifierConfig) -> dict[str, Predictions]:
    """Predictions from the highest ratio of any rectus to the brain and to the temporal muscle, fitted in the folds."""
    labels = cohort.labels
    folds = repeated_folds(cohort.patients, labels.tolist(), config.folds, 1, config.seed)
    names = {"signal ratio to brain": "brain_ratio", "signal ratio to temporalis": "temporalis_ratio"}
    found = {}
    for title, column in names.items():
        values = np.array([[getattr(case, column)] for case in cohort.cases])
        if np.isfinite(values).any():
            probabilities = out_of_fold_probabilities(values, labels, folds)
            found[title] = Predictions.of([case.case for case in cohort.cases], cohort.patients, labels, probabilities)
    return found


def _repeat(number: int, folds: list[Fold], results: list[dict[str, Any]], cohort: PreparedCohort,
            labels: np.ndarray) -> Predictions:
    probabilities, places = np.full(len(labels), np.nan), np.zeros(len(labels), dtype=int)
    for fold, result in zip(folds, results, strict=True):
        if fold.repeat == number:
            probabilities[result["held_out"]] = result["probabilities"]
            places[result["held_out"]] = fold.number
    return Predictions.of([case.case for case in cohort.cases], cohort.patients, labels, probabilities, places)

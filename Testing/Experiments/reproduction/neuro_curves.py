"""Training and validation performance of a network over its epochs (the paper's Fig. 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroDifferentialLib.task import TASK, estimator_of
from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.classifiers.crossvalidation import Plan
from NeuroOrbitLib.classifiers.training_config import ClassifierConfig
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.training.checkpoint import remove_checkpoint
from NeuroOrbitLib.training.trainer import CHECKPOINT_NAME

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.task import Predictor


def followed(cohort: Cohort, config: ClassifierConfig, folder: Path, every: int, device: str = "cpu",
             progress: Progress = silent) -> dict[str, Any]:
    """Train on the first fold's patients and evaluate both parts after a fixed number of epochs each time.

    Each training continues from the end of the one before, as an interrupted training does.

    :param every: number of epochs between two evaluations.
    :return: ``epochs``, and for ``training`` and ``validation`` the cross-entropy (``loss``) and the ``accuracy`` after
        each of them.
    """
    fold = Plan(config.folds, 1, config.seed).dealt(cohort)[0]
    sides = {"training": fold.train, "validation": fold.held_out}
    looks = list(range(every, config.schedule.epochs + 1, every))
    found: dict[str, dict[str, list[float]]] = {side: {"loss": [], "accuracy": []} for side in sides}
    for number, epochs in enumerate(looks):
        share = part(progress, number / len(looks), (number + 1) / len(looks))
        until = replace(config, schedule=replace(config.schedule, epochs=epochs))
        predictor = estimator_of(until, device).fit(cohort, fold.train, folder, fold.seed, share)
        for side, places in sides.items():
            for name, value in _judged(predictor, cohort, places).items():
                found[side][name].append(value)
    remove_checkpoint(folder / CHECKPOINT_NAME)
    return {"title": config.title, "epochs": looks, **found}


def _judged(predictor: Predictor, cohort: Cohort, places: Sequence[int]) -> dict[str, float]:
    truth = cohort.labels[list(places)] == TASK.positive
    said = predictor.probabilities(cohort, places)[:, TASK.positive]
    right = np.clip(np.where(truth, said, 1 - said), 1e-7, 1.0)
    return {"loss": float(-np.log(right).mean()), "accuracy": float(np.mean((said >= 0.5) == truth))}

"""Judging a classifier: by cross-validation, or a finished model on a cohort that it has not seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from NeuroOrbitLib.classifiers.training_config import ClassifierConfig
from NeuroOrbitLib.evaluation.classification.calibration import with_temperature
from NeuroOrbitLib.evaluation.classification.evaluation import EvaluationSettings
from NeuroOrbitLib.evaluation.classification.predictions import Predictions
from NeuroOrbitLib.evaluation.classification.report import write_classifier_report
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.problem import Problem
from TAOActivityLib.experiment import active_probabilities, crossvalidate, signal_ratio_baseline
from TAOActivityLib.familiarity import DOCUMENT, novelty_of
from TAOActivityLib.pipeline import classifier_of
from TAOActivityLib.prepared_cohort import PreparedCohort


def judge_by_crossvalidation(cohort: PreparedCohort, config: ClassifierConfig, folder: Path, device: str = "cpu",
                             scheduler: str | None = None, permutation: int | None = None, leak: bool = False,
                             progress: Progress = silent) -> dict[str, Any]:
    """Cross-validate and write the report into ``folder``; what is done there is not done again.

    :param scheduler: see :func:`NeuroOrbitLib.classifiers.crossvalidation.run_folds`.
    :param permutation: seed of permuted labels: what chance reaches.
    :param leak: split scans instead of patients, to see what that mistake pretends.
    :return: what is in ``evaluation.json``.
    """
    repeats, curves = crossvalidate(cohort, config, folder / "trainings", device, scheduler, permutation, not leak,
                                    progress)
    baseline = signal_ratio_baseline(cohort, config) if permutation is None else None
    facts = {**known_facts(cohort, permutation is not None), "patients_leak": leak}
    return write_classifier_report(folder, _title(config.title, permutation, leak), repeats,
                                   EvaluationSettings(config.threshold), baseline, curves, facts)


def judge_package(package: ModelPackage, cohort: PreparedCohort, folder: Path, device: str = "cpu") -> dict[str, Any]:
    """Judge a finished model on every case of a cohort and write the report into ``folder``.

    :return: what is in ``evaluation.json``; ``novelty`` tells how usual the model finds the cases.
    :raises Problem: when the cohort shows another region than the model knows.
    """
    region, known = cohort.facts.get("region", "both"), package.facts.settings.get("region", "both")
    if region != known:
        raise Problem(f"The model {package.name} looks at crops of {known}, the cohort shows {region}. Prepare the "
                      f"cohort with --region {known}.")
    network = classifier_of(package, device)
    raw = active_probabilities(network, torch.from_numpy(cohort.images()))
    temperature = package.facts.calibration.get("temperature")
    probabilities = raw if temperature is None else with_temperature(raw, float(temperature))
    found = Predictions.of([case.case for case in cohort.cases], cohort.patients, cohort.labels, probabilities)
    facts = {**known_facts(cohort), "model": package.name, "sha256": package.sha256,
             "calibrated": temperature is not None, "novelty": _novelty(package, cohort, device)}
    return write_classifier_report(folder, f"{package.title}: {cohort.folder.name}", [found],
                                   EvaluationSettings(float(package.facts.settings["threshold"])), facts=facts)


def known_facts(cohort: PreparedCohort, permuted: bool = False) -> dict[str, Any]:
    """What is known about the cohort; the ceiling is that of the true labels."""
    known = {name: value for name, value in cohort.facts.items() if not (permuted and name.startswith("ceiling"))}
    return {**known, "labels_permuted": permuted}


def _novelty(package: ModelPackage, cohort: PreparedCohort, device: str) -> dict[str, float] | None:
    """Median score of the cases, and the share that is called unusual."""
    document = package.document(DOCUMENT)
    if document is None:
        return None
    network = classifier_of(package, device)
    scores = [novelty_of(network, image, cohort.label_map(place), document)
              for place, image in enumerate(cohort.images())]
    return {"median": float(np.median([novelty.score for novelty in scores])),
            "unusual_share": float(np.mean([novelty.is_unusual for novelty in scores]))}


def _title(title: str, permutation: int | None, leak: bool) -> str:
    if permutation is not None:
        return f"{title}: labels permuted"
    return f"{title}: patients leak between folds" if leak else title

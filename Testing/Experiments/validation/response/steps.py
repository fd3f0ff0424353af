"""Parts of the validation that evaluate models on a whole cohort at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from IVGCResponseLib import task
from IVGCResponseLib.clinical import FEATURES
from IVGCResponseLib.inventory import RESPONSE_MODEL
from IVGCResponseLib.task import CONFIGS, TASK, estimator_of, predictor_of
from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.classifiers.judging import judge_package
from NeuroOrbitLib.classifiers.model_contributions import (
    CLINICAL,
    IMAGE,
    RADIOMICS,
    contributions_of,
    scores_by,
)
from NeuroOrbitLib.classifiers.training_config import load_classifier_config
from NeuroOrbitLib.evaluation.classification.roc import area_under_curve, delong_interval, delong_test
from NeuroOrbitLib.jobs.progress import Progress
from NeuroOrbitLib.models import ModelPackage, find_package
from Testing.Experiments.reproduction.results import kept

#: The model that the promises are about, and the model that must not be better.
MODEL, OTHER = "ivgc-rdinet", "ivgc-radiomics"
PARTS_OF_MODEL = {"image alone": (IMAGE,), "image and radiomics": (IMAGE, RADIOMICS), "clinical alone": (CLINICAL,),
                  "radiomics alone": (RADIOMICS,), "without the image": (RADIOMICS, CLINICAL)}
RIVALS = {"resnet50_compact": "ResNet-50, image alone", "rdinet_compact": "RDINet, image and radiomics",
          "clinical": "clinical features alone", "early_compact": "early concatenation",
          "rdinet_clinical_compact": "RDINet (clinical), learned again"}
#: Number of first patients (at most half of the cohort) for training on permuted labels, and epochs of this training.
TAUGHT, EPOCHS = 117, 10


def shipped(name: str) -> ModelPackage:
    """Return a package that comes with the extension."""
    return find_package(name, accepts=RESPONSE_MODEL.includes)


def packages(cohort: Cohort, folder: Path) -> dict[str, Any]:
    """Return the performance of the shipped packages, and of RDINet (clinical) by some inputs, by DeLong's test."""
    judged = {name: judge_package(task, shipped(name), cohort, folder / name) for name in (MODEL, OTHER)}
    predictor = predictor_of(shipped(MODEL))
    whole = scores_of_package(cohort)
    return {"packages": {name: {"auc": found["measures"]["auc"], "ece": found["measures"]["ece"]["mean"],
                                "unusual": found["novelty"]["unusual_share"]} for name, found in judged.items()},
            "parts": compared(cohort, whole, {name: scores_by(predictor, cohort, inputs, TASK.positive)
                                              for name, inputs in PARTS_OF_MODEL.items()})}


def inputs(cohort: Cohort, progress: Progress) -> dict[str, Any]:
    """Return the contributions of each clinical feature and each group of inputs of RDINet (clinical) to its AUC."""
    found = contributions_of(task, shipped(MODEL), cohort, progress=progress)
    titles = FEATURES.titles()
    return {"groups": dict(found.groups), "features": [{**asdict(each), "title": titles.get(each.name, each.name)}
                                                       for each in found.numbers]}


def scores_of_package(cohort: Cohort) -> np.ndarray:
    """Return the probability of every patient by RDINet (clinical), (cases,)."""
    return predictor_of(shipped(MODEL)).probabilities(cohort, range(len(cohort)))[:, TASK.positive]


def compared(cohort: Cohort, whole: np.ndarray, others: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the AUC of each of the others with its interval, and DeLong's test of the whole model against it."""
    found = {}
    for name, scores in others.items():
        test = delong_test(cohort.labels, whole, scores)
        found[name] = {"auc": area_under_curve(cohort.labels, scores),
                       "interval": asdict(delong_interval(cohort.labels, scores)),
                       "difference": asdict(test.difference), "p": test.p_value}
    return found


def trained(cohort: Cohort, learned: Cohort, folder: Path, progress: Progress) -> dict[str, Any]:
    """Return the comparison of RDINet (clinical) with models of fewer inputs, and with early concatenation of the same.

    :param learned: patients on whom they are trained.
    """
    said = {}
    for number, name in enumerate(RIVALS):
        progress(0.6 + 0.4 * number / len(RIVALS), f"Training {RIVALS[name]}")
        said[name] = np.array(kept(folder / f"{name}.json", lambda name=name: {
            "scores": _scores_after(name, learned, cohort, folder / name)})["scores"])
    return {"patients": len(learned), "rivals": compared(cohort, scores_of_package(cohort), {
        RIVALS[name]: scores for name, scores in said.items()})}


def noise(cohort: Cohort, folder: Path, permutations: int, progress: Progress) -> dict[str, Any]:
    """Return the AUC of RDINet (clinical) trained on permuted labels, on permuted labels of other patients."""
    config = load_classifier_config("rdinet_clinical_compact", CONFIGS, [f"schedule.epochs={EPOCHS}"])
    count = min(TAUGHT, len(cohort) // 2)
    taught, judged = range(count), range(count, len(cohort))
    found = []
    for seed in range(permutations):
        progress(seed / permutations, "Learning from permuted labels")
        permuted = cohort.permuted(seed + 1)

        def one(seed: int = seed, permuted: Cohort = permuted) -> dict[str, Any]:
            predictor = estimator_of(config).fit(permuted, taught, folder / str(seed), seed)
            scores = predictor.probabilities(permuted, judged)[:, TASK.positive]
            return {"auc": area_under_curve(permuted.labels[list(judged)], scores)}

        found.append(kept(folder / f"{seed}.json", one)["auc"])
    return {"auc": found, "taught": count, "epochs": EPOCHS}


def _scores_after(name: str, learned: Cohort, cohort: Cohort, folder: Path) -> list[float]:
    config = load_classifier_config(name, CONFIGS)
    if config.schedule is not None:  # as long as the package was trained
        epochs = shipped(MODEL).facts.settings["training"]["schedule"]["epochs"]
        config = load_classifier_config(name, CONFIGS, [f"schedule.epochs={epochs}"])
    predictor = estimator_of(config).fit(learned, range(len(learned)), folder, 0)
    return predictor.probabilities(cohort, range(len(cohort)))[:, TASK.positive].tolist()

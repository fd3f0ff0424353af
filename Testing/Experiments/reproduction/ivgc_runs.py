"""Runs the reproduction of Zhang et al. 2026 step by step; finished steps are stored in files and not repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from IVGCResponseLib import task
from IVGCResponseLib.clinical import FEATURES
from IVGCResponseLib.inventory import RESPONSE_MODEL
from IVGCResponseLib.muscle_groups import STRATEGIES
from IVGCResponseLib.synthetic.cohort import make_cohort
from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.classifiers.crossvalidation import Plan
from NeuroOrbitLib.classifiers.judging import judge_by_split, judge_package, out_of_fold
from NeuroOrbitLib.classifiers.model_contributions import contributions_of
from NeuroOrbitLib.classifiers.sources import SELECTION
from NeuroOrbitLib.classifiers.tabular import TabularEstimator
from NeuroOrbitLib.classifiers.training_config import ClassifierConfig
from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.jobs.progress import Progress, part
from NeuroOrbitLib.models import find_package
from NeuroOrbitLib.radiomics.columns import beginning_of
from Testing.Experiments.reproduction.ivgc_plan import ABLATION, LEARNERS, NETWORKS, PACKAGES, Scale
from Testing.Experiments.reproduction.results import kept
from Testing.Experiments.validation.response.patients import leaders

#: Group of muscles of the estimator whose AUC on permuted labels shows the effect of chance and of leakage.
NOISE_GROUP = "MR+LR"
#: Beginning of the names of the steps that evaluate a package, and the step that compares the explanations of all.
OF_PACKAGE, LEADERS = "package-", "leaders"
#: Function that does one step and returns its result.
Step = Callable[[Progress], Any]


def run_all(scale: Scale, folder: Path, device: str, progress: Progress) -> None:
    """Run every step of the scale's parts; its result is then in ``folder``."""
    cohort = make_cohort(folder / "cohort", scale.cohort, scale.settings, progress=part(progress, 0.0, 0.3))
    steps = {name: step for key in scale.parts for name, step in steps_of(key, scale, cohort, folder, device).items()}
    for number, (name, step) in enumerate(steps.items()):
        low, high = (0.3 + 0.7 * place / len(steps) for place in (number, number + 1))
        part(progress, low, high)(0.0, name)
        about = [key for key in PACKAGES if name in (OF_PACKAGE + key, LEADERS)]
        kept(folder / name / "evaluation.json", lambda step=step, low=low, high=high: step(part(progress, low, high)),
             *map(find_package, about))
    progress(1.0, "Done")


def steps_of(key: str, scale: Scale, cohort: Cohort, folder: Path, device: str) -> Mapping[str, Step]:
    """Return the steps of a part by the names of their folders."""
    if key == "groups":
        equal = {"equal": lambda progress: equal_groups(scale, folder, progress)} if scale.equal else {}
        return {"groups": lambda _progress: groups_by_folds(cohort), **equal}
    if key == "noise":
        network = {"network-noise": lambda progress: network_noise(scale, cohort, folder, device, progress)}
        return {"noise": lambda progress: noise(cohort, scale.permutations, progress),
                **(network if scale.network_permutations else {})}
    if key == "packages":
        judged = {OF_PACKAGE + name: lambda progress, name=name: shipped(name, cohort, folder, progress)
                  for name in PACKAGES}
        led = {LEADERS: lambda progress: leaders(scale.cohort, folder / LEADERS, scale.leaders, progress)}
        return {**judged, **led}
    return {name: lambda progress, name=name, config=config: split(cohort, config, folder / name, device, progress)
            for name, config in trainings_of(key, scale).items()}


def trainings_of(key: str, scale: Scale) -> Mapping[str, ClassifierConfig]:
    """Return what a part trains on the training patients, by the names of the steps' folders."""
    if key == "muscles":
        return {f"{group}-{learner}": scale.numbers("radiomics", (group,), (learner,))
                for group in STRATEGIES for learner in LEARNERS}
    if key == "learners":
        return {name: scale.numbers(name) for name in ("radiomics", "clinical", "signal_ratio")}
    if key == "networks":
        return {"resnet50": scale.network("resnet50"), **{f"{name}-{group}": scale.network(name, group)
                                                          for name in list(NETWORKS)[1:] for group in scale.groups}}
    if key == "ablation":
        return {f"k-{count}": scale.network("rdinet_clinical", scale.groups[0], count)
                for count in ABLATION if scale.ablation}
    return {"volume-fit": scale.volume_network()} if scale.volume_epochs else {}


def split(cohort: Cohort, config: ClassifierConfig, folder: Path, device: str, progress: Progress) -> dict[str, Any]:
    """Return the evaluation on the test part of a configuration trained on the training part."""
    found = judge_by_split(task.TASK, cohort, task.estimator_of(config, device), folder, Plan(config.folds, seed=0),
                           config.title, config.threshold, progress=progress)
    return {**found, "epochs": config.schedule.epochs if config.schedule else None}


def groups_by_folds(cohort: Cohort) -> dict[str, Any]:
    """Return the AUC of every group of muscles by one 5-fold cross-validation of logistic regression."""
    found = {}
    for group in STRATEGIES:
        reached = out_of_fold(cohort, on_features(group, SELECTION), cohort.folder / "none", Plan(seed=1))
        found[group] = area_under_curve(reached.labels, reached.probabilities)
    return {"auc": found, "spread": float(np.std(list(found.values()), ddof=1))}


def equal_groups(scale: Scale, folder: Path, progress: Progress) -> dict[str, Any]:
    """Return the same for patients whose muscles are equally informative."""
    return groups_by_folds(make_cohort(folder / "equal-cohort", scale.equal_cohort, scale.settings, progress=progress))


def noise(cohort: Cohort, permutations: int, progress: Progress) -> dict[str, Any]:
    """Return the AUC on permuted labels with selection inside the folds, and with the leak of selecting outside.

    The selection by difference and LASSO is done on each training part, or once on all patients.
    """
    selection = {name: of for name, of in SELECTION.items() if name != "reproducibility"}
    inside, outside = [], []
    for seed in range(permutations):
        progress(seed / permutations, "Permuting labels")
        permuted, plan = cohort.permuted(seed + 1), Plan(seed=seed)
        honest = on_features(NOISE_GROUP, selection)
        inside.append(_auc(permuted, honest, plan))
        peeked = honest.fit(permuted, range(len(cohort)), seed=seed).selected
        outside.append(_auc(permuted, TabularEstimator("peeked", peeked), plan))
    return {"inside": inside, "outside": outside}


def network_noise(scale: Scale, cohort: Cohort, folder: Path, device: str, progress: Progress) -> dict[str, Any]:
    """Return the test AUC of RDINet (clinical) on permuted labels."""
    config, found = scale.network("rdinet_clinical"), []
    for seed in range(scale.network_permutations):
        place = folder / "network-noise" / str(seed)
        result = kept(place / "evaluation.json", lambda seed=seed, place=place: judge_by_split(
            task.TASK, cohort, task.estimator_of(config, device), place, Plan(permutation=seed + 1), config.title,
            progress=part(progress, seed / scale.network_permutations, 1.0)))
        found.append(result["measures"]["auc"]["mean"])
    return {"inside": found}


def shipped(name: str, cohort: Cohort, folder: Path, progress: Progress) -> dict[str, Any]:
    """Return the evaluation of a shipped package on all patients, and the contributions of its inputs."""
    package, place = find_package(name, accepts=RESPONSE_MODEL.includes), folder / f"{OF_PACKAGE}{name}"
    judged = judge_package(task, package, cohort, place / "judged")
    inputs = contributions_of(task, package, cohort, progress=progress)
    inputs.write(place, FEATURES.titles())
    return {**judged, "contributions": inputs.as_data()}


def on_features(group: str, selection: Mapping[str, Mapping[str, Any]]) -> TabularEstimator:
    """Return logistic regression on the radiomics features of a group of muscles."""
    return TabularEstimator(group, (), "logistic", selection, beginning=beginning_of(group))


def _auc(cohort: Cohort, estimator: TabularEstimator, plan: Plan) -> float:
    found = out_of_fold(cohort, estimator, cohort.folder / "none", replace(plan, permutation=None))
    return area_under_curve(found.labels, found.probabilities)

"""Running the reproduction of Zhang et al. 2026 step by step; what is done is kept in files and not done again."""

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
from IVGCResponseLib.pipeline import explain_image
from IVGCResponseLib.synthetic.cohort import make_cohort
from IVGCResponseLib.synthetic.plan import plan_patients
from IVGCResponseLib.synthetic.scans import make_scan
from IVGCResponseLib.task import predictor_of
from NeuroOrbitLib.classifiers.answer import calibrated_probability
from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.classifiers.crossvalidation import Plan
from NeuroOrbitLib.classifiers.judging import judge_by_split, judge_package, out_of_fold
from NeuroOrbitLib.classifiers.model_contributions import contributions_of
from NeuroOrbitLib.classifiers.question import Question
from NeuroOrbitLib.classifiers.sources import SELECTION
from NeuroOrbitLib.classifiers.tabular import TabularEstimator
from NeuroOrbitLib.classifiers.training_config import ClassifierConfig
from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.jobs.progress import Progress, part
from NeuroOrbitLib.models import ModelPackage, find_package
from NeuroOrbitLib.radiomics.columns import beginning_of
from Testing.Experiments.reproduction.ivgc_plan import ABLATION, LEARNERS, NETWORKS, PACKAGES, Scale
from Testing.Experiments.reproduction.results import kept

#: Of the estimator whose AUC on permuted labels shows what chance and what leakage reach.
NOISE_GROUP = "MR+LR"


def run_all(scale: Scale, folder: Path, device: str, progress: Progress) -> None:
    """Run every step; ``folder`` then holds a result for each."""
    cohort = make_cohort(folder / "cohort", scale.cohort, scale.settings, progress=part(progress, 0.0, 0.3))
    steps = steps_of(scale, cohort, folder, device)
    for number, (name, step) in enumerate(steps.items()):
        low, high = (0.3 + 0.6 * place / len(steps) for place in (number, number + 1))
        part(progress, low, high)(0.0, name)
        kept(folder / name / "evaluation.json", lambda step=step, low=low, high=high: step(part(progress, low, high)))
    if scale.equal:
        equal = make_cohort(folder / "equal-cohort", scale.equal_cohort, scale.settings,
                            progress=part(progress, 0.9, 0.98))
        kept(folder / "equal" / "evaluation.json", lambda: groups_by_folds(equal))
    progress(1.0, "Done")


def steps_of(scale: Scale, cohort: Cohort, folder: Path, device: str) -> Mapping[str, Callable[[Progress], Any]]:
    """Return every step after the cohort by the name of its folder."""
    found: dict[str, Callable[[Progress], Any]] = {}

    def add(name: str, config: ClassifierConfig) -> None:
        found[name] = lambda progress: split(cohort, config, folder / name, device, progress)

    for group in STRATEGIES:
        for learner in LEARNERS:
            add(f"{group}-{learner}", scale.numbers("radiomics", (group,), (learner,)))
    for key in ("radiomics", "clinical", "signal_ratio"):
        add(key, scale.numbers(key))
    add("resnet50", scale.network("resnet50"))
    for key in list(NETWORKS)[1:]:
        for group in scale.groups:
            add(f"{key}-{group}", scale.network(key, group))
    if scale.ablation:
        for count in ABLATION:
            add(f"k-{count}", scale.network("rdinet_clinical", scale.groups[0], count))
    found["groups"] = lambda progress: groups_by_folds(cohort)
    found["noise"] = lambda progress: noise(cohort, scale.permutations, progress)
    for name in PACKAGES:
        found[f"package-{name}"] = lambda progress, name=name: shipped(name, scale, cohort, folder, progress)
    if scale.network_permutations:
        found["network-noise"] = lambda progress: network_noise(scale, cohort, folder, device, progress)
    return found


def split(cohort: Cohort, config: ClassifierConfig, folder: Path, device: str, progress: Progress) -> dict[str, Any]:
    """Return the judgement of a configuration that has learned from the training part, on the test part."""
    return judge_by_split(task.TASK, cohort, task.estimator_of(config, device), folder, Plan(config.folds, seed=0),
                          config.title, config.threshold, progress=progress)


def groups_by_folds(cohort: Cohort) -> dict[str, Any]:
    """Return the AUC of every group of muscles by one 5-fold cross-validation of logistic regression."""
    found = {}
    for group in STRATEGIES:
        reached = out_of_fold(cohort, on_features(group, SELECTION), cohort.folder / "none", Plan(seed=1))
        found[group] = area_under_curve(reached.labels, reached.probabilities)
    return {"auc": found, "spread": float(np.std(list(found.values()), ddof=1))}


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


def shipped(name: str, scale: Scale, cohort: Cohort, folder: Path, progress: Progress) -> dict[str, Any]:
    """Return the judgement of a shipped package on all patients, what its inputs contribute, and how often the muscle
    that leads the explanation is the one that the generator made lead."""
    package, place = find_package(name, accepts=RESPONSE_MODEL.includes), folder / f"package-{name}"
    judged = judge_package(task, package, cohort, place / "judged")
    inputs = contributions_of(task, package, cohort, progress=part(progress, 0.1, 0.4))
    inputs.write(place, FEATURES.titles())
    return {**judged, "contributions": inputs.as_data(),
            "leaders": leaders(package, scale, cohort, part(progress, 0.4, 1.0))}


def leaders(package: ModelPackage, scale: Scale, cohort: Cohort, progress: Progress) -> dict[str, int]:
    """Return of how many correctly called responders the leading muscle was found."""
    found = predictor_of(package).probabilities(cohort, range(len(cohort)))[:, task.RESPONDER]
    called = [patient for patient, probability in zip(plan_patients(scale.cohort), found, strict=True)
              if patient.label == task.RESPONDER
              and calibrated_probability(package, probability)[0] >= package.facts.settings["threshold"]]
    right = 0
    for number, patient in enumerate(called[:scale.leaders]):
        progress(number / scale.leaders, "Explaining responders")
        scan = make_scan(patient)
        _, why = explain_image(scan.image, package, scan.labels, Question(patient.clinical, anyway=True, engine="own"))
        right += why.leading == patient.leader
    return {"found": right, "asked": len(called[:scale.leaders])}


def on_features(group: str, selection: Mapping[str, Mapping[str, Any]]) -> TabularEstimator:
    """Return logistic regression on the radiomics features of a group of muscles."""
    return TabularEstimator(group, (), "logistic", selection, beginning=beginning_of(group))


def _auc(cohort: Cohort, estimator: TabularEstimator, plan: Plan) -> float:
    found = out_of_fold(cohort, estimator, cohort.folder / "none", replace(plan, permutation=None))
    return area_under_curve(found.labels, found.probabilities)

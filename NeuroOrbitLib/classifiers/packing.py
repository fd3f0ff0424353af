"""Training a classifier on a whole cohort and packing it with its calibration.

Beside weights and card a package contains documents (:meth:`NeuroOrbitLib.models.package.ModelPackage.document`), whose
hashes are checked: ``evaluation``, the cross-validation's measures with the points of its curves
(:func:`NeuroOrbitLib.evaluation.classification.curves.evaluation_document`), absent without a cross-validation;
``numbers``, the numbers that the classifier takes and their scaling, absent if it takes images only; ``choice``, the
estimators that were compared and the chosen one, if the training made a choice; ``learned``, the training cases
(:mod:`NeuroOrbitLib.classifiers.learned_cases`); and documents of the task, e.g. the reference for later scans. The
calibration contains the ``temperature`` and, with two or more repeats, the ``spread`` from which intervals are computed
(:mod:`NeuroOrbitLib.classifiers.interval`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.classifiers.crossvalidation import Plan, described, positive_column
from NeuroOrbitLib.classifiers.interval import measure_spread
from NeuroOrbitLib.classifiers.learned_cases import DOCUMENT, learned_document
from NeuroOrbitLib.classifiers.nested import ChosenPredictor
from NeuroOrbitLib.classifiers.network_estimator import NetworkEstimator, NetworkPredictor
from NeuroOrbitLib.classifiers.number_predictor import NumberPredictor
from NeuroOrbitLib.classifiers.package_predictor import NUMBERS, PackagePredictor
from NeuroOrbitLib.classifiers.plain_parameters import plain_parameters
from NeuroOrbitLib.classifiers.tabular import TabularPredictor
from NeuroOrbitLib.classifiers.task import Estimator, Predictor, Task
from NeuroOrbitLib.classifiers.training_config import ClassifierConfig
from NeuroOrbitLib.evaluation.classification.calibration import fit_temperature, log_odds
from NeuroOrbitLib.evaluation.classification.curves import evaluation_document
from NeuroOrbitLib.evaluation.classification.predictions import Predictions, read_predictions
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.jobs.tasks import PLAN_NAME, RESULT_NAME, check_plan, read_result
from NeuroOrbitLib.models import ModelFacts, ModelPackage, check_place, write_package
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

CHOICE = "choice"
REPORTED = ("auc", "accuracy", "sensitivity", "specificity", "ece")
#: Returns the documents that a task adds to a package, given the trained predictor and its training cohort.
Documents = Callable[[PackagePredictor, Cohort], Mapping[str, Any]]


@dataclass(frozen=True)
class PackageWords:
    """The statements that are the same in every package of a task.

    :param version: version of the packages; increased after every change to network, training or synthetic cohort.
    :param modality: images for which the models are made.
    :param description: description of the network, for the card.
    :param settings: settings of the task's preparation, beside kind, threshold and training.
    :param positives: name of the positive cases in the statement about the training data, e.g. ``"active"``.
    """

    version: str
    modality: str
    description: str
    settings: Mapping[str, Any]
    positives: str


def train_package(task: Task, cohort: Cohort, estimator: Estimator, config: ClassifierConfig, words: PackageWords,
                  output: Path, crossvalidation: Path | None = None, documents: Documents | None = None,
                  progress: Progress = silent, half: bool = False) -> ModelPackage:
    """Train on every case of a cohort, write the model package and return it.

    :param task: task of the cohort.
    :param cohort: training cases.
    :param estimator: estimator that was made from ``config``.
    :param config: configuration of the estimator.
    :param words: statements of the package about itself.
    :param output: folder of the package.
    :param crossvalidation: folder of results of the cross-validation of this cohort and estimator; without it the
        package is not calibrated and says so.
    :param documents: returns the documents that the task adds.
    :param progress: receives the fraction done and a message.
    :param half: whether to store the weights of a network in half precision.
    :raises Problem: when the folder contains another training or other files, the cross-validation does not belong to
        this cohort and estimator, or the trained model cannot be packed.
    """
    output, config = output.absolute(), _as_built(estimator, config)
    check_place(output)
    if documents and not cohort.has_images:
        raise Problem(_("The cohort {folder} holds numbers alone, and a package needs the images of its training to "
                        "recognise unusual scans. Make the cohort with its images; crossvalidate works without "
                        "them.").format(folder=cohort.folder))
    working = output.with_name(output.name + ".training")
    check_plan(working, {"config": estimator.settings(), "seed": config.seed, "cases": cohort.fingerprint()})
    judged = judged_by(cohort, estimator, crossvalidation, config.threshold, task.positive)
    packed = packed_of(estimator.fit(cohort, range(len(cohort)), working, config.seed, progress), config)
    added = documents(packed.predictor, cohort) if documents else {}
    if cohort.has_images:
        added = {**added, DOCUMENT: learned_document(cohort)}
    return write_package(output, packed.weights, _facts(task, cohort, config, words, judged, packed),
                         half and isinstance(packed.predictor, NetworkPredictor),
                         {**added, **packed.documents, **judged.documents})


def _as_built(estimator: Estimator, config: ClassifierConfig) -> ClassifierConfig:
    """Return the configuration without options that the network is not built with, such as its initial weights."""
    return estimator.config if isinstance(estimator, NetworkEstimator) else config


@dataclass(frozen=True)
class Packed:
    """A trained model in the form that a package stores.

    :param predictor: predictor as it will be read from the package.
    :param network: name of the network in the module's registry, or in the registry of learners on numbers.
    :param arguments: arguments that the network is built with.
    :param weights: weights by name.
    :param documents: documents ``numbers`` and ``choice``, where they apply.
    """

    predictor: PackagePredictor
    network: str
    arguments: Mapping[str, Any]
    weights: Mapping[str, Any]
    documents: Mapping[str, Any]


def packed_of(predictor: Predictor, config: ClassifierConfig) -> Packed:
    """Return a trained model in the form that a package stores.

    :raises Problem: for a predictor that cannot be written as plain tensors.
    """
    if isinstance(predictor, ChosenPredictor):
        inner = packed_of(predictor.predictor, config)
        choice = {"chosen": predictor.chosen, "reached": {name: round(auc, 4) for name, auc in
                                                          predictor.reached.items()}}
        return replace(inner, documents={**inner.documents, CHOICE: choice})
    if isinstance(predictor, TabularPredictor):
        name, arguments, weights = plain_parameters(predictor)
        own = NumberPredictor.build(name, arguments, weights, predictor.selected)
        return Packed(own, name, arguments, weights, {NUMBERS: {"columns": list(predictor.selected)}})
    if not isinstance(predictor, NetworkPredictor):
        raise Problem(_("What {name} has learned cannot be written to a package. Choose another configuration.").format(
            name=config.name))
    predictor.network.to("cpu")
    numbers = {name: group.as_data() for name, group in predictor.numbers.items()}
    sizes = {name: len(group) for name, group in predictor.numbers.items()}
    return Packed(predictor, config.network, {**config.network_options, **sizes}, predictor.network.state_dict(),
                  {NUMBERS: numbers} if numbers else {})


@dataclass(frozen=True)
class Judged:
    """The results of a cross-validation of a configuration; empty without a cross-validation.

    :param calibration: temperature and its origin, and the spread if it is known.
    :param performance: measures for the card, by description.
    :param documents: the document ``evaluation``.
    """

    calibration: dict[str, Any] = field(default_factory=dict)
    performance: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, Any] = field(default_factory=dict)


def judged_by(cohort: Cohort, estimator: Estimator, folder: Path | None, threshold: float,
              positive: int = 1) -> Judged:
    """Return calibration and performance from a finished cross-validation.

    :param cohort: cohort that was cross-validated.
    :param estimator: estimator that was cross-validated.
    :param folder: folder of the cross-validation's results; None for none.
    :param threshold: probability from which on the package calls a case positive.
    :param positive: label of the class whose probability was judged.
    :raises Problem: when the folder contains no finished cross-validation, or one of another cohort or estimator, or
        one that was judged at another threshold.
    """
    if folder is None:
        return Judged()
    place, plan_file = folder / "evaluation.json", folder / "trainings" / PLAN_NAME
    if not place.is_file() or not plan_file.is_file():
        raise Problem(_("{folder} holds no finished cross-validation. Run crossvalidate first, or leave it "
                        "out.").format(
            folder=folder))
    expected = json.loads(json.dumps(described(cohort, estimator, Plan())))
    if json.loads(plan_file.read_text(encoding="utf-8")) != expected:
        raise Problem(_("The cross-validation in {folder} is of another cohort or configuration. Choose its "
                        "own.").format(
            folder=folder))
    results = json.loads(place.read_text(encoding="utf-8"))
    if results["threshold"] != threshold:
        raise Problem(_("The cross-validation in {folder} was judged at the threshold {judged:g}, and the package is "
                        "to decide at {threshold:g}. Repeat crossvalidate with --set threshold={threshold:g}.").format(
            folder=folder, judged=results["threshold"], threshold=threshold))
    kind = "synthetic" if cohort.is_synthetic else "cross-validated"
    measured = {f"{name}, mean over repeats ({kind})": round(results["measures"][name]["mean"], 4)
                for name in REPORTED}
    repeats = raw_repeats(cohort, folder / "trainings", positive)
    document = evaluation_document(results, read_predictions(folder / "predictions.csv"))
    return Judged(calibration_of(repeats, f"{len(cohort)} {kind} scans"), measured, {"evaluation": document})


def raw_repeats(cohort: Cohort, trainings: Path, positive: int = 1) -> list[Predictions]:
    """Return the uncalibrated out-of-fold predictions of every finished repeat in a folder of trainings."""
    found, truth = [], (cohort.labels == positive).astype(int)
    for repeat in sorted(trainings.glob("repeat-*")):
        probabilities = np.full(len(cohort), np.nan)
        for path in repeat.glob(f"*/{RESULT_NAME}"):
            result = read_result(repeat, path.parent.name)
            probabilities[result["held_out"]] = positive_column(result["probabilities"], positive)
        if np.isfinite(probabilities).all():
            found.append(Predictions.of(cohort.names, cohort.patients, truth, probabilities))
    return found


def calibration_of(repeats: list[Predictions], data: str) -> dict[str, Any]:
    """Return the temperature fitted to out-of-fold predictions, and their spread if there are several repeats.

    :param repeats: uncalibrated out-of-fold predictions of each repeat.
    :param data: description of the predicted cases for the card, e.g. ``"160 synthetic scans"``.
    """
    odds = np.concatenate([log_odds(repeat.probabilities) for repeat in repeats])
    temperature = fit_temperature(odds, np.tile(repeats[0].labels, len(repeats)))
    spread = measure_spread(repeats)
    return {"temperature": round(temperature, 4), "method": "temperature scaling",
            "fitted_on": f"out-of-fold predictions of {data}", **({"spread": spread.as_data()} if spread else {})}


def _facts(task: Task, cohort: Cohort, config: ClassifierConfig, words: PackageWords, judged: Judged,
           packed: Packed) -> ModelFacts:
    """Return the facts of the package; the numbers of selected columns are among the arguments of its network."""
    origin = "synthetic phantoms" if cohort.is_synthetic else "a user's cohort"
    positives = int((cohort.labels == task.positive).sum())
    mixed = f", {cohort.synthetic_cases} of the scans synthetic" if not cohort.is_synthetic and (
        cohort.synthetic_cases) else ""
    return ModelFacts(
        name=config.name, version=words.version, title=config.title, modality=words.modality,
        labels=tuple(each.key for each in task.classes),
        training_data=f"{origin}: {len(cohort)} scans of {len(set(cohort.patients))} patients, {positives} "
        f"{words.positives}{mixed}",
        license="Apache-2.0" if cohort.is_synthetic else "as the owner of the training images decides",
        network=packed.network, network_arguments=packed.arguments,
        settings={"kind": task.kind, **words.settings, "threshold": config.threshold, "training": config.as_dict()},
        calibration=judged.calibration, description=words.description, performance=judged.performance,
    )

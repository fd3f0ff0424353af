"""Training on a whole cohort and packing the classifier up with its calibration.

Beside weights and card a package holds two documents (:meth:`NeuroOrbitLib.models.ModelPackage.document`; hashes are
checked): ``evaluation``, the cross-validation's measures with the points of its ROC and reliability diagram
(:func:`NeuroOrbitLib.evaluation.classification.curves.evaluation_document` says which keys), absent when there was
none; and ``familiar``, what later scans are compared with (:mod:`TAOActivityLib.familiarity`). The calibration holds the
``temperature`` and, from two repeats on, the ``spread`` of which intervals are made
(:mod:`NeuroOrbitLib.classifiers.interval`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.classifiers.crossvalidation import PLAN_NAME, RESULT_NAME, check_plan
from NeuroOrbitLib.classifiers.interval import measure_spread
from NeuroOrbitLib.classifiers.training_config import ClassifierConfig
from NeuroOrbitLib.evaluation.classification.calibration import fit_temperature, log_odds
from NeuroOrbitLib.evaluation.classification.curves import evaluation_document
from NeuroOrbitLib.evaluation.classification.predictions import Predictions, read_predictions
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.models import ModelFacts, ModelPackage, check_place, write_package
from NeuroOrbitLib.privacy import fingerprint
from NeuroOrbitLib.problem import Problem
from TAOActivityLib.experiment import train_on
from TAOActivityLib.familiarity import DOCUMENT as FAMILIAR
from TAOActivityLib.familiarity import familiarity_document
from TAOActivityLib.inventory import CLASS_NAMES
from TAOActivityLib.networks.registry import find
from TAOActivityLib.pipeline import PACKAGE_KIND
from TAOActivityLib.prepared_cohort import PreparedCohort

#: Of the packages that this code trains; higher after every change to network, training or synthetic cohort.
VERSION = "0.2.0"
REPORTED = ("auc", "accuracy", "sensitivity", "specificity", "ece")


def train_package(cohort: PreparedCohort, config: ClassifierConfig, output: Path, crossvalidation: Path | None = None,
                  device: str = "cpu", progress: Progress = silent) -> ModelPackage:
    """Train on every case and write the package.

    :param crossvalidation: results of the cross-validation of this cohort and configuration; without it the package
        is not calibrated and says so.
    :raises Problem: when the folder holds another training or other files, or the cross-validation is of something
        else.
    """
    output = output.absolute()
    check_place(output)
    working = output.with_name(output.name + ".training")
    check_plan(working, {"config": config.as_dict(), "cases": [case.case for case in cohort.cases]})
    judged = _judged(cohort, config, crossvalidation)
    everyone = tuple(range(len(cohort.cases)))
    network = train_on(cohort, everyone, cohort.labels, config, working, config.seed, device, progress).to("cpu")
    label_maps = np.stack([cohort.label_map(place) for place in everyone])
    documents = {FAMILIAR: familiarity_document(network, cohort.images(), label_maps), **judged.documents}
    facts = _facts(cohort, config, judged)
    return write_package(output, network.state_dict(), facts, documents=documents)


@dataclass(frozen=True)
class Judged:
    """What a cross-validation says about a configuration; nothing when there was none."""

    calibration: dict[str, Any] = field(default_factory=dict)
    performance: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, Any] = field(default_factory=dict)


def _judged(cohort: PreparedCohort, config: ClassifierConfig, folder: Path | None) -> Judged:
    """Calibration and performance from the out-of-fold predictions of a cross-validation."""
    if folder is None:
        return Judged()
    place, plan_file = folder / "evaluation.json", folder / "trainings" / PLAN_NAME
    if not place.is_file() or not plan_file.is_file():
        raise Problem(f"{folder} holds no finished cross-validation. Run crossvalidate first, or leave it out.")
    plan = json.loads(plan_file.read_text(encoding="utf-8"))
    settings = {name: value for name, value in json.loads(json.dumps(config.as_dict())).items() if name != "repeats"}
    cases = fingerprint(case.case for case in cohort.cases)
    if plan["config"] != settings or plan["cases"] != cases or not plan["by_patient"] \
            or plan["labels"] != cohort.labels.tolist():
        raise Problem(f"The cross-validation in {folder} is of another cohort or configuration. Choose its own.")
    results = json.loads(place.read_text(encoding="utf-8"))
    kind = "synthetic" if cohort.is_synthetic else "cross-validated"
    measured = {f"{name}, mean over repeats ({kind})": round(results["measures"][name]["mean"], 4)
                for name in REPORTED}
    repeats = raw_repeats(cohort, folder / "trainings")
    document = evaluation_document(results, read_predictions(folder / "predictions.csv"))
    return Judged(_calibration(repeats, f"{len(cohort.cases)} {kind} scans"), measured, {"evaluation": document})


def raw_repeats(cohort: PreparedCohort, trainings: Path) -> list[Predictions]:
    """Out-of-fold predictions of every finished repeat before calibration."""
    found = []
    for repeat in sorted(trainings.glob("repeat-*")):
        probabilities = np.full(len(cohort.cases), np.nan)
        for path in repeat.glob(f"*/{RESULT_NAME}"):
            result = json.loads(path.read_text(encoding="utf-8"))
            probabilities[result["held_out"]] = result["probabilities"]
        if np.isfinite(probabilities).all():
            found.append(Predictions.of([case.case for case in cohort.cases], cohort.patients, cohort.labels,
                                        probabilities))
    return found


def _calibration(repeats: list[Predictions], data: str) -> dict[str, Any]:
    odds = np.concatenate([log_odds(repeat.probabilities) for repeat in repeats])
    temperature = fit_temperature(odds, np.tile(repeats[0].labels, len(repeats)))
    spread = measure_spread(repeats)
    return {"temperature": round(temperature, 4), "method": "temperature scaling",
            "fitted_on": f"out-of-fold predictions of {data}", **({"spread": spread.as_data()} if spread else {})}


def _facts(cohort: PreparedCohort, config: ClassifierConfig, judged: Judged) -> ModelFacts:
    origin = "synthetic phantoms" if cohort.is_synthetic else "a user's cohort"
    entry = find(config.network)
    settings: dict[str, Any] = {"kind": PACKAGE_KIND, "region": cohort.facts.get("region", "both"),
                                "threshold": config.threshold, "training": config.as_dict()}
    return ModelFacts(
        name=config.name, version=VERSION, title=config.title, modality="MRI, axial fat-suppressed T2",
        labels=CLASS_NAMES,
        training_data=f"{origin}: {len(cohort.cases)} scans of {len(set(cohort.patients))} patients, "
        f"{int(cohort.labels.sum())} active",
        license="Apache-2.0" if cohort.is_synthetic else "as the owner of the training images decides",
        network=config.network, network_arguments=dict(config.network_options), settings=settings,
        calibration=judged.calibration, description=f"{entry.title}. {entry.paper}.", performance=judged.performance,
    )

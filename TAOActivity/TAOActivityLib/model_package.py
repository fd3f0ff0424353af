"""Training on a whole cohort and packing the classifier up with its calibration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.evaluation.calibration import fit_temperature, log_odds
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.models import ModelFacts, ModelPackage, write_package
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.classifier_config import ClassifierConfig
from NeuroOrbitLib.training.repeats import RESULT_NAME, check_plan

from .experiment import train_on
from .networks.registry import find
from .pipeline import PACKAGE_KIND
from .prepared_cohort import PreparedCohort

REPORTED = ("auc", "accuracy", "sensitivity", "specificity", "ece")


def train_package(cohort: PreparedCohort, config: ClassifierConfig, output: Path, crossvalidation: Path | None = None,
                  device: str = "cpu", progress: Progress = silent) -> ModelPackage:
    """Train on every case and write the package.

    :param crossvalidation: results of the cross-validation of this cohort and configuration; without it the package
        is not calibrated and says so.
    :raises Problem: when the folder holds another training, or the cross-validation is of something else.
    """
    working = output.with_name(output.name + ".training")
    check_plan(working, {"config": config.as_dict(), "cases": [case.case for case in cohort.cases]})
    calibration, performance = _judged(cohort, config, crossvalidation)
    everyone = tuple(range(len(cohort.cases)))
    network = train_on(cohort, everyone, cohort.labels, config, working, config.seed, device, progress)
    return write_package(output, network.state_dict(), _facts(cohort, config, calibration, performance))


def _judged(cohort: PreparedCohort, config: ClassifierConfig, folder: Path | None) -> tuple[dict, dict]:
    """Calibration and performance from the out-of-fold predictions of a cross-validation."""
    if folder is None:
        return {}, {}
    place = folder / "evaluation.json"
    plan_file = folder / "trainings" / "plan.json"
    if not place.is_file() or not plan_file.is_file():
        raise Problem(f"{folder} holds no finished cross-validation. Run crossvalidate first, or leave it out.")
    plan = json.loads(plan_file.read_text(encoding="utf-8"))
    settings = {name: value for name, value in json.loads(json.dumps(config.as_dict())).items() if name != "repeats"}
    if plan["config"] != settings or plan["cases"] != [case.case for case in cohort.cases] or not plan["by_patient"]:
        raise Problem(f"The cross-validation in {folder} is of another cohort or configuration. Choose its own.")
    temperature = fit_temperature(*_out_of_fold(folder / "trainings", plan["labels"]))
    results = json.loads(place.read_text(encoding="utf-8"))
    kind = "synthetic" if cohort.is_synthetic else "cross-validated"
    measured = {f"{name}, mean over repeats ({kind})": round(results["measures"][name]["mean"], 4)
                for name in REPORTED}
    return {"temperature": round(temperature, 4), "method": "temperature scaling",
            "fitted_on": f"out-of-fold predictions of {len(cohort.cases)} {kind} scans"}, measured


def _out_of_fold(trainings: Path, labels: list[int]) -> tuple[np.ndarray, np.ndarray]:
    results = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(trainings.glob(f"*/*/{RESULT_NAME}"))]
    places = np.concatenate([result["held_out"] for result in results])
    return log_odds(np.concatenate([result["probabilities"] for result in results])), np.array(labels)[places]


def _facts(cohort: PreparedCohort, config: ClassifierConfig, calibration: dict, performance: dict) -> ModelFacts:
    origin = "synthetic phantoms" if cohort.is_synthetic else "a user's cohort"
    entry = find(config.network)
    settings: dict[str, Any] = {"kind": PACKAGE_KIND, "region": cohort.facts.get("region", "both"),
                                "threshold": config.threshold, "training": config.as_dict()}
    return ModelFacts(
        name=config.name, version="0.1.0", title=config.title, modality="MRI, axial fat-suppressed T2",
        labels=("inactive", "active"),
        training_data=f"{origin}: {len(cohort.cases)} scans of {len(set(cohort.patients))} patients, "
        f"{int(cohort.labels.sum())} active",
        license="Apache-2.0" if cohort.is_synthetic else "as the owner of the training images decides",
        network=config.network, network_arguments=dict(config.network_options), settings=settings,
        calibration=calibration, description=f"{entry.title}. {entry.paper}.", performance=performance,
    )

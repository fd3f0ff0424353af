"""Runs the reproduction of Lin et al. 2021 step by step; finished steps are stored in files and not repeated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.classifiers.crossvalidation import Plan
from NeuroOrbitLib.classifiers.judging import judge_by_crossvalidation, judge_package
from NeuroOrbitLib.classifiers.packing import train_package
from NeuroOrbitLib.classifiers.training_config import ClassifierConfig
from NeuroOrbitLib.dicom.fields import scan_fields
from NeuroOrbitLib.imaging.file_names import strip_ending
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.jobs.progress import Progress, part
from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.models.package import is_package
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.pipeline import orbits_of
from TAOActivityLib import task
from TAOActivityLib.sequence import check_sequence, refuse_early
from TAOActivityLib.synthetic.cohort import make_cohort
from Testing.Experiments.reproduction.results import kept
from Testing.Experiments.reproduction.tao_heat import measure_heat
from Testing.Experiments.reproduction.tao_plan import NETWORKS, Scale

PERMUTATION_SEED = 1


def run_all(scale: Scale, folder: Path, device: str, scans: Sequence[Path], progress: Progress) -> None:
    """Run every step; ``folder`` then holds a result file per step.

    :param scans: real scans that are not fat-suppressed T2.
    """
    shares = iter(_shares(12))
    known, fresh, teaching = (make_cohort(folder / f"cohort-{plan.seed}", plan, progress=part(progress, *next(shares)))
                              for plan in (scale.cohort, scale.fresh, scale.teaching))
    for key in NETWORKS:
        _judged(folder / key, known, scale.config(key), device, part(progress, *next(shares)))
        config = scale.teaching_config(key)
        _judged(folder / f"{key}-teaching", teaching, config, device, part(progress, *next(shares)))
        package = _package(folder, key, teaching, config, device, part(progress, *next(shares)))
        kept(folder / f"{key}-fresh" / "evaluation.json",
             lambda package=package, key=key: judge_package(task, package, fresh, folder / f"{key}-fresh", device),
             package)
    once = replace(scale.config("b"), repeats=1)
    _judged(folder / "b-permuted", known, once, device, part(progress, *next(shares)), permutation=PERMUTATION_SEED)
    _judged(folder / "b-leak", known, once, device, part(progress, *next(shares)), by_patient=False)
    _judged(folder / "b-label-only", known, replace(once, second_task=0.0), device, part(progress, *next(shares)))
    package = ModelPackage.open(folder / "tao-b")
    kept(folder / "heat.json", lambda: measure_heat(package, fresh, scale.fresh, scale.heat, scale.heat_cases,
                                                    part(progress, 0.9, 0.95)), package)
    for scan in scans:
        kept(folder / "real" / f"{strip_ending(scan.name)}.json", lambda scan=scan: sequence_row(scan, device))
    progress(1.0, "Done")


def sequence_row(scan: Path, device: str) -> dict[str, Any]:
    """Return the module's response to a scan that it is asked to classify."""
    image, tags = load_image(scan), scan_fields(scan)
    try:
        refuse_early(image, tags)
        labels = orbits_of(image, device)
    except Problem as problem:
        return {"scan": scan.name, "usable": False, "text": str(problem), "vitreous": None, "fat": None}
    found = check_sequence(image, labels, tags)
    return {"scan": scan.name, "usable": found.usable, "text": found.text, "vitreous": _number(found.vitreous),
            "fat": _number(found.fat)}


def _judged(folder: Path, cohort: Cohort, config: ClassifierConfig, device: str, progress: Progress,
            **options: Any) -> dict[str, Any]:
    done = folder / "evaluation.json"
    if done.exists():
        found = json.loads(done.read_text(encoding="utf-8"))
        if len(found["repeats"]) == config.repeats:
            return found
    plan = Plan(config.folds, config.repeats, config.seed, **options)
    return judge_by_crossvalidation(task.TASK, cohort, task.estimator_of(config, device), folder, plan, config.title,
                                    config.threshold, task.baselines(cohort), progress)


def _package(folder: Path, key: str, cohort: Cohort, config: ClassifierConfig, device: str,
             progress: Progress) -> ModelPackage:
    place = folder / f"tao-{key}"
    if is_package(place):
        package = ModelPackage.open(place)
        if package.facts.settings["training"] == json.loads(json.dumps(config.as_dict())):
            return package
    return train_package(task.TASK, cohort, task.estimator_of(config, device), config,
                         task.package_words(config, cohort),
                         place, folder / f"{key}-teaching", task.documents, progress)


def _number(value: float) -> float | None:
    return round(value, 2) if value == value else None


def _shares(count: int) -> list[tuple[float, float]]:
    return [(0.9 * place / count, 0.9 * (place + 1) / count) for place in range(count)]

"""Parts of the validation that process one patient after another: explanations, and masks of the orbit model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from IVGCResponseLib.pipeline import RESPONSE, orbits
from IVGCResponseLib.synthetic.plan import PlannedPatient, ResponseCohortPlan, plan_patients
from IVGCResponseLib.synthetic.scans import make_scan
from IVGCResponseLib.task import RESPONDER
from NeuroOrbitLib.classifiers.question import Question
from NeuroOrbitLib.evaluation.classification.roc import area_under_curve, delong_test
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.jobs.tasks import run_tasks
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.saliency.sanity import randomised_copy
from Testing.Experiments.validation.response.steps import MODEL, OTHER, shipped

RANDOM = "random"


def leaders(plan: ResponseCohortPlan, folder: Path, count: int | None, progress: Progress) -> dict[str, Any]:
    """Return for how many correctly predicted responders the explanation names the generator's leading muscle.

    :param count: number of responders, correctly predicted or not, in the order of the plan; ``None`` for all of them.
    """
    asked = [patient for patient in plan_patients(plan) if patient.label == RESPONDER][:count]
    packages = [shipped(name).sha256 for name in (MODEL, OTHER)]
    rows = run_tasks(explained, {patient.name: patient for patient in asked}, folder / "leaders",
                     {"seed": plan.seed, "packages": packages, "replaced_by": "mean signal, pattern kept"}, None,
                     progress)
    found = {}
    for name, whose in ((MODEL, MODEL), (OTHER, OTHER), (RANDOM, MODEL)):
        called = [row for row in rows if row["called"][whose]]
        found[name] = agreement([row[name] for row in called], [row["leader"] for row in called])
    return {"responders": len(rows), "models": found}


def agreement(named: Sequence[str], leading: Sequence[str]) -> dict[str, float]:
    """Return how often the named muscle is the leading one, and how often it would be by chance.

    Medial and lateral rectus lead in most responders, and a model that only takes numbers of these two hardly names any
    other. Chance is therefore not one in four, but the agreement expected if the two were independent, as in Cohen's
    kappa.
    """
    told, true = Counter(named), Counter(leading)
    by_chance = sum(told[key] * true[key] for key in true) / max(len(named), 1) ** 2
    return {"asked": len(named), "found": sum(map(str.__eq__, named, leading)), "chance": by_chance}


def explained(patient: PlannedPatient, folder: Path, progress: Progress = silent) -> dict[str, Any]:
    """Return the muscle that leads the explanation of each model, and that of RDINet with random weights."""
    scan, question = make_scan(patient), Question(patient.clinical, anyway=True, engine="own")
    found: dict[str, Any] = {"leader": patient.leader, "called": {}}
    for name in (MODEL, OTHER):
        package = shipped(name)
        asked = RESPONSE.ask(package, scan.image, scan.labels, question)
        found["called"][name] = asked.probability() >= float(package.facts.settings["threshold"])
        found[name] = RESPONSE.reasons(asked, question).leading
        if name == MODEL:
            network = randomised_copy(asked.predictor.network, patient.seed)
            random = replace(asked, predictor=replace(asked.predictor, network=network.eval()))
            found[RANDOM] = RESPONSE.reasons(random, question).leading
    progress(1.0, "Explaining responders")
    return found


def masks(plan: ResponseCohortPlan, folder: Path, count: int, progress: Progress) -> dict[str, Any]:
    """Return the performance of RDINet (clinical) with the true masks and with those of the orbit model.

    :param count: largest number of patients, in the order of the plan; the result lists those whose orbits cannot be
        segmented.
    """
    asked = plan_patients(plan)[:count]
    rows = run_tasks(segmented, {patient.name: patient for patient in asked}, folder / "masks",
                     {"seed": plan.seed, "package": shipped(MODEL).sha256}, None, progress)
    labels = np.array([patient.label for patient in asked])
    answered = np.array([row["found"] is not None for row in rows])
    true, found = (np.array([row[name] for row in rows], dtype=float)[answered] for name in ("true", "found"))
    test = delong_test(labels[answered], true, found)
    return {"asked": len(rows), "answered": int(answered.sum()), "true": area_under_curve(labels[answered], true),
            "found": area_under_curve(labels[answered], found), "difference": asdict(test.difference),
            "p": test.p_value, "mean_change": float(np.abs(true - found).mean()),
            "problems": sorted({row["problem"] for row in rows if row["problem"]})}


def segmented(patient: PlannedPatient, folder: Path, progress: Progress = silent) -> dict[str, Any]:
    """Return the probability by the true masks, and by the orbit model's masks or why there are none."""
    scan, question = make_scan(patient), Question(patient.clinical, anyway=True, engine="own")
    package = shipped(MODEL)
    row: dict[str, Any] = {"true": RESPONSE.classify(scan.image, package, scan.labels, question).probability,
                           "found": None, "problem": ""}
    try:
        own = orbits(scan.image, "cpu", silent)
        row["found"] = RESPONSE.classify(scan.image, package, own, question).probability
    except Problem as problem:
        row["problem"] = str(problem)
    progress(1.0, "Segmenting orbits")
    return row



"""Synthesis of a cohort: planned visits are scanned, prepared like real scans, and stored as crops."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.classifiers.cohort import Cohort, arrays_path, write_case_arrays, write_cohort
from NeuroOrbitLib.classifiers.task import Sample
from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.jobs.tasks import forget, run_tasks
from TAOActivityLib.preparation import place_crop, prepare
from TAOActivityLib.synthetic.inflammation import ceiling
from TAOActivityLib.synthetic.plan import ActivityCohortPlan, Visit, plan_visits
from TAOActivityLib.synthetic.scans import make_scan
from TAOActivityLib.task import arrays_of

VISITS_NAME = "visits"


def make_cohort(folder: Path, plan: ActivityCohortPlan, workers: int = 0, region: str = "both",
                progress: Progress = silent) -> Cohort:
    """Make the cohort in ``folder``, or its missing cases; the same plan gives the same cohort.

    :param folder: folder of the cohort.
    :param plan: plan of the cohort.
    :param workers: number of processes; 0 for one per processor core.
    :param region: region that the crops show, see :mod:`TAOActivityLib.preparation`.
    :param progress: receives the fraction done and a message.
    :raises Problem: when the folder holds another cohort.
    """
    folder = Path(folder).resolve()
    visits = plan_visits(plan)
    count = workers or os.cpu_count() or 1
    for visit in visits:
        if not arrays_path(folder, visit.name).exists():
            forget(folder / VISITS_NAME, visit.name)
    ratios = run_tasks(partial(make_case, cohort=folder, region=region), {visit.name: visit for visit in visits},
                       folder / VISITS_NAME, {"cohort": "synthetic", "region": region, **asdict(plan)},
                       None if count == 1 else f"local:{count}", progress)
    samples = [_sample(visit, found) for visit, found in zip(visits, ratios, strict=True)]
    return write_cohort(folder, samples, _facts(plan, region, visits))


def make_case(visit: Visit, folder: Path, progress: Progress = silent, *, cohort: Path, region: str) -> dict[str, Any]:
    """Scan one visit, prepare it, store its crop, and return its signal ratios."""
    scan = make_scan(visit)
    prepared = prepare(scan.image, scan.labels, place_crop(scan.image.grid, scan.labels, region))
    ratios = prepared.signal_ratios()
    write_case_arrays(cohort, visit.name, arrays_of(prepared))
    progress(1.0, "Scanning synthetic patients")
    return {"brain": float(ratios.highest("brain")), "temporalis": float(ratios.highest("temporalis"))}


def _sample(visit: Visit, ratios: dict[str, Any]) -> Sample:
    found = visit.inflammation
    numbers = {"score": float(found.score), "brain_ratio": ratios["brain"], "temporalis_ratio": ratios["temporalis"],
               "t2": float(found.t2)}
    return Sample(visit.name, visit.patient, int(found.active), {}, numbers)


def _facts(plan: ActivityCohortPlan, region: str, visits: Sequence[Visit]) -> dict[str, Any]:
    labels = [visit.inflammation.active for visit in visits]
    best = area_under_curve(np.array(labels), np.array([visit.inflammation.t2 for visit in visits]))
    general = ceiling()
    return {
        "synthetic": True, "region": region, **asdict(plan),
        "ceiling_auc": general["auc"], "ceiling_auc_of_this_cohort": best, "label_noise": general["label_noise"],
    }  # fmt: skip

"""Making a synthetic cohort: planned visits are scanned, prepared like real scans, and kept as crops."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from NeuroOrbitLib.classifiers.crossvalidation import check_plan
from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.files.safe import write_files
from NeuroOrbitLib.jobs.progress import Progress, silent
from TAOActivityLib.preparation import place_crop, prepare
from TAOActivityLib.prepared_cohort import PreparedCase, PreparedCohort, crop_path, write_crop, write_table
from TAOActivityLib.signal_ratio import measure_ratios
from TAOActivityLib.synthetic.inflammation import ceiling
from TAOActivityLib.synthetic.plan import CohortPlan, Visit, plan_visits
from TAOActivityLib.synthetic.scans import make_scan

RATIOS_NAME = "ratios"


def make_cohort(folder: Path, plan: CohortPlan, workers: int = 0, region: str = "both",
                progress: Progress = silent) -> PreparedCohort:
    """Make the cohort in ``folder``, or what is missing of it; the same plan gives the same cohort.

    :param workers: processes; 0 takes one per processor core.
    :param region: what the crops show, see :mod:`TAOActivityLib.preparation`.
    :raises Problem: when the folder holds another cohort.
    """
    folder = Path(folder)
    visits = plan_visits(plan)
    check_plan(folder, {"cohort": "synthetic", "region": region, **asdict(plan)})
    count = workers or os.cpu_count() or 1
    for number, _ in enumerate(_made(folder, visits, region, count), start=1):
        progress(number / len(visits), f"Scanning synthetic patients, {number} of {len(visits)}")
    cases = [_read_case(folder, visit) for visit in visits]
    return write_table(folder, cases, _facts(plan, region, visits))


def make_case(folder: Path, region: str, visit: Visit) -> str:
    """Scan one visit, prepare it and keep its crop; nothing is done when that is there already."""
    record = folder / RATIOS_NAME / f"{visit.name}.npy"
    if record.exists() and crop_path(folder, visit.name).exists():
        return visit.name
    scan = make_scan(visit)
    prepared = prepare(scan.image, scan.labels, place_crop(scan.image.grid, scan.labels, region))
    ratios = measure_ratios(prepared)
    write_crop(folder, visit.name, prepared)
    highest = [ratios.highest("brain"), ratios.highest("temporalis")]
    write_files({record: lambda path: np.save(path, highest)})
    return visit.name


def _made(folder: Path, visits: Sequence[Visit], region: str, workers: int) -> Iterator[str]:
    work = partial(make_case, folder, region)
    if workers == 1:
        yield from map(work, visits)
        return
    # Fresh processes: threads of the libraries that are already running do not survive a fork.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, visits)


def _read_case(folder: Path, visit: Visit) -> PreparedCase:
    brain, temporalis = np.load(folder / RATIOS_NAME / f"{visit.name}.npy")
    found = visit.inflammation
    return PreparedCase(visit.name, visit.patient, int(found.active), found.score, float(brain), float(temporalis),
                        found.t2)


def _facts(plan: CohortPlan, region: str, visits: Sequence[Visit]) -> dict:
    labels = [visit.inflammation.active for visit in visits]
    best = area_under_curve(np.array(labels), np.array([visit.inflammation.t2 for visit in visits]))
    general = ceiling()
    return {
        "synthetic": True, "region": region, **asdict(plan),
        "ceiling_auc": general["auc"], "ceiling_auc_of_this_cohort": best, "label_noise": general["label_noise"],
    }  # fmt: skip

"""Synthesis of a cohort: planned patients are scanned, prepared like real scans, and stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from IVGCResponseLib.study import STUDY
from IVGCResponseLib.synthetic.plan import PlannedPatient, ResponseCohortPlan, ceiling, ceiling_of, plan_patients
from IVGCResponseLib.synthetic.scans import make_scan
from NeuroOrbitLib.classifiers.cohort import Cohort, arrays_path, write_case_arrays, write_cohort
from NeuroOrbitLib.classifiers.cohort_table import ROWS_NAME, with_all_columns
from NeuroOrbitLib.classifiers.region_study import REPEATED_CASES, REPEATS, RegionSettings
from NeuroOrbitLib.classifiers.task import Sample
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.jobs.tasks import forget, run_tasks
from NeuroOrbitLib.phantom.head.surroundings import read_surroundings

NUMBERS = "numbers"


def make_cohort(folder: Path, plan: ResponseCohortPlan, settings: RegionSettings | None = None,
                scheduler: str | None = None, pixel: float | None = None, progress: Progress = silent,
                *, label_maps: Sequence[Path] = ()) -> Cohort:
    """Make the cohort in ``folder``, or its missing cases; the same plan gives the same cohort.

    :param folder: folder of the cohort.
    :param plan: plan of the cohort.
    :param settings: settings of the preparation; those of the paper by default.
    :param scheduler: scheduler, see :func:`NeuroOrbitLib.jobs.tasks.run_tasks`.
    :param pixel: edge (mm) of the pixels of all scans; larger is faster. ``None`` to draw it for each scan.
    :param progress: receives the fraction done and a message.
    :param label_maps: label maps of real heads (SynthSeg convention), which surround the orbits of the patients in
        turn; none for parametric heads.
    :raises Problem: when the folder holds another cohort, or a label map shows no head with two eyes.
    """
    heads = [path.resolve() for path in label_maps]
    for path in heads:
        _head(path)
    folder, settings = Path(folder).resolve(), settings or STUDY.settings()
    patients = plan_patients(plan)
    for patient in patients:
        if not arrays_path(folder, patient.name).exists():
            forget(folder / ROWS_NAME, patient.name)
    repeated = {patient.name for patient in _measured_again(patients)}
    work = partial(make_case, cohort=folder, settings=settings, pixel=pixel, repeated=repeated, heads=heads)
    facts = {**STUDY.facts(settings), **({"heads": [path.name for path in heads]} if heads else {})}
    described = {"cohort": "synthetic response", "pixel": pixel, **facts, **asdict(plan)}
    found = run_tasks(work, {patient.name: patient for patient in patients}, folder / ROWS_NAME, described, scheduler,
                      progress)
    rows = with_all_columns([{**patient.clinical, **_numbers(result)}
                             for patient, result in zip(patients, found, strict=True)])
    samples = [Sample(patient.name, patient.name, patient.label, {}, numbers)
               for patient, numbers in zip(patients, rows, strict=True)]
    return write_cohort(folder, samples, _facts(plan, facts, patients))


def make_case(patient: PlannedPatient, folder: Path, progress: Progress = silent, *, cohort: Path,
              settings: RegionSettings, pixel: float | None = None, repeated: Sequence[str] = (),
              heads: Sequence[Path] = ()) -> dict[str, Any]:
    """Scan one patient, prepare and store the scan, and return its measurements."""
    scan = make_scan(patient, pixel, surroundings=_head(heads[patient.seed % len(heads)]) if heads else None)
    repeats = REPEATS if patient.name in repeated else 0
    prepared, numbers = STUDY.measure_case(scan.image, scan.labels, settings, repeats, patient.seed)
    write_case_arrays(cohort, patient.name, prepared.arrays())
    progress(1.0, "Scanning synthetic patients")
    known = {name: value for name, value in numbers.items() if np.isfinite(value)}
    return {NUMBERS: known, "columns": list(numbers)}


def _measured_again(patients: Sequence[PlannedPatient]) -> Sequence[PlannedPatient]:
    """Return the patients whose features are measured again: the first ones of the training part."""
    return [patient for patient in patients if not patient.in_test][:REPEATED_CASES]


def _numbers(result: dict[str, Any]) -> dict[str, float]:
    return {name: float(result[NUMBERS].get(name, "nan")) for name in result["columns"]}


#: Real heads are cached, as many patients share one.
_head = lru_cache(maxsize=64)(read_surroundings)


def _facts(plan: ResponseCohortPlan, made: dict[str, Any], patients: list[PlannedPatient]) -> dict[str, Any]:
    general, here = ceiling(plan.effects), ceiling_of(patients, plan.effects)
    return {
        "synthetic": True, **made, "patients": plan.patients, "seed": plan.seed,
        "lead_of_horizontal_muscles": plan.effects.lead, "ceiling_auc": general["both"],
        **{f"ceiling_auc_{name}": value for name, value in general.items()},
        **{f"ceiling_auc_of_this_cohort{'' if name == 'both' else '_' + name}": value for name, value in here.items()},
        "test_cases": [patient.name for patient in patients if patient.in_test],
        "leaders": {patient.name: patient.leader for patient in patients},
    }  # fmt: skip

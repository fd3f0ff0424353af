"""Making of a synthetic cohort: planned patients are drawn, scanned if wanted, measured and stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from NeuroDifferentialLib.differential.columns import AGE, FEMALE, PLANE, PLANES, SCANNER
from NeuroDifferentialLib.differential.lesion_table import lesion_numbers
from NeuroDifferentialLib.differential.synthetic.cases import SEQUENCES, case_of_drawn, case_of_scan, simulated_scan
from NeuroDifferentialLib.differential.synthetic.plan import (
    DifferentialCohortPlan,
    PlannedPatient,
    ceiling,
    ceiling_accuracy,
    ceiling_of,
    mimics_for,
    plan_patients,
)
from NeuroOrbitLib.classifiers.cohort import Cohort, arrays_path, write_case_arrays, write_cohort
from NeuroOrbitLib.classifiers.task import Sample
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.jobs.tasks import forget, run_tasks

#: Lesions as they were drawn, or as the product finds them in a simulated FLAIR.
Masks = Literal["drawn", "segmented"]
CASES_NAME, NUMBERS = "patients", "numbers"


def make_cohort(folder: Path, plan: DifferentialCohortPlan, masks: Masks = "segmented", scheduler: str | None = None,
                progress: Progress = silent) -> Cohort:
    """Make the cohort, or its missing cases, in ``folder`` and return it; the same plan gives the same cohort.

    :param folder: folder of the cohort.
    :param plan: size and seed of the cohort.
    :param masks: ``"segmented"`` to simulate a FLAIR of every patient and find the lesions in it, about half a minute
        each; ``"drawn"`` to take the lesions as drawn, in seconds.
    :param scheduler: see :func:`NeuroOrbitLib.jobs.tasks.run_tasks`.
    :param progress: receives the fraction done and a message.
    :raises Problem: when the folder contains another cohort.
    """
    folder = Path(folder).resolve()
    patients = plan_patients(plan)
    for patient in patients:
        if not arrays_path(folder, patient.name).exists():
            forget(folder / CASES_NAME, patient.name)
    described = {"cohort": "synthetic NMOSD and MS", "masks": masks, **asdict(plan)}
    work = partial(make_case, cohort=folder, masks=masks)
    found = run_tasks(work, {patient.name: patient for patient in patients}, folder / CASES_NAME, described, scheduler,
                      progress)
    samples = [Sample(patient.name, patient.name, patient.label, {}, _numbers(result))
               for patient, result in zip(patients, found, strict=True)]
    return write_cohort(folder, samples, {**_facts(plan, patients), "masks": masks})


def make_case(patient: PlannedPatient, folder: Path, progress: Progress = silent, *, cohort: Path, masks: Masks
              ) -> dict[str, Any]:
    """Draw one patient, scan and segment if wanted, store the arrays, and return the measured numbers."""
    progress(0.0, "Making synthetic patients")
    numbers = {AGE: patient.lesions.age, FEMALE: float(patient.female), PLANE: np.nan, SCANNER: np.nan}
    if masks == "drawn":
        arrays, report = case_of_drawn(patient)
    else:
        scan = simulated_scan(patient)
        arrays, report = case_of_scan(scan)
        numbers |= {PLANE: float(PLANES.index(scan.plane)), SCANNER: float(SEQUENCES.index(scan.sequence))}
    write_case_arrays(cohort, patient.name, arrays)
    numbers |= lesion_numbers(report)
    return {NUMBERS: {name: value if np.isfinite(value) else None for name, value in numbers.items()}}


def _numbers(result: Mapping[str, Any]) -> dict[str, float]:
    return {name: float("nan") if value is None else float(value) for name, value in result[NUMBERS].items()}


def _facts(plan: DifferentialCohortPlan, patients: list[PlannedPatient]) -> dict[str, Any]:
    mimics = mimics_for()
    return {
        "synthetic": True, "patients": plan.patients, "seed": plan.seed, "mix_nmosd_like_ms": round(mimics, 4),
        "mix_ms_like_nmosd": round(mimics / 2, 4), "ceiling_auc": ceiling(mimics),
        "ceiling_accuracy": ceiling_accuracy(), "ceiling_auc_of_this_cohort": ceiling_of(patients),
    }  # fmt: skip

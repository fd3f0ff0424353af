"""A folder of synthetic patients: scans, label maps, truth and a manifest."""

from __future__ import annotations

import json
from collections.abc import Sequence as Several
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from NeuroOrbitLib.files.safe import write_rows, write_text
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.phantom.patients.patient import DEFAULT_PROTOCOLS, Patient, make_patient
from NeuroOrbitLib.phantom.scanner.protocols import protocol
from NeuroOrbitLib.phantom.truth.measures import true_measures

MANIFEST = "manifest.csv"
MANIFEST_COLUMNS = ("patient", "protocol", "modality", "image", "labels", "truth", "sex", "severity", "activity")


@dataclass(frozen=True)
class PhantomCohortPlan:
    """The plan of a cohort of synthetic patients.

    :param count: number of patients.
    :param seed: seed of all patients.
    :param severity, activity: as for :func:`~.patient.make_patient`; drawn for each patient if ``None``.
    :param protocols: names of the scans of each patient.
    """

    count: int
    seed: int = 0
    severity: float | None = None
    activity: float | None = None
    protocols: Several[str] = DEFAULT_PROTOCOLS


def write_cohort(folder: str | Path, plan: PhantomCohortPlan, progress: Progress = silent) -> Path:
    """Write synthetic patients to ``folder`` and return the path of ``manifest.csv``.

    Each patient has a folder ``patient-0001`` with ``<protocol>.nii.gz``, ``<protocol>_labels.nii.gz`` and
    ``truth.json``. Patient ``n`` depends on the seed and ``n`` only, not on the number of patients.

    :raises Problem: for an unknown protocol or a folder that cannot be written.
    """
    folder = Path(folder)
    for name in plan.protocols:
        protocol(name)
    rows: list[dict] = []
    for number in range(1, plan.count + 1):
        report = part(progress, (number - 1) / plan.count, number / plan.count)
        patient = make_patient(patient_seed(plan.seed, number), plan.severity, plan.activity,
                               protocols=plan.protocols, progress=report)
        rows += write_patient(folder, f"patient-{number:04d}", patient)
    return write_manifest(folder, rows)


def patient_seed(seed: int, number: int) -> int:
    """Return the seed of the patient with this number in the cohort with this seed."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])


def write_patient(folder: Path, name: str, patient: Patient) -> list[dict]:
    """Write a patient's files and return its rows of the manifest (paths relative to ``folder``).

    :raises ValueError: for a child, whose true measures are not known.
    """
    if patient.pose.scale != 1:
        raise ValueError("The true measures of a head that its pose makes smaller or larger are not known.")
    rows = []
    truth_path = folder / name / "truth.json"
    truth = {**patient.truth, "measures": true_measures(patient.head)}
    write_text(truth_path, json.dumps(truth, indent=2) + "\n")
    for key, scan in patient.scans.items():
        image = save_image(scan.image, folder / name / f"{key}.nii.gz")
        labels = save_image(scan.labels, folder / name / f"{key}_labels.nii.gz")
        values = (name, key, scan.protocol.modality, *(path.relative_to(folder).as_posix() for path in
                                                       (image, labels, truth_path)),
                  patient.truth["sex"], round(patient.truth["severity"], 4), round(patient.truth["activity"], 4))
        rows.append(dict(zip(MANIFEST_COLUMNS, values, strict=True)))
    return rows


def write_manifest(folder: Path, rows: list[dict]) -> Path:
    """Write ``manifest.csv`` with one row per scan, and return its path."""
    return write_rows(folder / MANIFEST, MANIFEST_COLUMNS, rows)

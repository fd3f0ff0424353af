"""Two sample patients before treatment: the muscles of one indicate a response, those of the other do not."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from IVGCResponseLib.synthetic.muscles import MuscleEffects
from IVGCResponseLib.synthetic.plan import PlannedPatient, ResponseCohortPlan, plan_patients
from IVGCResponseLib.synthetic.scans import make_scan
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.phantom.patients.patient import Scan
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Label of each kind.
KINDS = {"responder": 1, "non-responder": 0}
_PLAN = ResponseCohortPlan(60, seed=7_300)
#: Percentage of the kind's patients who are less clear; the clearest ones look unlike a model's training images.
_CLEARER_THAN = 70


def sample_patient(kind: str) -> PlannedPatient:
    """Return a patient whose muscles indicate the class more clearly than most of a cohort; it is always the same.

    :param kind: a name in :data:`KINDS`.
    :raises Problem: for an unknown name.
    """
    if kind not in KINDS:
        raise Problem(_("There is no sample {kind!r}. Choose one of: {kinds}.").format(kind=kind, kinds=KINDS))
    patients = [patient for patient in plan_patients(_PLAN) if patient.label == KINDS[kind]]
    ratios = MuscleEffects().log_ratios(np.array([patient.muscles for patient in patients]))
    clear = ratios if KINDS[kind] else -ratios
    return patients[int(np.argmin(np.abs(clear - np.percentile(clear, _CLEARER_THAN))))]


def make_sample(kind: str) -> Scan:
    """Return the scan of a sample patient with its label map, which is always the same."""
    return make_scan(sample_patient(kind))


def write_sample(kind: str, path: str | Path, progress: Progress = silent) -> None:
    """Write a sample scan to a file.

    :param kind: a name in :data:`KINDS`.
    :param path: file to write (NIfTI, NRRD or MetaImage).
    :param progress: receives the fraction done and a message.
    :raises Problem: for an unknown kind, or if the file cannot be written.
    """
    progress(0.1, _("Scanning a synthetic patient"))
    save_image(make_sample(kind).image, path)

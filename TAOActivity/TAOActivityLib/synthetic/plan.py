"""The plan of a synthetic cohort: patients, visits, inflammation and labels, before any image is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _
from TAOActivityLib.synthetic.inflammation import (
    SINGLE_ACTIVE,
    UNTREATED_ACTIVE,
    Inflammation,
    draw_items,
    draw_t2,
    treated_t2,
)

_TRIES = 20_000


@dataclass(frozen=True)
class ActivityCohortPlan:
    """Size of a cohort; the default is that of Lin et al. 2021.

    :param patients: number of patients.
    :param scans: number of scans; those beyond one per patient are second visits after treatment.
    :param active: number of scans that the clinical score calls active.
    :param seed: seed of all random choices.
    """

    patients: int = 108
    scans: int = 160
    active: int = 50
    seed: int = 0


@dataclass(frozen=True)
class Visit:
    """A visit at which a scan is made.

    :param name: name of the scan.
    :param patient: name of the patient.
    :param number: 1, or 2 after treatment.
    :param head_seed: seed of the patient's anatomy, the same at both visits.
    :param scan_seed: seed of position, scanner, artefacts and noise of this visit.
    :param severity: severity of the disease, 0 to 1.
    :param inflammation: inflammation of the muscles, with the doctor's score.
    """

    name: str
    patient: str
    number: int
    head_seed: int
    scan_seed: int
    severity: float
    inflammation: Inflammation


def plan_visits(plan: ActivityCohortPlan) -> list[Visit]:
    """Draw patients until the cohort has the planned numbers; patients who would exceed a number are left out.

    :raises Problem: for numbers that cannot be combined.
    """
    _check(plan)
    rng = np.random.default_rng([plan.seed, 1])
    left = {True: plan.active, False: plan.scans - plan.active}
    visits: list[Visit] = []
    for number in range(1, plan.patients + 1):
        count = 2 if number <= plan.scans - plan.patients else 1
        drawn = _fitting(rng, count, left)
        for found in drawn:
            left[found.active] -= 1
        visits += _visits(f"P{number:03d}", drawn, rng, plan.seed * 100_000 + number)
    return visits


def _fitting(rng: np.random.Generator, count: int, left: dict[bool, int]) -> list[Inflammation]:
    for drawn in _courses(rng, count):
        active = sum(found.active for found in drawn)
        if active <= left[True] and count - active <= left[False]:
            return drawn
    raise Problem(_("No cohort with these numbers was found. Choose a share of active scans nearer to a third."))


def _courses(rng: np.random.Generator, count: int) -> Iterator[list[Inflammation]]:
    for _attempt in range(_TRIES):
        t2 = draw_t2(rng, SINGLE_ACTIVE if count == 1 else UNTREATED_ACTIVE)
        values = [t2] if count == 1 else [t2, treated_t2(rng, t2)]
        yield [Inflammation(float(value[0]), tuple(draw_items(rng, value)[0].tolist())) for value in values]


def _visits(patient: str, drawn: list[Inflammation], rng: np.random.Generator, seed: int) -> list[Visit]:
    severity = float(np.clip(rng.beta(1.6, 2.2) + 0.006 * (drawn[0].t2 - 68.0), 0.05, 1.0))
    return [Visit(f"{patient}-{number}", patient, number, seed, seed * 10 + number,
                  severity if number == 1 else severity * float(rng.uniform(0.8, 1.0)), found)
            for number, found in enumerate(drawn, start=1)]


def _check(plan: ActivityCohortPlan) -> None:
    if not 1 <= plan.patients <= plan.scans <= 2 * plan.patients:
        raise Problem(_("{scans} scans of {patients} patients: each patient has one scan or two.").format(
            scans=plan.scans, patients=plan.patients))
    if not 0 <= plan.active <= plan.scans:
        raise Problem(_("{active} of {scans} scans cannot be active.").format(active=plan.active, scans=plan.scans))

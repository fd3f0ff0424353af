"""The plan of a synthetic cohort: class, muscles and clinical features of each patient, before any image is made."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from IVGCResponseLib.clinical import clinical_columns
from IVGCResponseLib.synthetic.clinical_priors import draw_clinical, log_ratios
from IVGCResponseLib.synthetic.muscles import MuscleEffects
from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.problem import Problem

#: Cohort of Zhang et al. 2026: patients, responders (the paper does not name the positive class), and its test set.
PATIENTS, RESPONDERS, TEST, TEST_RESPONDERS = 147, 61, 30, 12


@dataclass(frozen=True)
class ResponseCohortPlan:
    """A cohort; by default of the paper's size.

    :param patients: number of patients; the share of responders is the paper's.
    :param seed: seed of all random choices.
    :param effects: differences between the classes' muscles.
    """

    patients: int = PATIENTS
    seed: int = 0
    effects: MuscleEffects = field(default_factory=MuscleEffects)

    def __post_init__(self) -> None:
        if self.patients < 4:
            raise Problem(f"A cohort of {self.patients} patients has too few of a class. Ask for 4 at least.")
        if not 0.0 <= self.effects.lead <= 1.0:
            raise Problem(f"The lead of the horizontal muscles runs from 0 to 1, not {self.effects.lead:g}.")

    @property
    def responders(self) -> int:
        """Number of responders."""
        return round(self.patients * RESPONDERS / PATIENTS)


@dataclass(frozen=True)
class PlannedPatient:
    """One patient to be scanned.

    :param name: name of the patient and the case.
    :param label: 1 for a responder, 0 for a non-responder.
    :param seed: seed of anatomy, scanner and noise, which does not depend on the class.
    :param muscles: values drawn by class, see :mod:`IVGCResponseLib.synthetic.muscles`.
    :param clinical: value of each clinical feature, NaN where missing.
    :param leader: rectus that indicates a response most strongly.
    :param in_test: whether the patient belongs to the held-out part of the paper's split.
    """

    name: str
    label: int
    seed: int
    muscles: tuple[float, ...]
    clinical: dict[str, float]
    leader: str
    in_test: bool


def plan_patients(plan: ResponseCohortPlan) -> list[PlannedPatient]:
    """Return the patients, responders and non-responders in a random order."""
    rng = np.random.default_rng([plan.seed, 41])
    labels = rng.permutation((np.arange(plan.patients) < plan.responders).astype(int))
    muscles = plan.effects.draw(rng, labels)
    clinical = draw_clinical(rng, labels, clinical_columns())
    held_out = _test_patients(rng, labels)
    return [PlannedPatient(f"P{number + 1:04d}", int(label), plan.seed * 100_000 + number + 1,
                           tuple(muscles[number].tolist()),
                           {name: float(values[number]) for name, values in clinical.items()},
                           plan.effects.leader(muscles[number]), number in held_out)
            for number, label in enumerate(labels)]


def ceiling(effects: MuscleEffects, count: int = 100_000, seed: int = 0) -> dict[str, float]:
    """Return the AUC that no classifier can exceed on average: for the image, the clinical features, and both.

    It is the AUC of the likelihood ratio over everything that the generator draws by class.

    :param effects: differences between the classes' muscles.
    :param count: number of simulated patients, which sets the accuracy.
    :param seed: seed of the random numbers.
    :return: ``image``, ``clinical`` and ``both``.
    """
    rng = np.random.default_rng([seed, 42])
    labels = np.arange(count) % 2
    columns = clinical_columns()
    image = effects.log_ratios(effects.draw(rng, labels))
    clinical = log_ratios(draw_clinical(rng, labels, columns), columns)
    return {"image": area_under_curve(labels, image), "clinical": area_under_curve(labels, clinical),
            "both": area_under_curve(labels, image + clinical)}


def ceiling_of(patients: list[PlannedPatient], effects: MuscleEffects) -> dict[str, float]:
    """Return the AUC of :func:`ceiling` for the patients of one cohort, which chance has made easier or harder."""
    labels = np.array([patient.label for patient in patients])
    columns = clinical_columns()
    image = effects.log_ratios(np.array([patient.muscles for patient in patients]))
    values = {column.name: np.array([patient.clinical[column.name] for patient in patients]) for column in columns}
    clinical = log_ratios(values, columns)
    return {"image": area_under_curve(labels, image), "clinical": area_under_curve(labels, clinical),
            "both": area_under_curve(labels, image + clinical)}


def _test_patients(rng: np.random.Generator, labels: np.ndarray) -> set[int]:
    """Return the held-out patients of a stratified split in the paper's proportions."""
    shares = ((1, TEST_RESPONDERS / RESPONDERS), (0, (TEST - TEST_RESPONDERS) / (PATIENTS - RESPONDERS)))
    chosen = [rng.permutation(np.flatnonzero(labels == label))[:round(share * int((labels == label).sum()))]
              for label, share in shares]
    return set(np.concatenate(chosen).tolist())

"""Tests whether lesions in places of one disease matter most to a model, and whether that requires its training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroDifferentialLib.differential.asking import AskWithout, asks_images, asks_tables
from NeuroDifferentialLib.differential.estimators import TABLE, tabular_of
from NeuroDifferentialLib.differential.explanation import lesion_effects
from NeuroDifferentialLib.differential.lesion_image import lesion_image
from NeuroDifferentialLib.differential.patient import Patient
from NeuroDifferentialLib.differential.synthetic.cases import drawn_map
from NeuroDifferentialLib.differential.synthetic.heads import HEADS, head
from NeuroDifferentialLib.differential.synthetic.plan import (
    OWN_VOLUME,
    DifferentialCohortPlan,
    Drawn,
    PlannedPatient,
    log_ratio,
    plan_patients,
)
from NeuroDifferentialLib.pipeline import measure
from NeuroDifferentialLib.task import input_of, predictor_of
from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.classifiers.number_predictor import is_of_numbers
from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.phantom.brain.plan import FREQUENCIES, Pattern
from NeuroOrbitLib.saliency.sanity import randomised_copy, rank_correlation

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.package_predictor import PackagePredictor

#: Ratio of a pattern's frequencies in the diseases from which on it belongs to one of them.
SPECIFIC_RATIO = 2.0
#: Smallest number of lesions of patients who are ranked.
_LEAST = 4
#: Number of permutations of the labels for an untrained learner.
_PERMUTED = 5


@dataclass(frozen=True)
class KnownLesions:
    """A drawn patient for whom the evidence of each lesion is known.

    :param patient: patient with measured lesions; the parts of the brain replace the FLAIR, which does not exist.
    :param specific: whether a lesion, by its number, has a pattern that belongs to one disease.
    :param evidence: decrease of the log likelihood ratio, NMOSD to MS, without the lesion.
    """

    patient: Patient
    specific: Mapping[int, bool]
    evidence: Mapping[int, float]


def specific_patterns() -> frozenset[Pattern]:
    """Return the patterns of lesions that are at least twice as frequent in one disease as in the other."""
    return frozenset(pattern for pattern, by_disease in FREQUENCIES.items()
                     if _ratio(*(probability for probability, _ in by_disease)) >= SPECIFIC_RATIO)


def known_lesions(planned: PlannedPatient) -> KnownLesions:
    """Draw a patient and return its lesions with the evidence of each."""
    drawn, brain = drawn_map(planned), head(planned.seed % HEADS)
    numbers, anatomy = brain.labels.with_array(drawn.numbers), brain.labels.with_array(brain.parts)
    report = measure(numbers, anatomy)
    patient = Patient(anatomy, anatomy, report, lesion_image(report.numbers, anatomy))
    whole = drawn_by_class(planned)
    ratio, patterns = log_ratio(whole), specific_patterns()
    plans = {lesion.number: lesion.plan for lesion in drawn.lesions}
    specific, evidence = {}, {}
    for lesion in report.lesions:
        plan = plans[_mostly(drawn.numbers[report.numbers.array == lesion.number])]
        place = next(place for place, each in enumerate(planned.lesions.lesions) if each is plan)
        specific[lesion.number] = plan.pattern in patterns
        evidence[lesion.number] = ratio - log_ratio(whole[:place] + whole[place + 1:])
    return KnownLesions(patient, specific, evidence)


def drawn_by_class(planned: PlannedPatient) -> Drawn:
    """Return the values drawn by class for a planned patient, in the order of its lesions."""
    return tuple((lesion.pattern, None if lesion.pattern in OWN_VOLUME else lesion.volume)
                 for lesion in planned.lesions.lesions)


def judge_explanations(package: ModelPackage, plan: DifferentialCohortPlan, count: int, cohort: Cohort,
                       progress: Progress = silent) -> dict[str, Any]:
    """Leave out the lesions of drawn patients one by one, and compare the effects with the truth.

    :param plan: plan of the patients, who are new to the package.
    :param count: largest number of patients.
    :param cohort: cohort whose labels are permuted for an untrained learner on the lesion table.
    :return: for ``trained`` and ``random``, means over patients: ``places``, the AUC with which the size of a lesion's
        effect separates patterns of one disease from others; ``evidence``, the rank correlation of the effects with the
        evidence that the generator assigned to each lesion; and the numbers of ``patients`` and ``lesions``.
    """
    predictors = {"trained": [predictor_of(package)], "random": _know_nothing(package, cohort)}
    found: dict[str, list[dict[str, float]]] = {name: [] for name in predictors}
    planned, lesions = plan_patients(plan)[:count], 0
    for number, patient in enumerate(planned):
        progress(number / len(planned), f"Leaving out lesions of patient {number + 1} of {len(planned)}")
        known = known_lesions(patient)
        if len(known.specific) < _LEAST:
            continue
        lesions += len(known.specific)
        for name, several in predictors.items():
            found[name] += [_ranked(known, _asks(each, package, known.patient)) for each in several]
    return {"patients": len(planned), "lesions": lesions, **{name: _means(rows) for name, rows in found.items()}}


def _ranked(known: KnownLesions, ask: AskWithout) -> dict[str, float]:
    patient = known.patient
    effects = lesion_effects(ask, patient.lesions.image.array, patient.lesions.numbers)
    kept = [effect for effect in effects if effect.number in known.specific]
    specific = np.array([int(known.specific[effect.number]) for effect in kept])
    sizes = np.array([abs(effect.beyond_volume) for effect in kept])
    evidence = np.array([known.evidence[effect.number] for effect in kept])
    places = area_under_curve(specific, sizes) if 0 < specific.sum() < len(specific) else float("nan")
    return {"places": places, "evidence": rank_correlation(np.array([effect.change for effect in kept]), evidence)}


def _asks(predictor: PackagePredictor, package: ModelPackage, patient: Patient) -> AskWithout:
    return asks_tables(predictor, patient) if is_of_numbers(package) else asks_images(
        predictor, patient.array(input_of(package)))


def _know_nothing(package: ModelPackage, cohort: Cohort) -> list[PackagePredictor]:
    """Return the package's network with random weights; or learners on the same numbers trained on permuted labels."""
    predictor = predictor_of(package)
    if not is_of_numbers(package):
        return [replace(predictor, network=randomised_copy(predictor.network))]
    learner = replace(tabular_of(TABLE, "logistic", "permuted"), columns=predictor.columns)
    return [learner.fit(cohort.permuted(seed), range(len(cohort))) for seed in range(1, _PERMUTED + 1)]


def _means(rows: Sequence[Mapping[str, float]]) -> dict[str, float | None]:
    """Return the mean of each measure over the patients who have one."""
    known = {key: [row[key] for row in rows if np.isfinite(row[key])] for key in ("places", "evidence")}
    return {key: float(np.mean(values)) if values else None for key, values in known.items()}


def _mostly(values: Sequence[int]) -> int:
    present = np.asarray(values)
    return int(np.bincount(present[present > 0]).argmax())


def _ratio(first: float, second: float) -> float:
    return max(first, second) / max(min(first, second), 1e-4)

"""Plan of a synthetic cohort: class and lesions of each patient, before anything is drawn.

The classes differ in the patterns of lesions, in the number of lesions of a pattern, and in the volume of single
lesions; shape, edge and signal of a lesion do not depend on the class, nor do age, sex, head and scanner. Some patients
have the lesions of the other disease, like seronegative patients and mimics; their share is chosen so that the
likelihood ratio of everything that depends on the class reaches an AUC of :data:`CEILING_AUC`, which no classifier can
exceed on average.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy.stats import nbinom, norm

from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.phantom.brain.plan import FREQUENCIES, Disease, LesionPlan, PatientPlan, Pattern, random_lesion
from NeuroOrbitLib.problem import Problem

#: Number of patients in the paper, and of patients with NMOSD among them.
PATIENTS, NMOSD_PATIENTS = 88, 41
#: AUC that is reached by brain lesions alone according to the literature.
CEILING_AUC = 0.77
#: Log-normal volume of a single lesion by disease: median (mm3) and SD of its logarithm; and limits (mm3) of volumes.
SINGLE_VOLUME = {Disease.MS: (60.0, 1.1), Disease.NMOSD: (35.0, 1.0)}
SMALLEST, LARGEST = 5.0, 6000.0
#: Patterns whose volume depends on the pattern and not on the disease.
OWN_VOLUME = (Pattern.PUNCTATE, Pattern.EPENDYMAL_DOT, Pattern.TUMEFACTIVE, Pattern.CLOUD, Pattern.LINEAR_EPENDYMAL,
              Pattern.DAWSON, Pattern.MEDULLA, Pattern.PERIAQUEDUCTAL, Pattern.HYPOTHALAMIC)
#: Shape of the negative binomial distribution of the number of lesions beyond the first.
_DISPERSION = 1.5
_DRAWN = 3000
#: Probability used for "never", so that a pattern of one disease alone is strong but finite evidence.
_NEVER = 1e-4

#: Everything that depends on the class: for each lesion its pattern, and its volume (mm3) if that depends on the class.
Drawn = tuple[tuple[Pattern, float | None], ...]


@dataclass(frozen=True)
class DifferentialCohortPlan:
    """The plan of a cohort, by default with the paper's size.

    :param patients: number of patients, at least 4; the share of NMOSD is that of the paper.
    :param seed: seed of all random choices.
    """

    patients: int = PATIENTS
    seed: int = 0

    def __post_init__(self) -> None:
        if self.patients < 4:
            raise Problem(f"A cohort of {self.patients} patients has too few of a class. Ask for 4 at least.")

    @property
    def nmosd(self) -> int:
        """Number of patients with NMOSD."""
        return round(self.patients * NMOSD_PATIENTS / PATIENTS)


@dataclass(frozen=True)
class PlannedPatient:
    """One patient to be drawn.

    :param name: name of patient and case.
    :param label: class, 1 for NMOSD and 0 for MS.
    :param seed: seed of head, shapes, scanner and noise; it does not depend on the class.
    :param female: whether the patient is a woman, as most are in both diseases.
    :param lesions: plan of the lesions, with the patient's age.
    :param log_ratio: logarithm of the likelihood ratio, NMOSD to MS, of everything that depends on the class.
    """

    name: str
    label: int
    seed: int
    female: bool
    lesions: PatientPlan
    log_ratio: float


def plan_patients(plan: DifferentialCohortPlan) -> list[PlannedPatient]:
    """Return the planned patients, with the classes in random order."""
    rng = np.random.default_rng([plan.seed, 53])
    labels = rng.permutation((np.arange(plan.patients) < plan.nmosd).astype(int))
    return [_patient(rng, f"P{number + 1:04d}", int(label), plan.seed * 100_000 + number + 1)
            for number, label in enumerate(labels)]


def _patient(rng: np.random.Generator, name: str, label: int, seed: int) -> PlannedPatient:
    disease = Disease.NMOSD if label else Disease.MS
    other = Disease.MS if label else Disease.NMOSD
    drawn = draw_by_class(rng, other if rng.random() < mimics_of(disease) else disease)
    age = float(np.clip(rng.normal(38, 11), 16, 75))
    caps = float(np.clip(rng.normal(0.4 + 0.035 * (age - 20), 0.5), 0.0, 3.0))
    lesions = tuple(_lesion(rng, pattern, volume) for pattern, volume in drawn)
    return PlannedPatient(name, label, seed, bool(rng.random() < 0.85), PatientPlan(disease, age, caps, lesions),
                          log_ratio(drawn))


def draw_by_class(rng: np.random.Generator, disease: Disease) -> Drawn:
    """Return everything that depends on the class, for a random patient with at least one lesion."""
    while True:
        found: list[tuple[Pattern, float | None]] = []
        for pattern, by_disease in FREQUENCIES.items():
            probability, mean = by_disease[disease is Disease.MS]
            if rng.random() < probability:
                found += [(pattern, None if pattern in OWN_VOLUME else _volume(rng, disease))
                          for _ in range(_number(rng, mean))]
        if found:
            return tuple(found)


def log_ratio(drawn: Drawn) -> float:
    """Return the logarithm of the likelihood ratio, NMOSD to MS, of everything that depends on the class."""
    return _log_likelihood(drawn, Disease.NMOSD) - _log_likelihood(drawn, Disease.MS)


def ceiling(mimics: float) -> float:
    """Return the AUC that no classifier can exceed on average.

    The likelihood ratio of the mixed classes increases with that of the pure classes, so that its AUC is a mixture of
    the pure AUC.

    :param mimics: share of NMOSD patients with the lesions of MS; the share of the converse is half of it.
    """
    pure, back = pure_auc(), mimics / 2
    same = (1 - mimics) * back + mimics * (1 - back)
    return (1 - mimics) * (1 - back) * pure + 0.5 * same + mimics * back * (1 - pure)


@cache
def mimics_for(auc: float = CEILING_AUC) -> float:
    """Return the share of NMOSD patients with the lesions of MS for which the ceiling is ``auc``."""
    low, high = 0.0, 2.0 / 3.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if ceiling(middle) > auc else (low, middle)
    return (low + high) / 2


def mimics_of(disease: Disease) -> float:
    """Return the share of a disease's patients who have the lesions of the other disease."""
    return mimics_for() / (1 if disease is Disease.NMOSD else 2)


@cache
def pure_auc() -> float:
    """Return the AUC of the likelihood ratio between patients who all have the lesions of their own disease."""
    return area_under_curve(*_pure_sample())


@cache
def ceiling_accuracy() -> float:
    """Return the share of patients whom the likelihood ratio classifies correctly, in the paper's proportions."""
    labels, ratios = _pure_sample()
    share = NMOSD_PATIENTS / PATIENTS
    mimics, back = mimics_of(Disease.NMOSD), mimics_of(Disease.MS)
    odds = np.exp(np.clip(ratios, -50, 50))
    nmosd, ms = (1 - mimics) * odds + mimics, (1 - back) + back * odds
    said = share * nmosd > (1 - share) * ms
    said_of = [float(said[labels == looks].mean()) for looks in (0, 1)]
    right_nmosd = (1 - mimics) * said_of[1] + mimics * said_of[0]
    right_ms = (1 - back) * (1 - said_of[0]) + back * (1 - said_of[1])
    return share * right_nmosd + (1 - share) * right_ms


def ceiling_of(patients: list[PlannedPatient]) -> float:
    """Return the AUC of the likelihood ratio in one cohort, which varies by chance."""
    return area_under_curve(np.array([patient.label for patient in patients]),
                            np.array([patient.log_ratio for patient in patients]))


@cache
def _pure_sample() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(57)
    labels = np.arange(2 * _DRAWN) % 2
    return labels, np.array([log_ratio(draw_by_class(rng, Disease.NMOSD if label else Disease.MS))
                             for label in labels])


def _log_likelihood(drawn: Drawn, disease: Disease) -> float:
    total = 0.0
    for pattern, by_disease in FREQUENCIES.items():
        probability, mean = by_disease[disease is Disease.MS]
        probability = min(max(probability, _NEVER), 1 - _NEVER)
        number = sum(own is pattern for own, _ in drawn)
        total += math.log(probability) + _log_number(number, mean) if number else math.log(1 - probability)
    return total + sum(_log_volume(volume, disease) for _, volume in drawn if volume is not None)


def _log_volume(volume: float, disease: Disease) -> float:
    """Return the log density of a volume's logarithm, up to a constant that is equal for both diseases."""
    median, spread = SINGLE_VOLUME[disease]
    away = math.log(volume / median) / spread
    return -0.5 * away**2 - math.log(spread) - _log_inside(disease)


@cache
def _log_inside(disease: Disease) -> float:
    """Return the logarithm of the share of volumes between the limits."""
    median, spread = SINGLE_VOLUME[disease]
    low, high = ((math.log(edge) - math.log(median)) / spread for edge in (SMALLEST, LARGEST))
    return math.log(norm.cdf(high) - norm.cdf(low))


@cache
def _log_number(number: int, mean: float) -> float:
    if mean <= 1.0:
        return 0.0 if number == 1 else math.log(_NEVER)
    return float(nbinom.logpmf(number - 1, _DISPERSION, _DISPERSION / (_DISPERSION + mean - 1)))


def _number(rng: np.random.Generator, mean: float) -> int:
    if mean <= 1.0:
        return 1
    return 1 + int(rng.negative_binomial(_DISPERSION, _DISPERSION / (_DISPERSION + mean - 1)))


def _volume(rng: np.random.Generator, disease: Disease) -> float:
    median, spread = SINGLE_VOLUME[disease]
    while True:
        volume = float(median * np.exp(rng.normal(0, spread)))
        if SMALLEST <= volume <= LARGEST:
            return volume


def _lesion(rng: np.random.Generator, pattern: Pattern, volume: float | None) -> LesionPlan:
    """Return a lesion with the shape and signal of a random disease, independent of the patient's class."""
    lesion = random_lesion(rng, pattern, Disease.MS if rng.random() < 0.5 else Disease.NMOSD)
    return lesion if volume is None else replace(lesion, volume=volume)

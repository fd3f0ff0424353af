"""The lesions of a patient before they are drawn: patterns, counts, sizes and shapes by disease.

Frequencies of the patterns are those of a cohort with brain lesions (25 patients with neuromyelitis optica spectrum
disorder, 29 with multiple sclerosis; BMC Neurology 2014, doi:10.1186/s12883-014-0218-8, table 2); counts and volumes
are the literature's, where it has them. The diseases overlap widely, as they do in patients.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np


class Disease(Enum):
    """The cause of the lesions."""

    MS = "MS"
    NMOSD = "NMOSD"


class Pattern(Enum):
    """Kind and location of a lesion."""

    JUXTACORTICAL = "juxtacortical"
    DEEP_WHITE = "deep white matter"
    BASAL_GANGLIA = "basal ganglia"
    PERIVENTRICULAR = "periventricular"
    TEMPORAL = "temporal lobe"
    INFRATENTORIAL = "infratentorial"
    MEDULLA = "dorsal medulla"
    CALLOSAL = "corpus callosum"
    PERIAQUEDUCTAL = "periaqueductal"
    HYPOTHALAMIC = "hypothalamus"
    U_FIBRE = "U-fibre"
    DAWSON = "Dawson finger"
    TUMEFACTIVE = "tumefactive"
    PUNCTATE = "punctate"
    LINEAR_EPENDYMAL = "linear ependymal"
    EPENDYMAL_DOT = "ependymal dot"
    CLOUD = "cloud-like"
    CONFLUENT_BAND = "confluent periventricular band"


#: For each pattern the probability of at least one lesion and the mean number if there are any, for NMOSD and MS.
FREQUENCIES: dict[Pattern, tuple[tuple[float, float], tuple[float, float]]] = {
    Pattern.JUXTACORTICAL: ((0.60, 3.0), (0.69, 5.0)),
    Pattern.DEEP_WHITE: ((0.76, 6.0), (0.73, 10.0)),
    Pattern.BASAL_GANGLIA: ((0.60, 1.5), (0.55, 1.5)),
    Pattern.PERIVENTRICULAR: ((0.60, 3.0), (0.76, 6.0)),
    Pattern.TEMPORAL: ((0.36, 1.5), (0.45, 2.5)),
    Pattern.INFRATENTORIAL: ((0.40, 1.5), (0.69, 2.5)),
    Pattern.MEDULLA: ((0.16, 1.0), (0.24, 1.0)),
    Pattern.CALLOSAL: ((0.04, 1.0), (0.34, 2.0)),
    Pattern.PERIAQUEDUCTAL: ((0.32, 1.0), (0.34, 1.0)),
    Pattern.HYPOTHALAMIC: ((0.20, 1.0), (0.07, 1.0)),
    Pattern.U_FIBRE: ((0.48, 2.0), (0.62, 3.0)),
    Pattern.DAWSON: ((0.44, 1.5), (0.55, 4.0)),
    Pattern.TUMEFACTIVE: ((0.08, 1.0), (0.03, 1.0)),
    Pattern.PUNCTATE: ((0.64, 8.0), (0.28, 4.0)),
    Pattern.LINEAR_EPENDYMAL: ((0.28, 1.0), (0.01, 1.0)),
    Pattern.EPENDYMAL_DOT: ((0.12, 2.0), (0.34, 3.0)),
    Pattern.CLOUD: ((0.08, 1.0), (0.0, 1.0)),
}
#: Log-normal volume of a single lesion: median mm3 and SD of its logarithm, by disease.
_SINGLE_VOLUME = {Disease.MS: (60.0, 1.1), Disease.NMOSD: (35.0, 1.0)}
#: Smallest volume (ml) of all lesions of a patient together: that of a few small ones.
SMALLEST_LOAD = 0.05
#: Patterns with a size of their own: range in mm3.
_OWN_VOLUME = {Pattern.PUNCTATE: (4.0, 30.0), Pattern.EPENDYMAL_DOT: (4.0, 25.0),
               Pattern.TUMEFACTIVE: (9000.0, 25000.0), Pattern.CLOUD: (5000.0, 30000.0),
               Pattern.LINEAR_EPENDYMAL: (150.0, 900.0),
               Pattern.DAWSON: (60.0, 900.0), Pattern.MEDULLA: (20.0, 200.0), Pattern.PERIAQUEDUCTAL: (20.0, 250.0),
               Pattern.HYPOTHALAMIC: (20.0, 250.0)}
_ROUND = (Pattern.PUNCTATE, Pattern.CLOUD, Pattern.TUMEFACTIVE, Pattern.EPENDYMAL_DOT)
#: Width of the edges (mm) by disease.
_EDGES = {Disease.MS: (0.8, 1.5), Disease.NMOSD: (1.2, 2.4)}
#: T1 (3 T) of lesions and of black holes, mean and SD in ms. In a T1 they are about as dark as grey matter, which is
#: what two patients show whose middles of lesions lie between white matter and somewhat below grey matter.
LESION_T1, BLACK_HOLE_T1 = (1500.0, 150.0), (1750.0, 120.0)
#: T2 (ms) of a patient's lesions whose T1 is the mean one. With it, the median voxel of a patient's lesions is 1.2 to
#: 1.65 times as bright as white matter in FLAIR; in scans of five patients it is 1.35 to 1.6 times as bright.
LESION_T2 = (111.0, 144.0)
#: T2 lengthens with T1 by this power, so that black holes are bright in FLAIR as well. Relative SD between the lesions
#: of a patient, and between those of anybody.
_T2_WITH_T1, _T2_SPREAD, _T2_OF_ANYBODY = 1.3, 0.05, 0.08
_BLACK_HOLES = {Disease.MS: 0.40, Disease.NMOSD: 0.04}


@dataclass(frozen=True)
class LesionPlan:
    """A lesion before it is drawn.

    :param pattern: pattern of the lesion.
    :param volume: volume (mm3).
    :param elongation: ratio of the longest to the shortest axis.
    :param edge: width of the edge (mm).
    :param t1, t2: relaxation times (ms) of its middle at 3 T.
    """

    pattern: Pattern
    volume: float
    elongation: float
    edge: float
    t1: float
    t2: float


@dataclass(frozen=True)
class PatientPlan:
    """The brain lesions of a patient.

    :param disease: cause of the lesions.
    :param age: age in years.
    :param caps: thickness (mm) of the bright caps of the frontal and occipital horns, which come with age and are not
        lesions of the disease.
    :param lesions: the lesions.
    """

    disease: Disease
    age: float
    caps: float
    lesions: tuple[LesionPlan, ...]

    @property
    def volume_ml(self) -> float:
        """Planned volume of all lesions (ml), with overlaps counted twice."""
        return sum(lesion.volume for lesion in self.lesions) / 1000.0


def random_patient(rng: np.random.Generator, disease: Disease, mimics: float = 0.0, t2: float | None = None
                   ) -> PatientPlan:
    """Return a random patient with at least one lesion.

    :param rng: random generator.
    :param disease: cause of the lesions.
    :param mimics: probability that the lesions of NMOSD are drawn as those of MS; half of it for the reverse.
    :param t2: T2 (ms) of the patient's lesions; by default random in :data:`LESION_T2`.
    """
    share = mimics if disease is Disease.NMOSD else mimics / 2
    other = Disease.MS if disease is Disease.NMOSD else Disease.NMOSD
    looks_like = other if rng.random() < share else disease
    lesions: list[LesionPlan] = []
    t2 = t2 or float(rng.uniform(*LESION_T2))
    while not lesions:
        for pattern, by_disease in FREQUENCIES.items():
            probability, mean = by_disease[looks_like is Disease.MS]
            if rng.random() < probability:
                lesions += [random_lesion(rng, pattern, looks_like, t2) for _ in range(_count(rng, mean))]
    age = float(np.clip(rng.normal(38, 11), 16, 75))
    return PatientPlan(disease, age, _caps(rng, age), tuple(lesions))


def patient_with_load(rng: np.random.Generator, disease: Disease, volume_ml: float) -> PatientPlan:
    """Return a random patient whose lesions have a given total volume (ml, with overlaps counted twice).

    Volumes beyond 12 ml consist partly of confluent bands along the ventricles, as in patients.

    :raises ValueError: for a volume below that of a few of the smallest lesions (0.05 ml).
    """
    if volume_ml < SMALLEST_LOAD:
        raise ValueError(f"Lesions have a volume of at least {SMALLEST_LOAD} ml together, not {volume_ml}.")
    t2 = float(rng.uniform(*LESION_T2))
    patient = random_patient(rng, disease, t2=t2)
    wanted, lesions, total = 1000.0 * volume_ml, [], 0.0
    if volume_ml > 12:
        band = random_lesion(rng, Pattern.CONFLUENT_BAND, disease, t2)
        band = replace(band, volume=wanted * rng.uniform(0.35, 0.6))
        lesions, total = [band], band.volume
    while total < wanted:
        drawn = [lesion for lesion in patient.lesions if lesion.volume < 0.4 * wanted]
        for lesion in rng.permutation(np.array(drawn, dtype=object)):
            grown = replace(lesion, volume=min(lesion.volume * max(1.0, volume_ml / 8.0), wanted - total))
            lesions, total = [*lesions, grown], total + grown.volume
            if total >= wanted:
                break
        patient = replace(random_patient(rng, disease, t2=t2), age=patient.age, caps=patient.caps)
    return replace(patient, lesions=tuple(lesion for lesion in lesions if lesion.volume >= 3.0))


def random_lesion(rng: np.random.Generator, pattern: Pattern, disease: Disease, t2: float | None = None
                  ) -> LesionPlan:
    """Return one lesion of a pattern with random size, shape and relaxation.

    :param rng: random generator.
    :param pattern: pattern of the lesion.
    :param disease: cause of the lesion.
    :param t2: T2 (ms) of the patient's lesions, near which the lesion's own lies; by default that of a random patient.
    """
    if pattern in _OWN_VOLUME:
        volume = float(np.exp(rng.uniform(*np.log(_OWN_VOLUME[pattern]))))
    else:
        median, spread = _SINGLE_VOLUME[disease]
        volume = float(np.clip(median * np.exp(rng.normal(0, spread)), 5.0, 6000.0))
    elongation = rng.uniform(1.0, 1.3) if pattern in _ROUND or disease is Disease.NMOSD else rng.uniform(1.8, 3.0)
    if pattern is Pattern.DAWSON:
        elongation = rng.uniform(2.2, 3.5)
    black_hole = rng.random() < _BLACK_HOLES[disease]
    deviation, edge = rng.normal(), float(rng.uniform(*_EDGES[disease]))
    t1 = float(rng.normal(*(BLACK_HOLE_T1 if black_hole else LESION_T1)))
    middle, spread = (float(np.mean(LESION_T2)), _T2_OF_ANYBODY) if t2 is None else (t2, _T2_SPREAD)
    own_t2 = middle * np.exp(spread * deviation) * (t1 / LESION_T1[0]) ** _T2_WITH_T1
    own_t2 *= 0.97 if disease is Disease.NMOSD else 1.0
    return LesionPlan(pattern, volume, float(elongation), edge, t1, float(own_t2))


def _count(rng: np.random.Generator, mean: float) -> int:
    """Return the number of lesions of a pattern that is present: one, and an overdispersed number of others."""
    more = mean - 1.0
    return 1 + (int(rng.poisson(rng.gamma(1.5, more / 1.5))) if more > 0 else 0)


def _caps(rng: np.random.Generator, age: float) -> float:
    return float(np.clip(rng.normal(0.4 + 0.035 * (age - 20), 0.5), 0.0, 3.0))

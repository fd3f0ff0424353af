"""The published lesion criteria of NMOSD against MS as a classifier without training.

By Cacciaguerra et al. 2019 (doi:10.1002/ana.25411), at least two of five features indicate NMOSD: no juxtacortical or
cortical lesion, no periventricular lesion, no Dawson finger, a long transverse myelitis, a periependymal lesion along
the lateral ventricles. As brain MRI does not show the myelitis, four features remain, and two of them still indicate
NMOSD.

Source not verified: the features are those of the article's abstract as cited elsewhere; the article, with its
definition of each feature, could not be read when this was written. Dawson fingers, linings and periventricular lesions
are defined by this module's own measures (:mod:`NeuroDifferentialLib.criteria`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from NeuroDifferentialLib.differential.lesion_table import region_count
from NeuroDifferentialLib.places.regions import Region
from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.jobs.progress import Progress, silent

#: Column of each feature, and whether the feature is the presence (True) or absence of a lesion.
FEATURES = ((region_count(Region.JUXTACORTICAL), False), (region_count(Region.PERIVENTRICULAR), False),
            ("dawson", False), ("linings", True))
#: Score of a patient with 0 to 4 features; from two features on it is at least one half.
_SCORES = np.array([0.1, 0.3, 0.5, 0.7, 0.9])


@dataclass(frozen=True)
class CacciaguerraCriteria:
    """The criteria as an estimator without training, whose outputs are scores and no probabilities."""

    name: str = "Cacciaguerra criteria"

    def settings(self) -> dict[str, Any]:
        """Return plain data that identifies what is fitted."""
        return {"estimator": "cacciaguerra", "name": self.name}

    def fit(self, cohort: Cohort, places: Sequence[int], folder: Path | None = None, seed: int = 0,
            progress: Progress = silent) -> CacciaguerraCriteria:
        """Return the criteria unchanged."""
        return self

    def probabilities(self, cohort: Cohort, places: Sequence[int]) -> np.ndarray:
        """Return the score of MS and NMOSD, (cases, 2)."""
        scores = _SCORES[features_fulfilled(cohort.numbers([name for name, _ in FEATURES], places))]
        return np.stack([1 - scores, scores], axis=1)


def features_fulfilled(values: np.ndarray) -> np.ndarray:
    """Return the number of features visible in brain MRI that each patient has, 0 to 4, int (cases,).

    :param values: numbers of lesions (cases, 4) in the order of :data:`FEATURES`.
    """
    wanted = np.array([there for _, there in FEATURES])
    return ((values > 0) == wanted).sum(axis=1)

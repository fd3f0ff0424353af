"""The published lesion criteria of NMOSD against MS as a classifier that learns nothing.

Cacciaguerra et al. 2019 (doi:10.1002/ana.25411): NMOSD where at least two of five features are there: no juxtacortical
or cortical lesion, no periventricular lesion, no Dawson finger, a long transverse myelitis, a periependymal lesion
along the lateral ventricles. Brain MRI does not show the myelitis: four features are left, and two of them still ask
for NMOSD.

Source not verified: the features are those of the article's abstract as it is cited; the article itself, with its
definitions of each feature, could not be read when this was written. What counts as a Dawson finger, a lining or a
periventricular lesion here is this module's own measure (:mod:`NeuroDifferentialLib.criteria`).
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

#: Column of each feature, and whether it asks for a lesion (True) or for none.
FEATURES = ((region_count(Region.JUXTACORTICAL), False), (region_count(Region.PERIVENTRICULAR), False),
            ("dawson", False), ("linings", True))
#: Score of a patient with 0 to 4 features: from two on it is at least one half.
_SCORES = np.array([0.1, 0.3, 0.5, 0.7, 0.9])


@dataclass(frozen=True)
class CacciaguerraCriteria:
    """The criteria as an estimator; it learns nothing, and its numbers are scores and no probabilities."""

    name: str = "Cacciaguerra criteria"

    def settings(self) -> dict[str, Any]:
        """Return plain data that says what is fitted."""
        return {"estimator": "cacciaguerra", "name": self.name}

    def fit(self, cohort: Cohort, places: Sequence[int], folder: Path | None = None, seed: int = 0,
            progress: Progress = silent) -> CacciaguerraCriteria:
        """Return the criteria as they are."""
        return self

    def probabilities(self, cohort: Cohort, places: Sequence[int]) -> np.ndarray:
        """Return the score of MS and NMOSD, (cases, 2)."""
        scores = _SCORES[features_fulfilled(cohort.numbers([name for name, _ in FEATURES], places))]
        return np.stack([1 - scores, scores], axis=1)


def features_fulfilled(values: np.ndarray) -> np.ndarray:
    """Return how many of the four features of brain MRI each patient has, int (cases,).

    :param values: (cases, 4) in the order of :data:`FEATURES`.
    """
    wanted = np.array([there for _, there in FEATURES])
    return ((values > 0) == wanted).sum(axis=1)
